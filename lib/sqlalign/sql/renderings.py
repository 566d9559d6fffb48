"""Every class of sqlglot that can occur in a query, and how it is rendered: the heart of the template.

Most are patterns (patterns.py); rules.py, joins.py and dates.py hold what a pattern cannot say. `written` replaces a
handful. A class that is listed nowhere is rendered as `OTHER ( … )` and counted by name.
"""

from sqlglot import exp
from sqlglot.expressions import Expression

from sqlalign.sql import dates, joins, rules
from sqlalign.sql.functions import KNOWN_NAMES, NAME_OF_CLASS, UNKNOWN_FUNCTION
from sqlalign.sql.literals import CASTS, DATA, is_literal, is_null
from sqlalign.sql.patterns import Item, Rendering, compile_pattern, tokens_of
from sqlalign.sql.precedence import INFIX, NEGATABLE_INFIX, rank_of

__all__ = ["CANONICAL", "NEGATABLE", "TOKENS", "UNKNOWN", "WRITTEN", "rank_of"]

# Clauses of a query in the order they are written, whatever the order of the dialect.
CLAUSES = (
    "[ from_ ] [ joins+ ] [ laterals+ ] [ sample ] [ match ] [ pivots+ ] [ prewhere ] [ where ] [ connect ] [ group ] "
    "[ having ] [ WINDOW windows ] [ qualify ] [ cluster ] [ distribute ] [ sort ] "
    "[ order ] [ limit ] [ offset ] [ locks+ ] [ for_ ]"
)

PATTERNS = {
    "Between": "this5 ~ BETWEEN low6 AND high6",
    "Escape": "this5 ESCAPE",
    "Where": "WHERE this",
    "PreWhere": "PREWHERE this",
    "Having": "HAVING this",
    "Qualify": "QUALIFY this",
    "Connect": "[ START WITH start ] CONNECT BY [ nocycle? NOCYCLE ] connect",
    "Prior": "PRIOR this9",
    "ConnectByRoot": "CONNECT_BY_ROOT this",
    "Into": "INTO",
    "Cluster": "CLUSTER BY expressions",
    "Distribute": "DISTRIBUTE BY expressions",
    "Sort": "SORT BY expressions",
    "WithFill": "WITH FILL",
    "Distinct": "DISTINCT [ ON on ] [ expressions ]",
    "Filter": "this FILTER ( expression )",
    "WithinGroup": "this WITHIN GROUP ( expression )",
    "IgnoreNulls": "this IGNORE NULLS",
    "RespectNulls": "this",
    "HavingMax": "this HAVING MAX expression",
    "Rollup": "ROLLUP ( [ expressions ] )",
    "Cube": "CUBE ( [ expressions ] )",
    "AtTimeZone": "this9 AT TIME ZONE",
    "FromTimeZone": "this9 AT TIME ZONE",
    "Null": "NULL",
    "Slice": "[ this ] : [ expression ] [ step ]",
    "Lambda": "-> this",
    "TableSample": "TABLESAMPLE ( )",
    "TableFromRows": "TABLE ( this ) [ pivots+ ] [ sample ] [ joins+ ]",
    "QueryTransform": "TRANSFORM ( expressions )",
    "MatchRecognize": "MATCH_RECOGNIZE ( [ PARTITION BY partition_by ] [ order ] [ MEASURES measures ] "
    "[ pattern? PATTERN ( ) ] [ DEFINE define ] )",
    "Columns": "COLUMNS ( )",
    "Comprehension": "[ expression FOR IN iterator ] [ IF condition ]",
    "PivotAny": "ANY [ this ]",
    "UnpivotColumns": "expressions",
    "SemanticView": "SEMANTIC_VIEW ( [ METRICS metrics ] [ DIMENSIONS dimensions ] [ FACTS facts ] [ where ] )",
    "OverflowTruncateBehavior": "ON OVERFLOW TRUNCATE",
    "ForIn": "this",
    "Delete": "DELETE FROM [ using ] [ where ] [ returning ]",
    "Update": "UPDATE [ SET expressions ] [ from_ ] [ where ] [ returning ]",
    "Insert": "INSERT INTO [ expression ] [ returning ]",
    "Merge": "MERGE INTO USING using [ ON on ] [ returning ]",
    "Returning": "RETURNING expressions",
}

# Nodes that leave only what stands in them.
TRANSPARENT = (
    "Alias Aliases PivotAlias SafeFunc NetFunc Variadic Final FormatJson Opclass ScopeResolution XMLNamespace "
    "PartitionByExcluding Tag MatchRecognizeMeasure JSONValue ColumnPrefix JSON AtIndex Stream"
).split()
TRANSPARENT_TO_EXPRESSION = "Kwarg PropertyEQ".split()

# Nodes that leave nothing: names, hints, types, options.
DROPPED = (
    "Identifier TableAlias Hint JoinHint IndexTableHint WithTableHint JSONSchema JSONColumnDef "
    "OpenJSONColumnDef Schema ColumnDef Partition PositionalColumn DynamicIdentifier Semicolon OnCondition "
    "JSONExtractQuote XMLKeyValueOption Pragma Properties Property Reference Directory LimitOptions"
).split()

_BY_RULE: dict[str, Rendering] = {
    **dict.fromkeys("Column Pseudocolumn".split(), rules.column),
    "Star": rules.star,
    "Dot": rules.qualified,
    "Bracket": rules.bracket,
    "Tuple": rules.literal_list(""),
    "Array": rules.array,
    "List": rules.literal_list("LIST"),
    "Values": rules.rows,
    "In": rules.in_list,
    "Is": rules.is_test,
    "Not": rules.negation,
    "NEQ": rules.not_equal,
    "Neg": rules.negative,
    "BitwiseNot": rules.bitwise_not,
    "NullSafeEQ": rules.distinct_from("IS NOT DISTINCT FROM", "IS DISTINCT FROM"),
    "NullSafeNEQ": rules.distinct_from("IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
    "Exists": rules.subquery_predicate("EXISTS"),
    "Any": rules.subquery_predicate("ANY"),
    "All": rules.subquery_predicate("ALL"),
    "Subquery": rules.subquery,
    "From": rules.from_clause,
    "Table": rules.table,
    "Join": joins.join,
    "Lateral": joins.lateral,
    **dict.fromkeys("Union Except Intersect".split(), joins.set_operation),
    "With": joins.with_clause,
    "CTE": joins.common_table,
    "Case": rules.case,
    "If": rules.if_call,
    "Concat": rules.concat,
    "Window": rules.window,
    "WindowSpec": rules.frame,
    "Group": rules.group,
    "GroupingSets": rules.grouping_sets,
    "Ordered": rules.order_key,
    **dict.fromkeys("Limit Fetch".split(), rules.limit),
    "Offset": rules.offset,
    "Lock": rules.lock,
    "ForClause": rules.for_clause,
    "Pivot": rules.pivot,
    **dict.fromkeys("Version HistoricalData".split(), rules.time_travel),
    "Collate": rules.collation,
    "Unnest": rules.unnest,
    "JSONKeyValue": rules.key_value,
    **dict.fromkeys("JSONExtract JSONBExtract".split(), rules.json_extract("JSON_EXTRACT")),
    **dict.fromkeys("JSONExtractScalar JSONBExtractScalar".split(), rules.json_extract("JSON_EXTRACT_SCALAR")),
    "NestedJSONSelect": rules.json_extract("JSON_EXTRACT"),
    **dict.fromkeys(
        "AnonymousAggFunc CombinedAggFunc ParameterizedAgg CombinedParameterizedAgg".split(), rules.aggregate_by_name
    ),
    "Anonymous": dates.anonymous,
    "Interval": dates.interval,
    "Extract": dates.extract,
    **dict.fromkeys(
        "Year Month Day Hour Minute Second Quarter Week WeekOfYear DayOfWeek DayOfWeekIso DayOfMonth DayOfYear "
        "YearOfWeek YearOfWeekIso Dayname Monthname".split(),
        dates.part,
    ),
    "TimeToStr": dates.formatted,
    "LastDay": dates.last_day,
    **dict.fromkeys("DateTrunc DatetimeTrunc TimeTrunc TimestampTrunc".split(), dates.truncated),
    **dict.fromkeys(
        "DateAdd DateSub DatetimeAdd DatetimeSub TimeAdd TimeSub TimestampAdd TimestampSub TsOrDsAdd AddMonths".split(),
        dates.moved,
    ),
    **dict.fromkeys("DateDiff DatetimeDiff TimeDiff TimestampDiff TsOrDsDiff".split(), dates.difference),
    **dict.fromkeys("Date TsOrDsToDate DateStrToDate TimeStrToDate".split(), dates.converted("DATE")),
    **dict.fromkeys("Datetime TsOrDsToDatetime".split(), dates.converted("DATETIME")),
    **dict.fromkeys("Timestamp TsOrDsToTimestamp TimeStrToTime".split(), dates.converted("TIMESTAMP")),
    **dict.fromkeys("Time TsOrDsToTime".split(), dates.converted("TIME")),
    **dict.fromkeys("CurrentDate UtcDate".split(), dates.moment("CURRENT_DATE")),
    **dict.fromkeys("CurrentTime UtcTime Localtime".split(), dates.moment("CURRENT_TIME")),
    **dict.fromkeys(
        "CurrentTimestamp CurrentDatetime UtcTimestamp Localtimestamp Systimestamp CurrentTimestampLTZ".split(),
        dates.moment("CURRENT_TIMESTAMP"),
    ),
    "Add": dates.sum_or_move("+", 7),
    "Sub": dates.sum_or_move("-", 7),
}


def _cast(name: str) -> Rendering:
    """CAST ( operand ); of a literal nothing, of NULL only NULL."""

    def render(node: Expression, walker: object, negated: bool) -> list[Item]:
        if is_literal(node):
            return []
        return (
            ["NULL"] if is_null(node) else [name, "(", node.expression if type(node) is exp.Convert else node.this, ")"]
        )

    return render


def _literal_or(rendering: Rendering) -> Rendering:
    """Conversions of a literal are a literal."""
    return lambda node, walker, negated: [] if is_literal(node) else rendering(node, walker, negated)


def _length(node: Expression, walker: object, negated: bool) -> list[Item]:
    """LENGTH; T-SQL's parser puts a cast around the argument of LEN."""
    return rules.call("LENGTH", [dates.unwrapped(node.this)])


def _part_of_text(name: str) -> Rendering:
    """LEFT and RIGHT; T-SQL's parser puts a cast around their argument too."""
    return lambda node, walker, negated: rules.call(name, [dates.unwrapped(node.this), node.expression])


def _infix(token: str, rank: int) -> Rendering:
    """An infix operator: the left side bare at equal rank, the right side too under AND and OR."""
    right = rank if token in ("AND", "OR") else rank + 1
    return compile_pattern(f"this{rank} {token} expression{right}")


def _by_class() -> dict[type[Expression], Rendering]:
    named: dict[str, Rendering] = {
        **dict.fromkeys(NAME_OF_CLASS, rules.known_class),
        **{kind.__name__: _infix(token, rank) for kind, (token, rank) in INFIX.items()},
        **{kind.__name__: rules.negatable(token) for kind, token in NEGATABLE_INFIX.items()},
        **{name: compile_pattern(pattern) for name, pattern in PATTERNS.items()},
        **dict.fromkeys([kind.__name__ for kind in DATA], rules.nothing),
        **dict.fromkeys(DROPPED, rules.nothing),
        **dict.fromkeys(TRANSPARENT, compile_pattern("this")),
        **dict.fromkeys(TRANSPARENT_TO_EXPRESSION, compile_pattern("expression")),
        **_BY_RULE,
        **dict.fromkeys("Cast TryCast JSONCast CastToStrType Convert".split(), _cast("CAST")),
        "Paren": compile_pattern("this"),
        "Length": _length,
        "Left": _part_of_text("LEFT"),
        "Right": _part_of_text("RIGHT"),
        "Order": _order,
    }
    for name in [kind.__name__ for kind in CASTS if kind.__name__ in NAME_OF_CLASS]:
        named[name] = _literal_or(rules.known_class)
    for name in ("StrToDate", "StrToTime"):
        named[name] = _literal_or(rules.function("STR_TO_DATE" if name == "StrToDate" else "STR_TO_TIME"))
    return {getattr(exp, name): rendering for name, rendering in named.items() if hasattr(exp, name)}


def _order(node: Expression, walker: object, negated: bool) -> list[Item]:
    """ORDER BY, of a query or inside an aggregate (then `this` is its argument)."""
    words = ["ORDER", "SIBLINGS", "BY"] if node.args.get("siblings") else ["ORDER", "BY"]
    head = [node.this] if isinstance(node.args.get("this"), Expression) else []
    return [*head, *words, *rules.with_commas(node.expressions)]


def _select_kind(node: Expression, walker: object, negated: bool) -> list[Item]:
    """SELECT; BigQuery's AS STRUCT and AS VALUE are words of it."""
    kind = str(node.args.get("kind") or "").upper()
    words: list[Item] = ["AS", kind] if kind in ("STRUCT", "VALUE") else []
    with_ = rules.nodes_of(node.args.get("with_"))
    return [*with_, "SELECT", *words, *_after_select(node, walker, negated)]  # type: ignore[arg-type]


_after_select = compile_pattern(f"[ distinct ] [ expressions ] [ exclude? EXCEPT ( ) ] [ into ] {CLAUSES}")

CANONICAL: dict[type[Expression], Rendering] = {**_by_class(), exp.Select: _select_kind}
WRITTEN: dict[type[Expression], Rendering] = {
    **CANONICAL,
    exp.Paren: compile_pattern("( this )"),
    exp.TryCast: _cast("TRY_CAST"),
}
UNKNOWN: Rendering = rules.unknown
NEGATABLE = frozenset({*NEGATABLE_INFIX, exp.Is, exp.In, exp.Between, exp.NullSafeEQ, exp.NullSafeNEQ})

# Every token that can occur in a template.
TOKENS = frozenset(
    {token for pattern in PATTERNS.values() for token in tokens_of(pattern)}
    | {word for token, _ in INFIX.values() for word in token.split()}
    | {word for token in NEGATABLE_INFIX.values() for word in token.split()}
    | set(KNOWN_NAMES)
    | joins.JOIN_WORDS
    | {word for words in rules.FRAME_WORDS.values() for word in words}
    | set(
        """
    ( ) [ ] , * : (+) ~ - SELECT AS STRUCT VALUE DISTINCT FROM WHERE JOIN ON USING MATCH_CONDITION LATERAL VIEW
    OUTER WITH ORDINALITY RECURSIVE UNION EXCEPT INTERSECT ALL BY NAME VALUES NOT IN IS NULL EXISTS ANY CASE
    WHEN THEN ELSE END || REPLACE RENAME ILIKE OVER KEEP DENSE_RANK FIRST LAST PARTITION BETWEEN AND EXCLUDE
    WINDOW GROUP ROLLUP CUBE GROUPING SETS TOTALS ORDER SIBLINGS ASC DESC LIMIT OFFSET PERCENT TIES FOR UPDATE
    SHARE XML JSON PIVOT UNPIVOT SYSTEM_TIME VERSION OF COLLATE UNNEST ARRAY LIST INTO CAST TRY_CAST EXTRACT DATE_FORMAT
    DATE_TRUNC DATE_ADD DATE_DIFF LAST_DAY LENGTH DATE DATETIME TIMESTAMP TIME CURRENT_DATE CURRENT_TIME
    CURRENT_TIMESTAMP INTERVAL JSON_EXTRACT JSON_EXTRACT_SCALAR COALESCE REGEXP STR_TO_DATE STR_TO_TIME
    JULIANDAY UNIXEPOCH OTHER
    """.split()
    )
    | {UNKNOWN_FUNCTION}
)
