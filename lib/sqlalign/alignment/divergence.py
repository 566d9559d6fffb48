"""α-skew divergence and KL-alignment of two distributions of n-grams.

    D(P‖Q) = Σ P ln(P / (αQ + δP)),  α = 1 − δ        Lee 1999, α-skew divergence
    A(P, Q) = exp(−D / c),           c = ln(1/δ)       Rafiei et al. 2025 (arXiv 2510.04919), KL-alignment

An n-gram that Q lacks costs P·c, whatever it is. So the sum needs only the n-grams of both:

    D(P‖Q) = Σ_{g in both} P ln(P / (αQ + δP)) + c · (1 − Σ_{g in both} P)

and an inner join of two sparse sets of counts suffices: `shared_term` is the summand (of numbers, arrays or Spark
columns), `divergence_from_sums` the rest. Written with the ratio r = Q/P the summand is −P ln(r + δ(1 − r)): exactly 0
where P = Q, and without cancellation where Q is far below P.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sqlalign.errors import ProfileError, UsageError

DELTA = 1e-6
Counts = NDArray[np.float64]


def check_delta(delta: float) -> float:
    """δ itself. Raises UsageError where it is not between 0 and 1, both excluded."""
    if not 0 < delta < 1:
        raise UsageError(f"The skew is '{delta}', not between 0 and 1. Set --delta to a number such as 1e-6.")
    return delta


def cost_of_missing(delta: float) -> float:
    """c = ln(1/δ): what the whole mass costs where Q has nothing of it. Raises UsageError for a δ outside (0, 1)."""
    return -math.log(check_delta(delta))


def shared_term(p: Any, q: Any, delta: float, log: Any = np.log) -> Any:
    """P ln(P / (αQ + δP)) of an n-gram that both have, from its two shares of mass, both above 0.

    `p` and `q` are numbers, arrays or Spark columns; `log` is the natural logarithm that takes them.
    """
    ratio = q / p
    return -p * log(ratio + delta * (1 - ratio))


def divergence_from_sums(shared_terms: float, missing_mass: float, delta: float = DELTA) -> float:
    """D(P‖Q) in nats, in [0, c], from the sum of `shared_term` and the share of P's mass that Q lacks.

    Take the missing mass from the counts, (Σ p − Σ_both p) / Σ p, not from shares: then 0 and 1 are exact.
    """
    cost = cost_of_missing(delta)
    return max(0.0, min(cost, shared_terms + cost * missing_mass))


def alignment_from_divergence(divergence: float, delta: float = DELTA) -> float:
    """A = exp(−D/c), in [1/e, 1]."""
    return math.exp(-divergence / cost_of_missing(delta))


def skew_divergence(p: ArrayLike, q: ArrayLike, delta: float = DELTA) -> float:
    """D(P ‖ (1−δ)Q + δP) in nats, from two arrays of counts over the same n-grams, shape (n,) each.

    0 only for equal distributions, c = ln(1/δ) only for disjoint ones; counts need no normalising, and the result does
    not depend on the order of the n-grams. Raises ProfileError where one has no mass, UsageError for a δ outside
    (0, 1), ValueError for arrays that are no counts.
    """
    p_counts, q_counts = _both_checked(p, q)
    shared = (p_counts > 0) & (q_counts > 0)
    p_shared = p_counts[shared]
    p_total = _mass(p_counts)
    terms = shared_term(p_shared / p_total, q_counts[shared] / _mass(q_counts), check_delta(delta))
    return divergence_from_sums(math.fsum(terms), (p_total - math.fsum(p_shared)) / p_total, delta)


def kl_alignment(p: ArrayLike, q: ArrayLike, delta: float = DELTA) -> float:
    """A(P, Q) = exp(−D(P‖Q)/c) in [1/e, 1], from two arrays of counts over the same n-grams, shape (n,) each.

    1 only for equal distributions, 1/e only for disjoint ones. As alignment P is the training set (or the predictions)
    and Q the target; as coverage P is the target. Raises as `skew_divergence` does.
    """
    return alignment_from_divergence(skew_divergence(p, q, delta), delta)


def overlap(training: ArrayLike, target: ArrayLike) -> float:
    """OVLP in [0, 1]: the share of the target's n-gram mass whose n-grams the training set has at all.

    Raises ProfileError where one has no mass, ValueError for arrays that are no counts.
    """
    training_counts, target_counts = _both_checked(training, target)
    return math.fsum(target_counts[training_counts > 0]) / _mass(target_counts)


def alignment_ratio(alignment: float, baseline_alignment: float) -> float:
    """AR = A(training set, target) / A(baseline, target). Above 1: training on the set should help."""
    return alignment / baseline_alignment


def coverage_ratio(coverage: float, baseline_coverage: float) -> float:
    """A(target, training set) / A(target, baseline): the alignment ratio with the direction turned."""
    return coverage / baseline_coverage


def _both_checked(p: ArrayLike, q: ArrayLike) -> tuple[Counts, Counts]:
    """Both arrays as floats; each with mass, over the same n-grams."""
    p_counts, q_counts = _checked(p), _checked(q)
    if p_counts.shape != q_counts.shape:
        raise ValueError(f"Counts of shapes {p_counts.shape} and {q_counts.shape} are not over the same n-grams.")
    for counts in (p_counts, q_counts):
        if not counts.any():
            raise ProfileError(
                "A profile of no n-grams was to be compared: all '0' of its counts. Give one with templates."
            )
    return p_counts, q_counts


def _checked(counts: ArrayLike) -> Counts:
    """One array of finite counts of 0 or more."""
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any():
        raise ValueError("Counts are a one-dimensional array of finite numbers of 0 or more.")
    return array


def _mass(counts: Counts) -> float:
    """The sum, rounded once, so that the order of the n-grams cannot show."""
    return math.fsum(counts)
