"""Infix operators, their tokens, and which binds tighter: one table for all dialects."""

from sqlglot import exp
from sqlglot.expressions import Expression

PRIMARY = 10
COMPARISON = 5

# class of sqlglot -> (token, rank), loosest first
INFIX: dict[type[Expression], tuple[str, int]] = {
    exp.Or: ("OR", 1),
    exp.Xor: ("XOR", 2),
    exp.And: ("AND", 3),
    # NOT has rank 4
    exp.EQ: ("=", COMPARISON),
    exp.NEQ: ("!=", COMPARISON),
    exp.LT: ("<", COMPARISON),
    exp.LTE: ("<=", COMPARISON),
    exp.GT: (">", COMPARISON),
    exp.GTE: (">=", COMPARISON),
    exp.NullSafeEQ: ("IS NOT DISTINCT FROM", COMPARISON),
    exp.NullSafeNEQ: ("IS DISTINCT FROM", COMPARISON),
    exp.Overlaps: ("OVERLAPS", COMPARISON),
    exp.Adjacent: ("-|-", COMPARISON),
    exp.ExtendsLeft: ("&<", COMPARISON),
    exp.ExtendsRight: ("&>", COMPARISON),
    exp.BitwiseOr: ("|", 6),
    exp.BitwiseXor: ("^", 6),
    exp.BitwiseAnd: ("&", 6),
    exp.BitwiseLeftShift: ("<<", 6),
    exp.BitwiseRightShift: (">>", 6),
    exp.DPipe: ("||", 6),
    exp.Distance: ("<->", 6),
    exp.Operator: ("OPERATOR", 6),
    exp.Add: ("+", 7),
    exp.Sub: ("-", 7),
    exp.Mul: ("*", 8),
    exp.Div: ("/", 8),
    exp.Mod: ("%", 8),
    exp.IntDiv: ("DIV", 8),
}

# Comparisons that take NOT in their middle: class -> tokens
NEGATABLE_INFIX: dict[type[Expression], str] = {
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
    exp.RegexpLike: "REGEXP",
    exp.RegexpILike: "REGEXP",
    exp.RegexpFullMatch: "REGEXP",
    exp.SimilarTo: "SIMILAR TO",
    exp.Glob: "GLOB",
    exp.Match: "MATCH",
}

RANK: dict[type[Expression], int] = {
    **{kind: rank for kind, (_, rank) in INFIX.items()},
    **dict.fromkeys(NEGATABLE_INFIX, COMPARISON),
    **dict.fromkeys((exp.Is, exp.In, exp.Between, exp.Escape), COMPARISON),
    exp.Neg: 9,
    exp.BitwiseNot: 9,
    exp.Prior: 9,
    exp.Collate: 9,
    exp.AtTimeZone: 9,
    exp.Lambda: 0,
}
_THROUGH = (exp.Paren, exp.Alias, exp.Kwarg, exp.PropertyEQ, exp.SafeFunc, exp.NetFunc)


def rank_of(node: Expression) -> int:
    """How tightly the node's rendering binds, 0 (loosest) to 10 (needs no parentheses)."""
    while type(node) in _THROUGH:
        node = node.expression if type(node) in (exp.Kwarg, exp.PropertyEQ) else node.this
    kind = type(node)
    if kind is exp.Not:
        return COMPARISON if _takes_not_inside(node.this) else 4
    if kind in (exp.Add, exp.Sub) and interval_side(node):
        return PRIMARY
    if kind is exp.Concat:
        return 6 if len(node.expressions) > 1 else PRIMARY
    if kind is exp.Neg and type(node.this) is exp.Literal:
        return PRIMARY
    return RANK.get(kind, PRIMARY)


def _takes_not_inside(node: Expression) -> bool:
    while type(node) is exp.Paren:
        node = node.this
    return type(node) in (*NEGATABLE_INFIX, exp.Is, exp.In, exp.Between, exp.NullSafeEQ, exp.NullSafeNEQ)


def interval_side(node: Expression) -> str | None:
    """Which side of `+` or `-` is an interval ("expression", else "this"), or None: then it is plain arithmetic."""
    for side in ("expression", "this"):
        if is_interval(node.args.get(side)):
            return side
    return None


def is_interval(node: Expression | None) -> bool:
    """An INTERVAL, a cast of a literal to one, or a multiple of one (`n * INTERVAL '1 day'`)."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Interval):
        return True
    if isinstance(node, exp.Cast):
        return node.to.this == exp.DataType.Type.INTERVAL and type(node.this) is exp.Literal
    if isinstance(node, exp.Mul):
        return is_interval(node.this) or is_interval(node.expression)
    return False
