import pytest
import sqlglot
from sqlglot import exp

from sqlalign.sql.patterns import compile_pattern, nodes_of, tokens_of, with_commas
from sqlalign.sql.walk import Walker


def rendered(pattern: str, node: exp.Expression, negated: bool = False) -> list[str]:
    """Tokens and the names of the classes of nodes that a pattern gives."""
    items = compile_pattern(pattern)(node, Walker("canonical", ""), negated)
    return [item if isinstance(item, str) else type(item).__name__ for item in items]


def test_words_arguments_and_ranks() -> None:
    node = exp.Between(this=exp.column("a"), low=sqlglot.parse_one("b OR c"), high=sqlglot.parse_one("d + 1"))
    assert rendered("this5 ~ BETWEEN low6 AND high6", node) == ["Column", "BETWEEN", "(", "Or", ")", "AND", "Add"]
    assert rendered("this5 ~ BETWEEN low6 AND high6", node, negated=True)[1:3] == ["NOT", "BETWEEN"]


def test_lists_with_commas_and_side_by_side() -> None:
    node = exp.Tuple(expressions=[exp.column("a"), exp.column("b"), exp.column("c")])
    assert rendered("( expressions )", node) == ["(", "Column", ",", "Column", ",", "Column", ")"]
    assert rendered("expressions+", node) == ["Column"] * 3


@pytest.mark.parametrize(
    ("pattern", "tokens"),
    [
        ("[ WINDOW windows ] END", ["END"]),
        ("[ expressions? MANY ]", ["MANY"]),
        ("[ this X ] [ expressions Y ]", ["Column", "Y"]),
        ("[ expressions [ this Z ] ]", ["Column"]),
    ],
)
def test_optional_parts_stand_only_with_their_argument(pattern: str, tokens: list[str]) -> None:
    assert rendered(pattern, exp.Tuple(expressions=[exp.column("a")])) == tokens


@pytest.mark.parametrize(
    ("pattern", "tokens"),
    [
        ("this5 ~ BETWEEN low6 AND high6", {"NOT", "BETWEEN", "AND"}),
        ("[ START WITH start ] CONNECT BY [ nocycle? NOCYCLE ] connect", {"START", "WITH", "CONNECT", "BY", "NOCYCLE"}),
        ("this : [ expression ]", {":"}),
        ("joins+", set()),
    ],
)
def test_tokens_of_a_pattern_can_be_listed(pattern: str, tokens: set[str]) -> None:
    assert tokens_of(pattern) == tokens


def test_strings_and_flags_are_no_nodes() -> None:
    a = exp.column("a")
    assert nodes_of(["text", True, None, [a, ["deeper", a]]]) == [a, a]
    assert nodes_of("text") == nodes_of(None) == []


def test_commas_stand_between() -> None:
    a = exp.column("a")
    assert with_commas([]) == []
    assert with_commas([a, a]) == [a, ",", a]
