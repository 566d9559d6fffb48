import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlalign.alignment.counts import align_counts, measure
from sqlalign.errors import ProfileError
from sqlalign.ngrams import count_ngrams

counts = st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(1, 99), min_size=1)


def test_the_fixture_of_the_method():
    p = count_ngrams([("SELECT FROM", 2), ("SELECT FROM WHERE =", 1)])
    q = count_ngrams([("SELECT FROM", 1), ("SELECT , FROM", 1)])
    assert (sum(p.values()), sum(q.values())) == (15, 6)
    measured = measure(p, q)
    assert measured.alignment == pytest.approx(0.678514474, abs=1e-9)
    assert measured.coverage == pytest.approx(0.827689646, abs=1e-9)
    assert measured.overlap == pytest.approx(5 / 6, abs=1e-12)


def test_counts_are_aligned_over_the_union():
    p, q = align_counts({"A": 1, "B": 2}, {"B": 3, "C": 4})
    assert p.tolist() == [1, 2, 0]
    assert q.tolist() == [0, 3, 4]


@given(counts, counts)
def test_no_mass_is_lost(p, q):
    p_array, q_array = align_counts(p, q)
    assert (p_array.sum(), q_array.sum()) == (sum(p.values()), sum(q.values()))
    assert len(p_array) == len(q_array) == len(p.keys() | q.keys())


@given(counts, counts)
def test_turning_the_pair_turns_alignment_and_coverage(p, q):
    one, other = measure(p, q), measure(q, p)
    assert (one.alignment, one.coverage) == (other.coverage, other.alignment)


@given(counts)
def test_a_set_aligns_with_itself(p):
    assert measure(p, dict(reversed(p.items()))) == (1, 1, 1)


@given(counts, counts)
def test_order_of_the_counts_does_not_matter(p, q):
    assert measure(p, q) == measure(dict(reversed(p.items())), dict(reversed(q.items())))


def test_empty_counts_are_an_error():
    with pytest.raises(ProfileError):
        measure({}, {"A": 1})
