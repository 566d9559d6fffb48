"""What counts as a literal: a place where data stands, which leaves no token."""

from sqlglot import exp
from sqlglot.expressions import Expression

from sqlalign.sql.functions import CONVERSIONS

# Nodes that are data or the name of a unit, a type, a path, whatever they hold.
DATA = frozenset(
    getattr(exp, name)
    for name in """
    Literal Boolean Parameter SessionParameter Placeholder HexString BitString ByteString National RawString
    UnicodeString Heredoc Var DataType DataTypeParam IntervalSpan PseudoType ObjectIdentifier JSONPath
    Introducer TableColumn CharacterSet QueryOption
    """.split()
)

# A cast of a literal in any of its spellings is a literal: here is what they convert.
CASTS = frozenset(
    getattr(exp, name)
    for name in """
    Cast TryCast JSONCast CastToStrType StrToDate StrToTime TsOrDsToDate TsOrDsToDatetime TsOrDsToTimestamp
    TsOrDsToTime TimeStrToTime TimeStrToDate DateStrToDate Date Datetime Timestamp Time ParseDatetime ParseTime
    """.split()
)
_MAX_LEVELS = 50
_LOOK_INSIDE = CASTS | {exp.Paren, exp.Neg, exp.Alias, exp.PivotAlias, exp.Interval}


def is_literal(node: Expression | None) -> bool:
    """Whether the node is one literal: a constant, a parameter, a signed number, an interval, a cast of those."""
    return node is not None and type(_core(node)) in DATA


def is_null(node: Expression) -> bool:
    """Whether the node is NULL, or a cast of it."""
    return type(_core(node)) is exp.Null


def is_literal_list(nodes: list[Expression]) -> bool:
    """Whether a list holds literals only (NULL counts as one), tuples and arrays of literals included."""
    stack = list(nodes)
    while stack:
        node = _core(stack.pop())
        if type(node) in (exp.Tuple, exp.Array, exp.Struct):
            stack.extend(node.expressions)
        elif type(node) not in DATA and type(node) is not exp.Null:
            return False
    return True


def is_now(node: Expression | None) -> bool:
    """Whether the node is SQLite's 'now'."""
    return type(node) is exp.Literal and bool(node.args.get("is_string")) and node.name.lower() == "now"


def _core(node: Expression) -> Expression:
    """What stands under casts, signs, parentheses and names of arguments; some levels down, which is plenty."""
    for _ in range(_MAX_LEVELS):
        inner = _inside(node)
        if inner is None or (is_now(inner) and type(node) not in (exp.Paren, exp.Alias)):
            return node
        node = inner
    return node


def _inside(node: Expression) -> Expression | None:
    kind = type(node)
    if kind in (exp.Kwarg, exp.PropertyEQ, exp.Convert):
        return node.args.get("expression")
    if kind in _LOOK_INSIDE:
        return node.args.get("this")
    if kind is exp.Concat and "safe" not in node.args:
        # strings side by side ('x' 'y'), which are one literal; a call of CONCAT carries `safe`
        return node.expressions[0] if all(type(part) in DATA for part in node.expressions) else None
    if kind is exp.Anonymous and node.expressions and str(node.this).upper() in CONVERSIONS:
        return node.expressions[0] if all(type(rest) in DATA for rest in node.expressions[1:]) else None
    return None
