"""Profiles → rows of a comparison: every target with every training set and every baseline.

`compare_many` measures in this process. A caller that measures elsewhere (in one Spark job) takes `comparisons` with
its own measures: the rows, their order and all checks are the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalign.alignment.counts import Measures, measure
from sqlalign.alignment.divergence import DELTA, alignment_ratio, check_delta, coverage_ratio
from sqlalign.errors import ProfileError
from sqlalign.ngrams import MAX_N, check_max_n
from sqlalign.profile import WEIGHTINGS, Profile, check_choice

Measure = Callable[[Profile, Profile], Measures]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One training set (as P) compared with one target (as Q), beside one baseline or none.

    alignment, coverage in [1/e, 1]; overlap in [0, 1];
    the ratios are null without a baseline; statements are by executions.
    `baseline_fits` says whether the baseline was predicted for this target; it is not part of `as_dict`.
    """

    target: str
    training_set: str
    baseline: str | None
    alignment: float
    coverage: float
    overlap: float
    alignment_ratio: float | None
    coverage_ratio: float | None
    rules: str
    template_version: int
    weighting: str
    max_n: int
    delta: float
    target_statements: int
    target_templated: int
    training_statements: int
    training_templated: int
    baseline_fits: bool = field(default=True, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The row as plain data, for JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "baseline_fits"}


def fits(baseline: Profile, target: Profile) -> bool:
    """Whether the baseline's predictions answer the target's own questions."""
    return baseline.kind == "predictions" and baseline.predicted_for == target.name


def check_comparable(target: Profile, others: Sequence[Profile], max_n: int = MAX_N) -> None:
    """Raises ProfileError where one was of other rules than the target, holds shorter n-grams, or nothing at all."""
    for other in others:
        _check_same(target, other, "rules", "Compare profiles of one --rules.")
        _check_same(target, other, "template_version", "Rebuild one of them with 'sqlalign profile'.")
    for profile in (target, *others):
        _check_usable(profile, max_n)


def _check_same(target: Profile, other: Profile, what: str, remedy: str) -> None:
    theirs, ours = getattr(other, what), getattr(target, what)
    if theirs != ours:
        raise ProfileError(f"Profile '{other.name}' has {what} {theirs}, the target '{target.name}' {ours}. {remedy}")


def _check_usable(profile: Profile, max_n: int) -> None:
    if profile.max_n < max_n:
        raise ProfileError(
            f"Profile '{profile.name}' has max_n {profile.max_n}, less than the {max_n} of the comparison. "
            f"Rebuild it with --max-n {max_n}, or set --max-n to {profile.max_n}."
        )
    if not profile.kept:
        raise ProfileError(
            f"Profile '{profile.name}' is empty: 0 of its {profile.statements} statements have a template in it. "
            "Rebuild it from other SQL, or with the right --dialect and --sql-column."
        )


def compare(
    target: Profile,
    training_set: Profile,
    baseline: Profile | None = None,
    *,
    weighting: str = "auto",
    max_n: int = MAX_N,
    delta: float = DELTA,
) -> Comparison:
    """One training set compared with one target, and with what a baseline reaches.

    `auto` weights training sets by shapes and all others by executions; `executions` and `shapes` weight all alike.
    Raises ProfileError for profiles that are not comparable or empty, UsageError for options that cannot be.
    """
    baselines = [] if baseline is None else [baseline]
    return compare_many([target], [training_set], baselines, weighting=weighting, max_n=max_n, delta=delta)[0]


def compare_many(
    targets: Sequence[Profile],
    training_sets: Sequence[Profile],
    baselines: Sequence[Profile] = (),
    *,
    weighting: str = "auto",
    max_n: int = MAX_N,
    delta: float = DELTA,
) -> list[Comparison]:
    """Every target × training set × baseline, highest alignment first. Raises as `compare` does."""

    def measured(profile: Profile, target: Profile) -> Measures:
        return measure(profile.ngram_counts(weighting, max_n), target.ngram_counts(weighting, max_n), delta)

    return comparisons(targets, training_sets, baselines, measured, weighting=weighting, max_n=max_n, delta=delta)


def comparisons(
    targets: Sequence[Profile],
    training_sets: Sequence[Profile],
    baselines: Sequence[Profile],
    measured: Measure,
    *,
    weighting: str = "auto",
    max_n: int = MAX_N,
    delta: float = DELTA,
) -> list[Comparison]:
    """Every target × training set × baseline, highest alignment first, from the measures of (profile, target).

    `measured` is asked once for each pair, after all checks. Raises as `compare` does.
    """
    options = {
        "weighting": check_choice("weighting", weighting, WEIGHTINGS),
        "max_n": check_max_n(max_n),
        "delta": check_delta(delta),
    }
    for target in targets:
        check_comparable(target, [*training_sets, *baselines], max_n)
    rows = []
    for target in targets:
        reached = [(baseline, measured(baseline, target)) for baseline in baselines]
        for training_set in training_sets:
            row = _identity(target, training_set) | options | measured(training_set, target)._asdict()
            rows += [Comparison(**row, **ratios) for ratios in _all_ratios(row, target, reached)]
    return sorted(rows, key=_rank)


def _identity(target: Profile, training_set: Profile) -> dict[str, Any]:
    """What a row says of its two profiles."""
    return {
        "target": target.name,
        "training_set": training_set.name,
        "rules": target.rules,
        "template_version": target.template_version,
        "target_statements": target.statements,
        "target_templated": target.templated,
        "training_statements": training_set.statements,
        "training_templated": training_set.templated,
    }


def _all_ratios(
    row: dict[str, Any], target: Profile, reached: Sequence[tuple[Profile, Measures]]
) -> list[dict[str, Any]]:
    """What is said of each baseline, from what it reaches; once of none where there is none."""
    if not reached:
        return [{"baseline": None, "alignment_ratio": None, "coverage_ratio": None}]
    return [
        {
            "baseline": baseline.name,
            "alignment_ratio": alignment_ratio(row["alignment"], measures.alignment),
            "coverage_ratio": coverage_ratio(row["coverage"], measures.coverage),
            "baseline_fits": fits(baseline, target),
        }
        for baseline, measures in reached
    ]


def _rank(row: Comparison) -> tuple[float, str, str, str]:
    """Highest alignment first; names decide between equals."""
    return -row.alignment, row.target, row.training_set, row.baseline or ""
