import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sqlalign.alignment.divergence import (
    alignment_from_divergence,
    alignment_ratio,
    coverage_ratio,
    divergence_from_sums,
    kl_alignment,
    overlap,
    shared_term,
    skew_divergence,
)
from sqlalign.errors import ProfileError, UsageError

LEAST = math.exp(-1)
deltas = st.sampled_from([0.5, 0.1, 1e-3, 1e-6, 1e-10])


@st.composite
def pairs(draw, largest=10**6):
    """Two arrays of counts over the same n-grams, both with mass."""
    size = draw(st.integers(1, 12))
    counts = st.lists(st.integers(0, largest), min_size=size, max_size=size).filter(any)
    return np.array(draw(counts)), np.array(draw(counts))


def textbook(p, q, delta):
    """The formula as it is printed, over all n-grams of P."""
    shares = [(a / sum(p), b / sum(q)) for a, b in zip(p.tolist(), q.tolist(), strict=True)]
    return sum(a * math.log(a / ((1 - delta) * b + delta * a)) for a, b in shares if a)


def test_by_hand():
    """P = (3/4, 1/4), Q = (1/4, 3/4), δ = 1/2: the mixture is (1/2, 1/2), D = 3/4 ln 3/2 + 1/4 ln 1/2, c = ln 2."""
    divergence = 0.75 * math.log(1.5) - 0.25 * math.log(2)
    assert skew_divergence([3, 1], [1, 3], 0.5) == pytest.approx(divergence, abs=1e-15)
    assert kl_alignment([3, 1], [1, 3], 0.5) == pytest.approx(math.exp(-divergence / math.log(2)), abs=1e-15)


def test_half_of_the_mass_missing_costs_half_of_c_and_less_for_the_rest():
    """P = (1/2, 1/2), Q = (1, 0): D = 1/2 ln(1/2 / (α + δ/2)) + 1/2 c."""
    delta = 1e-6
    expected = 0.5 * math.log(0.5 / (1 - delta + delta / 2)) + 0.5 * math.log(1 / delta)
    assert skew_divergence([1, 1], [1, 0], delta) == pytest.approx(expected, abs=1e-12)


@given(pairs(), deltas)
def test_divergence_is_the_textbook_formula(pair, delta):
    p, q = pair
    assert skew_divergence(p, q, delta) == pytest.approx(max(0, textbook(p, q, delta)), rel=1e-12, abs=1e-12)


@given(pairs(), deltas)
def test_alignment_is_between_one_over_e_and_one(pair, delta):
    assert LEAST <= kl_alignment(*pair, delta) <= 1


@given(pairs(), deltas)
def test_alignment_is_one_over_e_only_for_disjoint_supports(pair, delta):
    p, q = pair
    disjoint = not ((p > 0) & (q > 0)).any()
    assert (kl_alignment(p, q, delta) == LEAST) == disjoint


@given(pairs(largest=40), deltas)
def test_alignment_is_one_only_for_equal_distributions(pair, delta):
    p, q = pair
    assert (kl_alignment(p, q, delta) == 1) == bool((p * q.sum() == q * p.sum()).all())


@given(pairs(), st.integers(1, 10**6), st.integers(1, 10**6), deltas)
def test_scale_does_not_matter(pair, k, m, delta):
    p, q = pair
    assert kl_alignment(k * p, m * q, delta) == kl_alignment(p, q, delta)


@given(pairs(), deltas, st.randoms(use_true_random=False))
def test_order_of_ngrams_does_not_matter_to_the_last_bit(pair, delta, random):
    p, q = pair
    order = random.sample(range(len(p)), len(p))
    assert skew_divergence(p[order], q[order], delta) == skew_divergence(p, q, delta)
    assert overlap(p[order], q[order]) == overlap(p, q)


@given(pairs())
def test_ngrams_that_neither_has_do_not_matter(pair):
    p, q = (np.append(counts, [0, 0]) for counts in pair)
    assert kl_alignment(p, q) == kl_alignment(*pair)


@given(pairs(), deltas)
def test_shared_sums_give_the_divergence(pair, delta):
    """What an inner join of two sparse counts can compute."""
    p, q = pair
    shared = [(a, b) for a, b in zip(p.tolist(), q.tolist(), strict=True) if a and b]
    terms = sum(shared_term(a / p.sum(), b / q.sum(), delta) for a, b in shared)
    missing = (p.sum() - sum(a for a, _ in shared)) / p.sum()
    assert divergence_from_sums(terms, missing, delta) == pytest.approx(skew_divergence(p, q, delta), abs=1e-12)


def test_huge_counts_are_stable():
    huge = np.array([9 * 10**18, 9 * 10**18, 1])
    assert kl_alignment(huge, huge) == 1
    assert kl_alignment(huge, [1, 1, 0]) == pytest.approx(1, abs=1e-12)
    assert kl_alignment([1e300, 1e300], [1e-300, 1e-300]) == 1


def test_a_rare_ngram_of_q_costs_nearly_as_much_as_none():
    assert LEAST < kl_alignment([1, 0], [1, 10**9]) < LEAST + 1e-3 < kl_alignment([1, 0], [1, 10**3])


def test_a_missing_ngram_costs_as_much_as_one_about_a_million_times_rarer():
    """-ln(r + δ(1 - r)) at r = δ is c - ln 2, nearly: the two are of one size."""
    assert float(shared_term(1.0, 1e-6, 1e-6)) == pytest.approx(math.log(1e6) - math.log(2), abs=1e-5)


def test_overlap_is_the_share_of_the_targets_mass():
    assert overlap(training=[5, 0, 1], target=[2, 6, 2]) == pytest.approx(0.4, abs=1e-15)


@given(pairs())
def test_overlap_is_one_where_the_training_set_has_all(pair):
    p, q = pair
    assert overlap(p + 1, q) == 1
    assert 0 <= overlap(p, q) <= 1


def test_ratios():
    assert alignment_ratio(0.9, 0.6) == pytest.approx(1.5)
    assert coverage_ratio(0.45, 0.9) == pytest.approx(0.5)


def test_alignment_of_a_divergence():
    assert alignment_from_divergence(0) == 1
    assert alignment_from_divergence(-math.log(1e-6), 1e-6) == LEAST


@pytest.mark.parametrize("delta", [0, 1, -0.1, 2, math.nan])
def test_delta_must_lie_between_zero_and_one(delta):
    with pytest.raises(UsageError, match="--delta"):
        kl_alignment([1], [1], delta)


@pytest.mark.parametrize(("p", "q"), [([0, 0], [1, 1]), ([1, 1], [0, 0]), ([], [])])
def test_no_mass_is_an_error(p, q):
    with pytest.raises(ProfileError, match="no n-grams"):
        kl_alignment(p, q)
    with pytest.raises(ProfileError, match="no n-grams"):
        overlap(p, q)


@pytest.mark.parametrize("p", [[1, -1], [1, math.nan], [1, math.inf], [[1, 2]], [1, 2, 3]])
def test_what_is_no_count_is_an_error(p):
    with pytest.raises(ValueError, match=r"[Cc]ounts"):
        skew_divergence(p, [1, 1])


@given(pairs(), deltas)
def test_divergence_against_a_mixture_falls_as_p_comes_in(pair, delta):
    """D is convex in Q and 0 at Q = P: half of P in Q never makes it larger."""
    p, q = pair
    assume(p.sum() and q.sum())
    mixed = p * q.sum() + q * p.sum()
    assert skew_divergence(p, mixed, delta) <= skew_divergence(p, q, delta) + 1e-12
