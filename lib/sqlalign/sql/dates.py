"""Date families: each engine spells the same step in its own functions; here they come together."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.expressions import Expression

from sqlalign.sql.functions import FAMILY_OF_NAME, name_of_call
from sqlalign.sql.literals import is_literal, is_now
from sqlalign.sql.patterns import Item, nodes_of
from sqlalign.sql.precedence import interval_side, is_interval
from sqlalign.sql.rules import call

if TYPE_CHECKING:
    from sqlalign.sql.walk import Walker

HIVE_FAMILY = ("hive", "spark", "spark2", "databricks")
_ONE_CODE = re.compile(r"%-?[A-Za-z](strict)?")
_WRAPPERS = (exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.TsOrDsToDatetime, exp.TsOrDsToTime, exp.TimeStrToTime)


def unwrapped(node: Expression) -> Expression:
    """The argument the user typed: the parser puts conversions around those of date functions."""
    added_cast = type(node) is exp.Cast and "nested" not in node.to.args
    return node.this if (type(node) in _WRAPPERS and "safe" not in node.args) or added_cast else node


def part(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """YEAR(x), MONTH(x), …: one part of a date."""
    return call("EXTRACT", _dated([unwrapped(node.this)]))


def extract(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """EXTRACT(part FROM x)."""
    return call("EXTRACT", _dated(nodes_of(node.expression)))


def _is_one_code(layout: Expression | None) -> bool:
    """Whether a format is a literal of one code: what it makes of a date is a part of it."""
    return type(layout) is exp.Literal and _ONE_CODE.fullmatch(layout.name) is not None


def formatted(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A date as text; a format of one code is a part of it."""
    layout = node.args.get("format")
    one_code = _is_one_code(layout)
    arguments = _dated([unwrapped(node.this)])
    computed = [] if one_code else nodes_of(layout)
    return call("EXTRACT" if one_code else "DATE_FORMAT", [*arguments, *computed])


def truncated(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A date cut to its month, week, …"""
    return call("DATE_TRUNC", _dated([node.this]))


def last_day(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """The last day of a date's month, or of one some months away (T-SQL's EOMONTH)."""
    date = unwrapped(node.this)
    if type(date) is exp.DateAdd and type(date.this) in _WRAPPERS:
        return ["LAST_DAY", "(", *call("DATE_ADD", _dated([unwrapped(date.this), *_amount(date.expression)])), ")"]
    return call("LAST_DAY", _dated([date]))


def moved(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A date moved by an amount: `DATE_ADD ( date [, amount] )`."""
    return call("DATE_ADD", _dated([node.this, *_amount(node.args.get("expression"))]))


def _amount(node: Expression | None) -> list[Expression]:
    """What is added, where it is no literal; the parser writes Spark's date_sub(d, n) as n * -1."""
    while isinstance(node, exp.Paren | exp.Interval):
        node = node.this
    if isinstance(node, exp.Mul) and is_interval(node):
        return _amount(node.expression if is_interval(node.this) else node.this)
    if isinstance(node, exp.Mul) and type(node.expression) is exp.Neg and is_literal(node.expression):
        node = node.this
    return [] if node is None or is_literal(node) else [node]


def sum_or_move(token: str, rank: int) -> "Callable[[Expression, Walker, bool], list[Item]]":
    """`+` and `-`: a date moved where one side is an interval, else arithmetic."""

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        side = interval_side(node)
        if side is None:
            return [*walker.operand(node.this, rank), token, *walker.operand(node.expression, rank + 1)]
        date = node.this if side == "expression" else node.expression
        return call("DATE_ADD", [walker.bare(date), *_amount(node.args[side])])

    return render


def difference(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """Time between two dates."""
    sides = nodes_of([node.this, node.args.get("expression")])
    strip = _WRAPPERS if walker.dialect in HIVE_FAMILY else (exp.TimeStrToTime,)
    return call("DATE_DIFF", _dated([unwrapped(n) if type(n) in strip else n for n in sides]))


def converted(name: str) -> "Callable[[Expression, Walker, bool], list[Item]]":
    """DATE(x), TIMESTAMP(x), …: today or now, a literal, or a conversion of a column."""
    now = {"DATE": "CURRENT_DATE", "TIME": "CURRENT_TIME"}.get(name, "CURRENT_TIMESTAMP")

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        if is_now(node.this):
            return [now]
        return [] if is_literal(node) else call(name, nodes_of(node.this))

    return render


def moment(name: str) -> "Callable[[Expression, Walker, bool], list[Item]]":
    """Today or now, whatever precision or time zone was asked for."""
    return lambda node, walker, negated: [name]


def interval(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """An interval outside date arithmetic: a literal, or its computed amount."""
    amount = _amount(node)
    return ["INTERVAL", *amount] if amount else []


_SQLITE = {"DATE": "CURRENT_DATE", "TIME": "CURRENT_TIME"}


def anonymous(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A call sqlglot has no class for: a date family's, a built-in's, or FUNC."""
    name = node.this.upper() if isinstance(node.this, str) else ""
    arguments = node.expressions
    if is_literal(node):
        return []
    if name in ("STRFTIME", "DATE", "DATETIME", "TIME", "JULIANDAY", "UNIXEPOCH") and arguments:
        return _sqlite(name, arguments)
    family = FAMILY_OF_NAME.get(name)
    if family is None:
        known = name_of_call(name)
        return call(known, arguments)
    return _FAMILIES[family](arguments)


def _sqlite(name: str, arguments: list[Expression]) -> list[Item]:
    """SQLite's date functions: a value, then modifiers that move it."""
    layout = arguments[0] if name == "STRFTIME" else None
    value, *modifiers = arguments[1:] if name == "STRFTIME" else arguments
    base: list[Item] = [_SQLITE.get(name, "CURRENT_TIMESTAMP")] if is_now(value) else []
    base = base or ([] if is_literal(value) else [value])
    if modifiers:
        computed = [m for m in modifiers if not is_literal(m)]
        base = ["DATE_ADD", "(", *base, *[x for m in computed for x in (",", m)], ")"]
    elif is_now(value) and name in ("DATE", "DATETIME", "TIME"):
        return base
    if layout is not None:
        return ["EXTRACT" if _is_one_code(layout) else "DATE_FORMAT", "(", *base, ")"]
    return base if modifiers and name in ("DATE", "DATETIME", "TIME") else [name, "(", *base, ")"]


def _dated(nodes: list[Expression]) -> list[Expression]:
    """Arguments of a date function, where SQLite's 'now' stands for the current time."""
    return [exp.CurrentTimestamp() if is_now(n) else n for n in nodes]


def _case(arguments: list[Expression]) -> list[Item]:
    default: list[Item] = ["ELSE", *arguments[2:3]] if len(arguments) > 2 else []
    return ["CASE", "WHEN", *arguments[:1], "THEN", *arguments[1:2], *default, "END"]


def _regexp(arguments: list[Expression]) -> list[Item]:
    return [*arguments[:1], "REGEXP", *[n for n in arguments[1:2] if not is_literal(n)]]


_FAMILIES: dict[str, Callable[[list[Expression]], list[Item]]] = {
    "Extract": lambda a: call("EXTRACT", _dated(a)),
    "DateAdd": lambda a: call("DATE_ADD", _dated([x for n in a for x in (_amount(n) if is_interval(n) else [n])])),
    "DateDiff": lambda a: call("DATE_DIFF", _dated(a)),
    "DateTrunc": lambda a: call("DATE_TRUNC", [n for n in a if not is_interval(n)]),
    "TimeToStr": lambda a: call("DATE_FORMAT", a),
    "CurrentDate": lambda a: ["CURRENT_DATE"],
    "CurrentTimestamp": lambda a: ["CURRENT_TIMESTAMP"],
    "CurrentTime": lambda a: ["CURRENT_TIME"],
    "RegexpLike": _regexp,
    "If": _case,
    "Coalesce": lambda a: call("COALESCE", a),
    "Date": lambda a: call("DATE", a),
    "Timestamp": lambda a: call("TIMESTAMP", a),
}
