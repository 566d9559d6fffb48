import math

import pytest

from sqlalign.alignment.compare import compare, compare_many, comparisons
from sqlalign.alignment.counts import Measures
from sqlalign.errors import ProfileError, UsageError
from sqlalign.profile import Accounting, Profile, templates_table

KEYS = (
    "target training_set baseline alignment coverage overlap alignment_ratio coverage_ratio rules template_version "
    "weighting max_n delta target_statements target_templated training_statements training_templated"
)


def made(name, kind, rows, **header):
    """A profile of (template, executions, shapes) rows."""
    templated = sum(executions for _, executions, _ in rows)
    return Profile(
        name=name,
        kind=kind,
        templates=templates_table([("select", *row) for row in rows]),
        accounting=Accounting(rows_read=templated, parsed=templated, statements_found=templated, templated=templated),
        **header,
    )


def log(name="prod", **header):
    return made(name, "log", [("SELECT FROM", 1, 1), ("SELECT , FROM", 1, 1)], **header)


def training(name="bird-train", **header):
    return made(name, "training_set", [("SELECT FROM", 9, 2), ("SELECT FROM WHERE =", 1, 1)], **header)


def base(name="llama", predicted_for="prod", **header):
    return made(name, "predictions", [("SELECT FROM", 4, 1)], predicted_for=predicted_for, **header)


def test_the_fixture_of_the_method_as_a_row():
    row = compare(log(), training()).as_dict()
    assert list(row) == KEYS.split()
    assert row["alignment"] == pytest.approx(0.678514474, abs=1e-9)
    assert row["coverage"] == pytest.approx(0.827689646, abs=1e-9)
    assert row["overlap"] == pytest.approx(5 / 6)
    assert (row["target"], row["training_set"], row["baseline"]) == ("prod", "bird-train", None)
    assert (row["alignment_ratio"], row["coverage_ratio"]) == (None, None)
    assert (row["rules"], row["template_version"], row["weighting"], row["max_n"], row["delta"]) == (
        "canonical",
        1,
        "auto",
        15,
        1e-6,
    )
    assert (row["target_statements"], row["target_templated"]) == (2, 2)
    assert (row["training_statements"], row["training_templated"]) == (10, 10)


def test_ratios_are_of_the_same_two_measures():
    of_base = compare(log(), base())
    row = compare(log(), training(), base())
    assert row.alignment_ratio == row.alignment / of_base.alignment
    assert row.coverage_ratio == row.coverage / of_base.coverage


def test_auto_weights_training_sets_by_shapes_and_all_others_by_executions():
    skewed = [("SELECT FROM", 9, 1), ("SELECT , FROM", 1, 1)]
    even = [("SELECT FROM", 1, 1), ("SELECT , FROM", 1, 1)]
    as_written = {kind: made("s", kind, skewed) for kind in ("log", "queries", "predictions", "training_set")}
    assert compare(made("t", "log", even), as_written["training_set"]).alignment == 1
    for kind in ("log", "queries", "predictions"):
        assert compare(made("t", kind, skewed), made("s", "predictions", skewed)).alignment == 1
        assert compare(made("t", "log", even), as_written[kind]).alignment < 1


def test_an_explicit_weighting_holds_for_both_sides():
    skewed, even = [("SELECT FROM", 9, 1), ("SELECT , FROM", 1, 1)], [("SELECT FROM", 1, 1), ("SELECT , FROM", 1, 1)]
    assert compare(made("t", "log", skewed), made("s", "training_set", even), weighting="shapes").alignment == 1
    assert compare(made("t", "log", skewed), made("s", "training_set", skewed), weighting="executions").alignment == 1


def test_max_n_and_delta_reach_the_measure():
    """At max_n 1 both are SELECT 1/2, FROM 1/2; longer n-grams tell them apart."""
    only = made("t", "log", [("SELECT FROM", 1, 1)]), made("s", "training_set", [("SELECT , FROM", 1, 1)])
    assert compare(*only, max_n=1).alignment == 1
    assert compare(*only, max_n=1).max_n == 1
    assert compare(*only).alignment < 1
    assert compare(log(), training(), delta=0.5).alignment != compare(log(), training()).alignment


def test_many_are_the_cross_product_ranked_by_alignment():
    targets = [log("a"), made("b", "queries", [("SELECT FROM WHERE =", 3, 2)])]
    sets = [training("x"), made("y", "training_set", [("SELECT , FROM", 1, 1)])]
    rows = compare_many(targets, sets, [base("m", "a"), base("n", "b")])
    assert {(r.target, r.training_set, r.baseline) for r in rows} == {
        (t, s, b) for t in "ab" for s in "xy" for b in "mn"
    }
    assert [r.alignment for r in rows] == sorted((r.alignment for r in rows), reverse=True)
    for row in rows:
        target, training_set = next(t for t in targets if t.name == row.target), sets["xy".index(row.training_set)]
        assert row.alignment == compare(target, training_set).alignment
        assert row.baseline_fits == ((row.target, row.baseline) in {("a", "m"), ("b", "n")})


def test_equal_alignments_are_ranked_by_name():
    sets = [training("z"), training("y"), training("x")]
    assert [row.training_set for row in compare_many([log()], sets)] == ["x", "y", "z"]


def test_measures_from_elsewhere_give_the_same_rows():
    asked = []

    def measured(profile, target):
        asked.append((profile.name, target.name))
        row = compare(target, profile)
        return Measures(row.alignment, row.coverage, row.overlap)

    arguments = [log()], [training("x"), training("y")], [base()]
    assert comparisons(*arguments, measured) == compare_many(*arguments)
    assert asked == [("llama", "prod"), ("x", "prod"), ("y", "prod")]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            training(template_version=2),
            "Profile 'bird-train' has template_version 2, the target 'prod' 1. Rebuild one of them",
        ),
        (training(rules="written"), "Profile 'bird-train' has rules written, the target 'prod' canonical. .*--rules"),
        (training(max_n=10), "Profile 'bird-train' has max_n 10, less than the 15 of the comparison. .*--max-n"),
        (made("none", "training_set", []), "Profile 'none' is empty: 0 of its 0 statements .*--dialect"),
    ],
)
def test_what_cannot_be_compared_is_refused(other, message):
    with pytest.raises(ProfileError, match=message):
        compare(log(), other)


def test_a_baseline_is_checked_too():
    with pytest.raises(ProfileError, match="'llama' has template_version 2"):
        compare(log(), training(), base(template_version=2))


def test_profiles_of_other_max_n_are_compared_at_what_both_hold():
    assert compare(log(max_n=20), training(), max_n=15) == compare(log(), training(), max_n=15)


@pytest.mark.parametrize("options", [{"weighting": "rows"}, {"max_n": 0}, {"delta": 1.0}])
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError, match="--" + next(iter(options)).replace("_", "-")):
        compare(log(), training(), **options)


def test_alignment_stays_in_its_range_for_disjoint_sets():
    row = compare(made("t", "log", [("SELECT", 1, 1)]), made("s", "training_set", [("VALUES", 1, 1)]))
    assert (row.alignment, row.coverage, row.overlap) == (math.exp(-1), math.exp(-1), 0)
