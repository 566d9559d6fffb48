"""What a reader must know beside the numbers, in plain words: warnings about the profiles, and the verdict."""

import math
from collections.abc import Iterable, Iterator, Sequence

from sqlalign.alignment.compare import Comparison, fits
from sqlalign.profile import Profile

SMALL_TARGET = 500
LOW_PARSE_RATE = 0.95
CLOSE = 0.01


def warnings(
    targets: Sequence[Profile], training_sets: Sequence[Profile], baselines: Sequence[Profile] = ()
) -> list[str]:
    """Warnings about what is compared, each once: targets, parse rates, baselines, dialects; a sentence or two each."""
    profiles = [*targets, *training_sets, *baselines]
    found = [
        *_small_targets(targets),
        *_low_parse_rates(profiles),
        *_left_out(profiles),
        *_foreign_baselines(targets, baselines),
        *_hidden_dialects(targets, training_sets),
    ]
    return list(dict.fromkeys(found))


def _small_targets(targets: Sequence[Profile]) -> Iterator[str]:
    for target in targets:
        if target.templated < SMALL_TARGET:
            yield (
                f"Target '{target.name}' has only {target.templated:,} templated statements, under {SMALL_TARGET}: its "
                "alignments come out too low. Their order is more reliable than their size, and so is coverage."
            )


def _low_parse_rates(profiles: Sequence[Profile]) -> Iterator[str]:
    for profile in profiles:
        if profile.parse_rate < LOW_PARSE_RATE:
            rejected = sum(profile.accounting.rejected.values())
            yield (
                f"Only {_percent(profile.parse_rate)} of the statements of '{profile.name}' could be parsed "
                f"({rejected:,} rejected{_commonest(profile)}): the numbers say nothing about the rest."
            )


def _commonest(profile: Profile) -> str:
    """The commonest reason of rejects, the first by name between equals."""
    reasons = sorted(profile.accounting.rejected.items(), key=lambda item: (-item[1], item[0]))
    return f", mostly '{reasons[0][0]}'" if reasons else ""


def _left_out(profiles: Sequence[Profile]) -> Iterator[str]:
    for profile in profiles:
        if profile.min_count > 1:
            share = 1 - profile.kept / max(1, profile.templated)
            yield (
                f"Profile '{profile.name}' was made without the templates of fewer than {profile.min_count:,} "
                f"executions ({_percent(share)} of its templated statements)."
            )


def _foreign_baselines(targets: Sequence[Profile], baselines: Sequence[Profile]) -> Iterator[str]:
    for target in targets:
        for baseline in baselines:
            if not fits(baseline, target):
                yield (
                    f"Baseline '{baseline.name}' {_made_for(baseline)}, not predicted for '{target.name}': its ratios "
                    f"say nothing about '{target.name}'. Make one of answers to that target's own questions, with "
                    f"--predicted-for {target.name}."
                )


def _made_for(baseline: Profile) -> str:
    if baseline.kind != "predictions":
        return f"is a profile of kind '{baseline.kind}'"
    return f"was predicted for '{baseline.predicted_for}'" if baseline.predicted_for else "does not say what it answers"


def _hidden_dialects(targets: Sequence[Profile], training_sets: Sequence[Profile]) -> Iterator[str]:
    for target in targets:
        others = [t for t in training_sets if target.rules == "canonical" and t.dialects != target.dialects]
        if others:
            named = ", ".join(f"'{t.name}' ({_dialects(t)})" for t in others)
            yield (
                f"Target '{target.name}' is {_dialects(target)}, but not so {named}: canonical templates hide what "
                "sets the dialects apart, so a model may still have to learn the target's."
            )


def _dialects(profile: Profile) -> str:
    return ", ".join(dialect or "generic" for dialect in profile.dialects) or "of no named dialect"


def verdict(rows: Iterable[Comparison]) -> str:
    """The comparison's last line: for each target what is best aligned, and what that does and does not say."""
    by_target: dict[str, list[Comparison]] = {}
    for row in sorted(rows, key=lambda row: (-row.alignment, row.training_set)):
        by_target.setdefault(row.target, []).append(row)
    if not by_target:
        return "Nothing was compared."
    return " ".join(_verdict_of_target(by_target[target]) for target in sorted(by_target))


def _verdict_of_target(ranked: list[Comparison]) -> str:
    sets = list({row.training_set: row for row in reversed(ranked)}.values())[::-1]
    best = sets[0]
    parts = [_best_aligned(best, sets), _best_covering(best, sets)]
    against = [row for row in ranked if row.training_set == best.training_set and row.baseline is not None]
    parts += [_against_baseline(row) for row in against] or [_without_baseline(sets)]
    return " ".join(part for part in parts if part)


def _best_aligned(best: Comparison, sets: list[Comparison]) -> str:
    if len(sets) == 1:
        return f"'{best.training_set}' aligns with '{best.target}' by {best.alignment:.2f}."
    second = sets[1]
    among = f"'{best.training_set}' is the best aligned with '{best.target}' of {len(sets)} training sets"
    if best.alignment - second.alignment < CLOSE:
        return (
            f"{among} ({best.alignment:.3f}), but '{second.training_set}' ({second.alignment:.3f}) is within {CLOSE}: "
            "which of the two comes first is not settled."
        )
    return f"{among} ({best.alignment:.2f}; next '{second.training_set}' with {second.alignment:.2f})."


def _best_covering(best: Comparison, sets: list[Comparison]) -> str:
    widest = max(sets, key=lambda row: row.coverage)
    if round(widest.coverage, 3) <= round(best.coverage, 3):
        return ""
    return (
        f"'{widest.training_set}' covers more of what '{best.target}' asks for "
        f"(coverage {widest.coverage:.3f} against {best.coverage:.3f})."
    )


def _without_baseline(sets: list[Comparison]) -> str:
    if len(sets) == 1:
        return "Without a baseline it cannot be said whether training on it should help."
    return "Without a baseline only the ranking can be said, not whether training on it should help."


def _against_baseline(row: Comparison) -> str:
    if row.alignment_ratio is None or row.coverage_ratio is None or not row.baseline_fits:
        return (
            f"Baseline '{row.baseline}' was not predicted for '{row.target}': whether training should help stays open."
        )
    said = f"its alignment ratio of {row.alignment_ratio:.2f} {_meaning(row.alignment_ratio)}"
    return f"Against baseline '{row.baseline}' {said}{_coverage_objection(row.alignment_ratio, row.coverage_ratio)}."


def _meaning(ratio: float) -> str:
    if _side(ratio) == 0:
        return "is about 1 and does not say whether training on it should help"
    return (
        "is above 1: training on it should help"
        if ratio > 1
        else "is below 1: expect little or no gain from training on it"
    )


def _coverage_objection(ratio: float, coverage: float) -> str:
    if _side(ratio) * _side(coverage) >= 0:
        return ""
    return f", though its coverage ratio of {coverage:.2f} points the other way"


def _side(ratio: float) -> int:
    """1 above 1, -1 below, 0 where two decimals cannot tell it from 1."""
    return 0 if round(ratio, 2) == 1 else (1 if ratio > 1 else -1)


def _percent(share: float) -> str:
    """Never rounded up to what it does not reach."""
    return f"{math.floor(round(share * 1000, 6)) / 10:.1f} %"
