"""Parentheses stand where they change what is computed, and nowhere else: tried on made-up expressions."""

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from sqlalign.sql.precedence import INFIX, NEGATABLE_INFIX, PRIMARY, RANK, interval_side, rank_of
from sqlalign.sql.template import template_statements

_OPERATORS = ["OR", "AND", "=", "<", "+", "-", "*", "/", "||", "&"]


@pytest.mark.parametrize(
    ("expression", "rank"),
    [
        ("a OR b", 1),
        ("a AND b", 3),
        ("NOT a", 4),
        ("NOT a IN (1)", 5),
        ("a = b", 5),
        ("a IS NULL", 5),
        ("a || b", 6),
        ("a + b", 7),
        ("a * b", 8),
        ("-a", 9),
        ("-1", PRIMARY),
        ("a", PRIMARY),
        ("f(a)", PRIMARY),
        ("CASE WHEN a THEN b END", PRIMARY),
        ("(a OR b)", 1),
        ("d + INTERVAL '1 day'", PRIMARY),
        ("d - 2 * INTERVAL '1 day'", PRIMARY),
        ("CONCAT(a, b)", 6),
    ],
)
def test_rank(expression: str, rank: int) -> None:
    assert rank_of(sqlglot.parse_one(expression, dialect="postgres")) == rank


@pytest.mark.parametrize(
    ("expression", "side"),
    [
        ("d + INTERVAL '1 day'", "expression"),
        ("INTERVAL '1 day' + d", "this"),
        ("d + (INTERVAL '1 day')", "expression"),
        ("d + '1 day'::interval", "expression"),
        ("d + n * INTERVAL '1 day'", "expression"),
        ("d + 1", None),
        ("d + '1 day'::text", None),
    ],
)
def test_which_side_is_an_interval(expression: str, side: str | None) -> None:
    assert interval_side(sqlglot.parse_one(expression, dialect="postgres")) == side


def test_every_infix_operator_has_a_rank() -> None:
    assert {*INFIX, *NEGATABLE_INFIX} <= RANK.keys()


_EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "c"]),
    lambda inner: st.tuples(inner, st.sampled_from(_OPERATORS), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
    max_leaves=7,
)


@given(_EXPRESSIONS)
def test_taking_out_what_the_template_took_out_changes_nothing(expression: str) -> None:
    """The template of the text generated without needless parentheses equals that of the text full of them."""
    tree = sqlglot.parse_one(f"SELECT {expression}")
    bare = tree.transform(_without_needless).sql()
    assert _template(bare) == _template(f"SELECT {expression}")


def _without_needless(node: exp.Expression) -> exp.Expression:
    """Parentheses of the right kind stay: those around what binds looser than the operator they stand under."""
    if not isinstance(node, exp.Paren) or not isinstance(node.parent, exp.Binary | exp.Select):
        return node
    parent, inner = node.parent, node.unnest()
    if isinstance(parent, exp.Select):
        return inner
    needed = INFIX[type(parent)][1] + (node.arg_key == "expression" and not isinstance(parent, exp.Connector))
    return node if rank_of(inner) < needed else inner


def _template(sql: str) -> str | None:
    return template_statements(sql)[0].template
