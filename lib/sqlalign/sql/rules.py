"""The renderings that a pattern cannot say, one short function each."""

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.expressions import Expression

from sqlalign.sql.functions import NAME_OF_CLASS, UNKNOWN_FUNCTION, name_of_call
from sqlalign.sql.literals import is_literal, is_literal_list
from sqlalign.sql.patterns import Item, Rendering, nodes_of, with_commas

if TYPE_CHECKING:
    from sqlalign.sql.walk import Walker


def nothing(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """Names and literals leave no token."""
    return []


def call(name: str, arguments: list[Expression]) -> list[Item]:
    """`NAME ( arguments )`; literals, units and formats among the arguments take no comma."""
    return [name, "(", *with_commas([a for a in arguments if not is_literal(a)]), ")"]


def arguments_of(node: Expression) -> list[Expression]:
    """All arguments of a function, in the order its class declares them."""
    return [child for name in node.arg_types for child in nodes_of(node.args.get(name))]


def function(name: str) -> Rendering:
    """The rendering of a known function."""
    return lambda node, walker, negated: call(name, arguments_of(node))


def qualified(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`a.b(x)` is a user's function even if `b` is a known name; `(f(x)).y` is only its left side."""
    last = node.expression
    left = [] if type(node.this) is exp.Identifier else [node.this]
    if not isinstance(last, exp.Func) or not isinstance(last, Expression):
        return [*left, *([last] if type(last) is exp.Star else [])]
    is_name = node.this is None or all(type(part) in (exp.Identifier, exp.Dot) for part in node.this.walk())
    return [*([] if is_name else left), *call(UNKNOWN_FUNCTION, arguments_of(last))]


def aggregate_by_name(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """ClickHouse's aggregates that sqlglot knows by their form only: `uniqExact(x)`, `quantileIf(0.5)(x, c)`."""
    name = node.this if isinstance(node.this, str) else ""
    known = name_of_call(name)
    if known == UNKNOWN_FUNCTION and name.upper().endswith("IF"):
        known = name_of_call(name[:-2])
    return call(known, [*nodes_of(node.args.get("params")), *node.expressions])


def literal_list(name: str) -> Rendering:
    """A list in parentheses: one empty slot if it holds literals only, else a comma between each two."""

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        head: list[Item] = [name] if name else []
        return [*head, "(", *slots(node.expressions), ")"]

    return render


def slots(nodes: list[Expression]) -> list[Item]:
    """Members of a list: nothing if all are literals, else every member with commas."""
    return [] if is_literal_list(nodes) else with_commas(nodes)


def rows(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """VALUES: one empty pair if all is data, else the rows as they are."""
    if is_literal_list(node.expressions):
        head: list[Item] = ["VALUES", "(", ")"]
    else:
        head = ["VALUES", *with_commas(node.expressions)]
    return [*head, *nodes_of([node.args.get(name) for name in ("order", "limit", "offset")])]


def in_list(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`this [NOT] IN ( … )` of a list, a query, an array or a table."""
    head: list[Item] = [*walker.operand(node.this, 5), *(["NOT"] if negated else []), "IN"]
    if query := node.args.get("query"):
        return [*head, *in_pair(query, walker)]
    if source := node.args.get("unnest") or node.args.get("field"):
        return [*head, source]
    return [*head, "(", *slots(node.expressions), ")"]


def in_pair(query: Expression, walker: "Walker") -> list[Item]:
    """A query in exactly one pair of parentheses; under `written` in as many as were typed."""
    if walker.written and type(query) is exp.Subquery:
        return [query]
    return ["(", walker.without_pair(query), ")"]


def subquery_predicate(name: str) -> Rendering:
    """EXISTS, ANY and ALL: always one pair."""

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        inner = node.this
        while type(inner) in (exp.Paren, exp.Subquery) and type(inner.this) in (exp.Paren, exp.Subquery):
            inner = inner.this
        if type(inner) is exp.Tuple:
            return [name, "(", *slots(inner.expressions), ")"]
        if type(inner) is exp.Paren and is_literal(inner.this):
            return [name, "(", ")"]
        return [name, "(", inner.this if type(inner) in (exp.Paren, exp.Subquery) else inner, ")"]

    return render


def subquery(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """One pair around a query however many were typed; VALUES needs none; clauses outside the pair follow it."""
    inner = node.this if walker.written else walker.without_pair(node.this)
    clauses = nodes_of([value for name, value in node.args.items() if name not in ("this", "alias", "with_")])
    with_ = nodes_of(node.args.get("with_"))
    if type(inner) is exp.Values and not clauses and not walker.written:
        return [inner]
    return [*with_, "(", inner, ")", *clauses]


def source(node: Expression, walker: "Walker") -> list[Item]:
    """What stands left in FROM: a join in parentheses there loses its pair."""
    following: list[Item] = []
    while not walker.written and type(node) is exp.Subquery and _holds_tables(node):
        following = [
            *nodes_of([value for name, value in node.args.items() if name not in ("this", "alias")]),
            *following,
        ]
        node = node.this
    return [node, *following]


def _holds_tables(node: Expression) -> bool:
    """Whether a pair of parentheses holds tables joined, not a query."""
    while type(node) is exp.Subquery:
        node = node.this
    return type(node) is exp.Table


def from_clause(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """FROM and its first source. Oracle's users must write FROM dual where others write nothing."""
    if (
        type(node.this) is exp.Table
        and node.this.name.upper() == "DUAL"
        and not (node.parent and node.parent.args.get("joins"))
    ):
        return []
    return ["FROM", *source(node.this, walker)]


def table(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A table leaves no token but those of a table function, of time travel, pivots, samples and joins."""
    parts = (
        "this",
        "rows_from",
        "system_time",
        "version",
        "when",
        "changes",
        "ordinality",
        "pivots",
        "sample",
        "laterals",
    )
    items: list[Item] = [*nodes_of([node.args.get(name) for name in parts])]
    if node.args.get("ordinality"):
        items += ["WITH", "ORDINALITY"]
    return [*items, *nodes_of(node.args.get("joins"))]


def case(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """CASE in both forms."""
    items: list[Item] = ["CASE", *nodes_of(node.args.get("this"))]
    for branch in node.args["ifs"]:
        items += ["WHEN", branch.this, "THEN", branch.args["true"]]
    if default := node.args.get("default"):
        items += ["ELSE", default]
    return [*items, "END"]


def if_call(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """IF(a, b, c) and IIF are a CASE."""
    items: list[Item] = ["CASE", "WHEN", node.this, "THEN", *nodes_of(node.args.get("true"))]
    if default := node.args.get("false"):
        items += ["ELSE", default]
    return [*items, "END"]


def concat(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """CONCAT(a, b, c) is a || b || c; strings side by side are one literal."""
    if is_literal(node):
        return []
    items: list[Item] = []
    for i, part in enumerate(node.expressions):
        items += ["||", *walker.operand(part, 7)] if i else walker.operand(part, 6)
    return items


def negation(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """NOT."""
    return walker.negation(node)


def not_equal(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`!=`; Snowflake's parser makes `!= ALL` of NOT IN a query, so there both are the commoner of the two."""
    right = node.expression
    if (
        type(right) is exp.All
        and isinstance(right.this, exp.Select | exp.SetOperation)
        and walker.dialect == "snowflake"
    ):
        return [*walker.operand(node.this, 5), "NOT", "IN", "(", right.this, ")"]
    return [*walker.operand(node.this, 5), "!=", *walker.operand(right, 6)]


def distinct_from(same: str, other: str) -> Rendering:
    """IS [NOT] DISTINCT FROM, where NOT turns one into the other."""

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        words = (other if negated else same).split()
        return [*walker.operand(node.this, 5), *words, *walker.operand(node.expression, 6)]

    return render


def negatable(token: str) -> Rendering:
    """An infix comparison that takes NOT in its middle."""
    words = token.split()

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        turned = negated != bool(node.args.get("negate"))
        right = [] if is_literal(node.expression) else walker.operand(node.expression, 6)
        return [*walker.operand(node.this, 5), *(["NOT"] if turned else []), *words, *right]

    return render


def is_test(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`this IS [NOT] expression`; NOT may stand in the tree on either side."""
    right = node.expression
    turned = negated != bool(node.args.get("negate"))
    if type(right) is exp.Not:
        right, turned = right.this, not turned
    return [*walker.operand(node.this, 5), "IS", *(["NOT"] if turned else []), *walker.operand(right, 6)]


def negative(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A sign; before a number it belongs to the number."""
    return [] if is_literal(node) else ["-", *walker.operand(node.this, 9)]


def bitwise_not(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`~ this`."""
    return ["~", *walker.operand(node.this, 9)]


def bracket(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`this[…]`: element, key or slice."""
    inside = [n for n in node.expressions if not is_literal(n)]
    return [*walker.operand(node.this, 10), "[", *with_commas(inside), "]"]


def star(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`*` with what is taken out of it or replaced in it; the names in EXCEPT are only names."""
    items: list[Item] = ["*"]
    if node.args.get("except_"):
        items += ["EXCEPT", "(", ")"]
    if replaced := node.args.get("replace"):
        items += ["REPLACE", "(", *with_commas(nodes_of(replaced)), ")"]
    if node.args.get("rename"):
        items += ["RENAME", "(", ")"]
    return [*items, *(["ILIKE"] if node.args.get("ilike") else [])]


def column(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A column leaves no token, but `t.*` is a star and Oracle's `(+)` an outer join."""
    items: list[Item] = [node.this] if type(node.this) is exp.Star else []
    return [*items, *(["(+)"] if node.args.get("join_mark") else [])]


def json_extract(name: str) -> Rendering:
    """A value out of JSON; the path is data unless it is computed."""
    return lambda node, walker, negated: call(name, nodes_of([node.this, node.args.get("expression")]))


def window(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """`function OVER ( … )`, `function OVER name`, or a definition in the WINDOW clause."""
    spec = None if _frame_is_the_parsers(node, walker) else node.args.get("spec")
    inside: list[Item] = []
    if partition := node.args.get("partition_by"):
        inside += ["PARTITION", "BY", *with_commas(nodes_of(partition))]
    inside += nodes_of([node.args.get("order"), spec])
    if type(node.this) is exp.Identifier:
        return ["(", *inside, ")"]
    over = "KEEP" if node.args.get("over") == "KEEP" else "OVER"
    first = [] if node.args.get("first") is None else ["DENSE_RANK", "FIRST" if node.args["first"] else "LAST"]
    if node.args.get("alias") and not inside:
        return [node.this, over]
    return [node.this, over, "(", *first, *inside, ")"]


def _frame_is_the_parsers(node: Expression, walker: "Walker") -> bool:
    """Snowflake's parser writes down the default frame of FIRST_VALUE and its sisters."""
    ranked = node.this.this if type(node.this) in (exp.IgnoreNulls, exp.RespectNulls) else node.this
    return walker.dialect == "snowflake" and type(ranked) in (exp.FirstValue, exp.LastValue, exp.NthValue)


FRAME_WORDS = {
    word: word.split()
    for word in (
        "ROWS", "RANGE", "GROUPS", "UNBOUNDED", "CURRENT ROW", "PRECEDING", "FOLLOWING", "TIES", "GROUP", "NO OTHERS",
    )
}  # fmt: skip


def frame(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A window's frame; BETWEEN where it was typed."""
    start = [*_bound(node.args.get("start")), *_bound(node.args.get("start_side"))]
    items: list[Item] = [*_bound(node.args.get("kind"))]
    if node.args.get("end"):
        items += ["BETWEEN", *start, "AND", *_bound(node.args["end"]), *_bound(node.args.get("end_side"))]
    else:
        items += start
    if exclude := node.args.get("exclude"):
        items += ["EXCLUDE", *_bound(exclude.name if isinstance(exclude, Expression) else exclude)]
    return items


def _bound(value: object) -> list[Item]:
    """A word of a frame by look-up in the fixed list, or an expression."""
    if isinstance(value, Expression):
        return [] if is_literal(value) else [value]
    return [*FRAME_WORDS.get(str(value).upper(), [])]


def group(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """GROUP BY with its sets; `a WITH ROLLUP` is `ROLLUP ( a )`, Hive's `a GROUPING SETS (…)` only the sets."""
    if node.args.get("all"):
        return ["GROUP", "BY", "ALL"]
    keys, sets = node.expressions, nodes_of([node.args.get(name) for name in ("grouping_sets", "cube", "rollup")])
    trailing = next((s for s in sets if not s.expressions and type(s) in (exp.Rollup, exp.Cube)), None)
    if trailing is not None:
        name = "ROLLUP" if type(trailing) is exp.Rollup else "CUBE"
        items: list[Item] = ["GROUP", "BY", name, "(", *with_commas(keys), ")"]
    elif node.args.get("grouping_sets"):
        items = ["GROUP", "BY", *with_commas(sets)]
    else:
        items = ["GROUP", "BY", *with_commas([*keys, *sets])]
    return [*items, *(["WITH", "TOTALS"] if node.args.get("totals") else [])]


def grouping_sets(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """GROUPING SETS; `(a)` is `a`."""
    return ["GROUPING", "SETS", "(", *with_commas([_single(n, walker) for n in node.expressions]), ")"]


def _single(node: Expression, walker: "Walker") -> Expression:
    if type(node) is exp.Tuple and len(node.expressions) == 1 and not walker.written:
        return node.expressions[0]
    return node


def order_key(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A sort key; where NULLs go is never written, an explicit ASC only under `written`."""
    direction = node.args.get("desc")
    words: list[Item] = ["DESC"] if direction else ["ASC"] if direction is False and walker.written else []
    return [node.this, *words, *nodes_of(node.args.get("with_fill"))]


def limit(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """LIMIT, TOP and FETCH are LIMIT; a number of rows is a literal."""
    options = node.args.get("limit_options")
    value = node.args.get("expression") or node.args.get("count")
    items: list[Item] = [*nodes_of(node.args.get("this")), "LIMIT"]
    if value is not None and not is_literal(value):
        items.append(value)
    if node.args.get("offset") is not None:
        items.append("OFFSET")
    if options and options.args.get("percent"):
        items.append("PERCENT")
    if options and options.args.get("with_ties"):
        items += ["WITH", "TIES"]
    if by := node.args.get("expressions"):
        items += ["BY", *with_commas(nodes_of(by))]
    return items


def offset(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """OFFSET; the number is a literal."""
    return ["OFFSET", *([] if is_literal(node.expression) else [node.expression])]


def lock(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """FOR UPDATE and FOR SHARE."""
    return ["FOR", "UPDATE" if node.args.get("update") else "SHARE"]


def for_clause(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """T-SQL's FOR XML and FOR JSON, without their options."""
    kind = str(node.args.get("kind")).upper()
    return ["FOR", kind] if kind in ("XML", "JSON") else []


def pivot(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """PIVOT ( aggregates FOR IN ( ) ): bare names after IN are values; those of UNPIVOT are columns."""
    unpivot = node.args.get("unpivot")
    items: list[Item] = ["UNPIVOT" if unpivot else "PIVOT", "(", *with_commas(nodes_of(node.args.get("this")))]
    items += with_commas(nodes_of(node.args.get("expressions")))
    if using := nodes_of(node.args.get("using")):
        items += ["USING", *with_commas(using)]
    for field in nodes_of(node.args.get("fields")):
        items += ["FOR", *_pivot_field(field, bool(unpivot))]
    return [*items, *nodes_of(node.args.get("group")), ")"]


def _pivot_field(field: Expression, unpivot: bool) -> list[Item]:
    if type(field) is not exp.In:
        return [field]
    inside = nodes_of([field.args.get(name) for name in ("expressions", "query", "field")])
    names = all(type(n) in (exp.Column, exp.Identifier, exp.Alias, exp.PivotAlias) or is_literal(n) for n in inside)
    shown = inside if unpivot or not names else []
    shown = [n.this if type(n) is exp.Subquery else n for n in shown]
    return [*nodes_of(field.this), "IN", "(", *with_commas(shown), ")"]


TRAVEL_WORDS: dict[str, list[str]] = {"BETWEEN": ["BETWEEN"], "FROM": ["FROM"], "ALL": ["ALL"], "CONTAINED IN": ["IN"]}


def time_travel(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A table as it was: at a time or at a version."""
    kind = node.args.get("kind") if type(node) is exp.HistoricalData else node.this
    name = str(kind.name if isinstance(kind, Expression) else kind).upper()
    version = name in ("VERSION", "STATEMENT", "STREAM", "SCN")
    reach = TRAVEL_WORDS.get(str(node.args.get("kind")).upper(), ["AS", "OF"])
    items: list[Item] = ["FOR", "VERSION" if version else "SYSTEM_TIME", *reach]
    moment = node.args.get("expression")
    return items if moment is None or is_literal(moment) or type(moment) is exp.Tuple else [*items, moment]


def collation(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """COLLATE; the name of the collation is dropped."""
    return [*walker.operand(node.this, 9), "COLLATE"]


def unnest(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """UNNEST; an array of literals in it is data."""
    arrays = [n for n in node.expressions if not (type(n) is exp.Array and is_literal_list(n.expressions))]
    items = call("UNNEST", arrays)
    return [*items, "WITH", "ORDINALITY"] if node.args.get("offset") else items


def array(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """ARRAY of members, or of a query."""
    members = [walker.without_pair(n) for n in node.expressions]
    return ["ARRAY", "(", *slots(members), ")"]


def key_value(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A key and its value inside JSON_OBJECT."""
    return with_commas([n for n in (node.this, node.expression) if not is_literal(n)])


def unknown(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """The last resort: what no rule is known for; the walker counts it by class."""
    children = [child for value in node.args.values() for child in nodes_of(value)]
    return ["OTHER", "(", *with_commas(children), ")"]


def known_class(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
    """A function by its class."""
    return call(NAME_OF_CLASS[type(node).__name__], arguments_of(node))
