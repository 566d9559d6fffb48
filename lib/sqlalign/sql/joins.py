"""Joins, laterals and set operations: where dialects differ most in what they force on their users."""

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.expressions import Expression

from sqlalign.sql.patterns import Item, nodes_of, with_commas
from sqlalign.sql.rules import source

if TYPE_CHECKING:
    from sqlalign.sql.walk import Walker

JOIN_WORDS = frozenset(
    "NATURAL ASOF POSITIONAL PASTE LEFT RIGHT FULL INNER OUTER CROSS SEMI ANTI ARRAY ANY ALL".split()
)


@cache
def _habits(dialect: str) -> tuple[bool, bool]:
    """Whether the dialect's parser takes the comma for CROSS JOIN, and whether it gives every JOIN a condition."""
    parser = Dialect.get_or_raise(dialect).parser_class
    return parser.JOINS_HAVE_EQUAL_PRECEDENCE, parser.ADD_JOIN_ON_TRUE


def join(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`[kind] JOIN source [ON condition | USING ( )]`."""
    return [*_head(node, walker), *_right(node, walker), *_condition(node, walker)]


def _head(node: Expression, walker: "Walker") -> list[Item]:
    right = node.this
    applied = right.args.get("cross_apply") if type(right) is exp.Lateral else None
    if applied is not None:
        return ["CROSS" if applied else "LEFT", "JOIN"]
    words = [str(node.args.get(name) or "").upper() for name in ("method", "side", "kind")]
    words = [word for word in words if word in JOIN_WORDS]
    plain = not any(word != "INNER" for word in words) and not _condition(node, walker)
    if walker.written:
        comma = plain and not words and not _habits(walker.dialect)[0]
        return [","] if comma else [*words, "JOIN"]
    if plain:
        return ["CROSS", "JOIN"]
    one_sided = "SEMI" in words or "ANTI" in words
    return [*[w for w in words if w not in ("INNER", "OUTER") and not (one_sided and w == "LEFT")], "JOIN"]


def _right(node: Expression, walker: "Walker") -> list[Item]:
    """What is joined; a join nested on the right keeps its pair."""
    right = node.this
    items = [right, *[x for n in nodes_of(node.args.get("expressions")) for x in (",", n)]]
    if type(right) is exp.Table and right.args.get("joins") and not walker.written:
        items = ["(", *items, ")"]
    return [*items, *nodes_of(node.args.get("pivots"))]


def _condition(node: Expression, walker: "Walker") -> list[Item]:
    on = node.args.get("on")
    if type(on) is exp.Boolean and on.this and _habits(walker.dialect)[1]:
        on = None
    items: list[Item] = []
    if match := node.args.get("match_condition"):
        items += ["MATCH_CONDITION", "(", match, ")"]
    if on is not None:
        items += ["ON", on]
    if node.args.get("using"):
        items += ["USING", "(", ")"]
    return items


def lateral(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """LATERAL and Hive's LATERAL VIEW."""
    view: list[Item] = ["VIEW", *(["OUTER"] if node.args.get("outer") else [])] if node.args.get("view") else []
    return ["LATERAL", *view, node.this, *(["WITH", "ORDINALITY"] if node.args.get("ordinality") else [])]


_NAMES: dict[type[Expression], str] = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}
_OWN_CLAUSES = ("with_", "order", "limit", "offset")


def set_operation(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`left UNION [ALL] right` with the clauses of the whole."""
    all_rows = ["ALL"] if node.args.get("distinct") is False else []
    by_name = ["BY", "NAME"] if node.args.get("by_name") else []
    left, right = _arm(node, node.this, walker, False), _arm(node, node.expression, walker, True)
    clauses = [node.args.get(name) for name in ("sort", "order", "limit", "offset")]
    return [
        *nodes_of(node.args.get("with_")),
        *left,
        _NAMES[type(node)],
        *all_rows,
        *by_name,
        *right,
        *nodes_of(clauses),
        *nodes_of(node.args.get("locks")),
    ]


def _arm(operation: Expression, typed: Expression, walker: "Walker", on_right: bool) -> list[Item]:
    """An operand keeps the pair it was typed in only where it changes the meaning."""
    arm = walker.without_pair(typed)
    if arm is typed:
        return [typed]
    own = any(arm.args.get(name) for name in _OWN_CLAUSES)
    looser = type(arm) in _NAMES and (
        _tightness(arm) <= _tightness(operation) if on_right else _tightness(arm) < _tightness(operation)
    )
    return ["(", arm, ")"] if own or looser else [arm]


def _tightness(operation: Expression) -> int:
    return 2 if type(operation) is exp.Intersect else 1


def with_clause(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """WITH and its queries, each in a pair."""
    recursive = ["RECURSIVE"] if node.args.get("recursive") else []
    return ["WITH", *recursive, *with_commas(node.expressions)]


def common_table(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A query with a name; the name leaves no token."""
    return ["(", *source(walker.without_pair(node.this), walker), ")"]
