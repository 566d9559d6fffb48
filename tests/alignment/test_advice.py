import pytest

from sqlalign.alignment.advice import verdict, warnings
from sqlalign.alignment.compare import Comparison
from sqlalign.profile import Accounting, Profile, templates_table


def made(name, kind="training_set", templated=1000, rejected=0, **header):
    """A profile of one template."""
    found = templated + rejected
    reasons = {"syntax_error": rejected} if rejected else {}
    return Profile(
        name=name,
        kind=kind,
        templates=templates_table([("select", "SELECT FROM", templated, 1)] if templated else []),
        accounting=Accounting(
            rows_read=found,
            parsed=templated,
            unparsable=rejected,
            statements_found=found,
            templated=templated,
            rejected=reasons,
        ),
        **{"dialects": ("snowflake",)} | header,
    )


def row(training_set="a", alignment=0.8, coverage=0.9, target="prod", baseline=None, ar=None, cr=None, fits=True):
    return Comparison(
        target=target,
        training_set=training_set,
        baseline=baseline,
        alignment=alignment,
        coverage=coverage,
        overlap=0.9,
        alignment_ratio=ar,
        coverage_ratio=ar if cr is None else cr,
        rules="canonical",
        template_version=1,
        weighting="auto",
        max_n=15,
        delta=1e-6,
        target_statements=1,
        target_templated=1,
        training_statements=1,
        training_templated=1,
        baseline_fits=fits,
    )


LOG = made("prod", "log")
FITTING = made("llama", "predictions", predicted_for="prod")


def test_nothing_to_say_of_a_sound_comparison():
    assert warnings([LOG], [made("a")], [FITTING]) == []


@pytest.mark.parametrize(("templated", "warned"), [(499, True), (500, False)])
def test_a_small_target(templated, warned):
    found = warnings([made("prod", "log", templated)], [made("a")])
    assert [text.startswith(f"Target 'prod' has only {templated}") for text in found] == [True] * warned


def test_a_small_training_set_is_no_small_target():
    assert warnings([LOG], [made("a", templated=3)]) == []


@pytest.mark.parametrize(("rejected", "warned"), [(50, False), (51, True)])
def test_a_parse_rate_under_95_percent(rejected, warned):
    """950 of 1,000 is 95 %: no warning; 949 of 1,000 is less."""
    profile = made("a", templated=1000 - rejected, rejected=rejected)
    found = warnings([LOG], [profile])
    assert len(found) == warned
    assert not warned or found[0].startswith(
        "Only 94.9 % of the statements of 'a' could be parsed (51 rejected, mostly 'syntax_error')"
    )


def test_parse_rates_of_target_and_baseline_count_too():
    poor = {"templated": 800, "rejected": 200}
    target = made("prod", "log", **poor)
    baseline = made("llama", "predictions", predicted_for="prod", **poor)
    found = warnings([target], [made("a")], [baseline])
    assert ["'prod'" in found[0], "'llama'" in found[1], len(found)] == [True, True, 2]


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        (
            made("m", "predictions", predicted_for="spider-dev"),
            "was predicted for 'spider-dev', not predicted for 'prod'",
        ),
        (made("m", "predictions"), "does not say what it answers"),
        (made("m", "queries"), "is a profile of kind 'queries'"),
    ],
)
def test_a_baseline_that_does_not_answer_the_target(baseline, said):
    (found,) = warnings([LOG], [made("a")], [baseline])
    assert said in found and "--predicted-for prod" in found


def test_canonical_templates_hide_the_dialects_once_for_all_sets():
    sets = [made("a", dialects=("sqlite",)), made("b", dialects=("",)), made("c")]
    (found,) = warnings([LOG], sets)
    assert "'prod' is snowflake" in found and "'a' (sqlite), 'b' (generic):" in found and "'c'" not in found


def test_written_templates_hide_nothing():
    assert warnings([made("prod", "log", rules="written")], [made("a", dialects=("sqlite",), rules="written")]) == []


def test_a_profile_without_its_rare_templates_says_so():
    (found,) = warnings([made("prod", "log").without_rare(5)], [made("a")])
    assert "fewer than 5 executions (0.0 % of its" in found


def test_a_warning_is_said_once():
    poor = made("x", "queries", 900, 100)
    assert len(warnings([poor], [poor, poor])) == 1


def test_the_ranking_without_a_baseline():
    assert verdict([row("b", 0.7), row("a", 0.8)]) == (
        "'a' is the best aligned with 'prod' of 2 training sets (0.80; next 'b' with 0.70). "
        "Without a baseline only the ranking can be said, not whether training on it should help."
    )


def test_one_set_without_a_baseline_says_next_to_nothing():
    assert verdict([row()]) == (
        "'a' aligns with 'prod' by 0.80. Without a baseline it cannot be said whether training on it should help."
    )


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.2, "1.20 is above 1: training on it should help"),
        (0.9, "0.90 is below 1: expect little or no gain"),
        (1.004, "1.00 is about 1 and does not say"),
        (0.996, "1.00 is about 1 and does not say"),
    ],
)
def test_what_the_alignment_ratio_means(ratio, said):
    assert said in verdict([row(baseline="llama", ar=ratio)])


def test_a_coverage_ratio_that_disagrees_is_told():
    assert "though its coverage ratio of 0.90 points the other way" in verdict([row(baseline="m", ar=1.2, cr=0.9)])
    assert "coverage ratio" not in verdict([row(baseline="m", ar=1.2, cr=1.1)])
    assert "coverage ratio" not in verdict([row(baseline="m", ar=1.2, cr=1.001)])


def test_a_baseline_of_another_target_leaves_it_open():
    said = verdict([row(baseline="m", ar=1.5, fits=False)])
    assert "should help stays open" in said and "1.50" not in said


@pytest.mark.parametrize(("second", "close"), [(0.795, True), (0.785, False)])
def test_two_sets_as_good_as_equal(second, close):
    assert ("not settled" in verdict([row("a", 0.8), row("b", second)])) == close


def test_another_set_covers_more():
    said = verdict([row("a", 0.8, 0.7), row("b", 0.6, 0.9), row("c", 0.5, 0.8)])
    assert "'b' covers more of what 'prod' asks for (coverage 0.900 against 0.700)." in said
    assert "covers more" not in verdict([row("a", 0.8, 0.9), row("b", 0.6, 0.9)])


def test_baselines_are_told_one_by_one_for_the_best_set():
    rows = [row(s, a, baseline=m, ar=a / r) for s, a in (("a", 0.8), ("b", 0.7)) for m, r in (("m", 0.5), ("n", 0.9))]
    said = verdict(rows)
    assert "of 2 training sets" in said
    assert said.count("Against baseline") == 2
    assert said.index("'m' its alignment ratio of 1.60") < said.index("'n' its alignment ratio of 0.89")


def test_each_target_has_its_own_verdict():
    said = verdict([row("a", 0.8, target="y"), row("b", 0.9, target="x"), row("a", 0.6, target="x")])
    assert said.startswith("'b' is the best aligned with 'x'") and "'a' aligns with 'y' by 0.80" in said


def test_no_rows():
    assert verdict([]) == "Nothing was compared."
