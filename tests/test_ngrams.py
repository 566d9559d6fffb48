import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlalign.errors import UsageError
from sqlalign.ngrams import count_ngrams, ngrams

TOKENS = ["SELECT", "FROM", "NULL", "COUNT", "ROW_NUMBER", "_X", "(", ")", ",", "*", "=", "[", "]", "->", "||"]
templates = st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join)


def is_nested(tokens: list[str]) -> bool:
    """Whether the parentheses vanish when neighbouring pairs are taken out again and again."""
    text = "".join(token for token in tokens if token in "()")
    while "()" in text:
        text = text.replace("()", "")
    return not text


def reference(template: str, max_n: int) -> list[str]:
    """The rules, word by word, over all pairs of start and stop."""
    tokens = template.split()
    found = []
    for start in range(len(tokens)):
        for stop in range(start + 1, len(tokens) + 1):
            run = tokens[start:stop]
            has_keyword = any(token[0].isalpha() or token[0] == "_" for token in run)
            commas = run[0] == "," or run[-1] == ","
            if len(run) <= max_n and has_keyword and not commas and is_nested(run):
                found.append(" ".join(run))
    return found


@given(templates, st.integers(1, 30))
def test_ngrams_are_those_of_the_rules(template, max_n):
    assert ngrams(template, max_n) == reference(template, max_n)


@given(templates, st.integers(1, 14))
def test_shorter_ngrams_of_a_long_count_are_the_short_count(template, max_n):
    short = [ngram for ngram in ngrams(template, 15) if len(ngram.split()) <= max_n]
    assert short == ngrams(template, max_n)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("SELECT , FROM", ["SELECT", "SELECT , FROM", "FROM"]),
        ("SELECT COUNT ( * )", ["SELECT", "SELECT COUNT", "SELECT COUNT ( * )", "COUNT", "COUNT ( * )"]),
        ("* = ( )", []),
        (") SELECT (", ["SELECT"]),
        ("[ SELECT", ["[ SELECT", "SELECT"]),
        ("", []),
    ],
)
def test_ngrams_by_hand(template, expected):
    assert ngrams(template) == expected


def test_closing_before_opening_is_not_nested_though_balanced_in_number():
    assert ") SELECT (" not in ngrams(") SELECT (")


def test_lengths_go_to_max_n_and_no_further():
    template = " ".join(["SELECT"] * 20)
    assert len(ngrams(template)) == sum(20 - n + 1 for n in range(1, 16))
    assert ngrams(template, 1) == ["SELECT"] * 20


def test_a_template_of_many_thousand_tokens():
    template = "SELECT " + " , ".join(["CASE WHEN = THEN END"] * 3000)
    assert len(ngrams(template, 1)) == 1 + 4 * 3000


def test_counts_are_occurrences_times_weight():
    assert count_ngrams([("SELECT FROM", 2), ("FROM", 3), ("FROM", 1)]) == {"SELECT": 2, "SELECT FROM": 2, "FROM": 6}


def test_an_ngram_counts_as_often_as_it_occurs_in_its_template():
    assert count_ngrams([("AND AND", 5)]) == {"AND": 10, "AND AND": 5}


def test_weight_zero_adds_no_ngram():
    assert count_ngrams([("SELECT", 0)]) == {}


def test_a_negative_weight_is_an_error():
    with pytest.raises(ValueError, match="'-1'"):
        count_ngrams([("SELECT", -1)])


def test_counts_do_not_overflow():
    assert count_ngrams([("SELECT", 2**62), ("SELECT", 2**62)]) == {"SELECT": 2**63}


@pytest.mark.parametrize("max_n", [0, -3])
def test_max_n_below_one_is_refused(max_n):
    with pytest.raises(UsageError, match="--max-n"):
        ngrams("SELECT", max_n)


@given(st.lists(st.tuples(templates, st.integers(1, 9)), max_size=6))
def test_counts_of_a_union_are_the_sum_of_the_counts(weighted):
    whole = count_ngrams(weighted)
    parts = [count_ngrams([pair]) for pair in weighted]
    assert whole == {ngram: sum(part.get(ngram, 0) for part in parts) for ngram in whole}
