"""Two sets of n-gram counts as arrays over the same n-grams."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sqlalign.alignment.divergence import DELTA, Counts, kl_alignment, overlap


class Measures(NamedTuple):
    """What is measured of a training set (or a baseline) and a target."""

    alignment: float
    coverage: float
    overlap: float


def align_counts(p: Mapping[str, int], q: Mapping[str, int]) -> tuple[Counts, Counts]:
    """Both counts as arrays, shape (n,) each, over the union of their n-grams (p's first); 0 where one has none."""
    only_q = [ngram for ngram in q if ngram not in p]
    p_counts = np.fromiter(p.values(), dtype=np.float64, count=len(p))
    q_of_p = np.fromiter((q.get(ngram, 0) for ngram in p), dtype=np.float64, count=len(p))
    q_of_rest = np.fromiter((q[ngram] for ngram in only_q), dtype=np.float64, count=len(only_q))
    return np.concatenate([p_counts, np.zeros(len(only_q))]), np.concatenate([q_of_p, q_of_rest])


def measure(training: Mapping[str, int], target: Mapping[str, int], delta: float = DELTA) -> Measures:
    """Alignment A(training, target), coverage A(target, training) and overlap of two sets of n-gram counts.

    Raises ProfileError where one has no mass, UsageError for a δ outside (0, 1).
    """
    p, q = align_counts(training, target)
    return Measures(kl_alignment(p, q, delta), kl_alignment(q, p, delta), overlap(p, q))
