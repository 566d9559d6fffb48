"""Named filters: which rows of a log are asked by those a model is to serve, and which by dbt, dashboards, drivers.

    exclude: [dbt, {name: loaders, column: user, matches: ["svc_*", "/^etl_[0-9]+$/"]}]
    only:    [{name: analysts, column: role, matches: [ANALYST]}]

A row is excluded by the first filter that hits, and gets its name in `excluded`: `loaders`, or `only:analysts` for a
row that does not match. No row is dropped, and a row that was excluded before keeps its name. The description needs no
Spark; `apply_filters` does.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sqlalign.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

COLUMNS = ("user", "role", "application", "database", "schema", "statement_type", "query_tag", "comment")
"""What a filter can look at. `comment` is the first leading comment of the text and its last line or block if that is
a comment, nothing else of it."""

COMMENT_LIMIT = 10_000
"""Characters of a comment that a filter sees: headers are short, and a runaway one must not slow a pattern down."""

_COMMENT = "_comment"
_LONE_BRACE = re.compile(r"(?<!\\)(?:\\\\)*\{(?!\d+(,\d*)?\})")
"""A brace that Python takes for itself and Java, which Spark uses, for a broken count."""


class QueryFilter(BaseModel):
    """One filter, e.g. `QueryFilter(name="loaders", column="user", matches=["svc_*", "/^etl_[0-9]+$/", "LOADER"])`.

    matches: a text is compared whole, `*` and `?` make it a pattern for the whole value, `/…/` is a regular expression
    found anywhere in it; all without regard to case. One match is enough. A column without a value matches nothing.
    Filters with one name and mode are alternatives: a row that matches any of them matches.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    column: str
    matches: tuple[str, ...]
    mode: Literal["exclude", "only"] = "exclude"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.column not in COLUMNS:
            raise ValueError(
                f"Filter '{self.name}': unknown column '{self.column}'.{did_you_mean(self.column, COLUMNS)} "
                f"Set column to one of: {', '.join(COLUMNS)}."
            )
        if not self.matches:
            raise ValueError(f"Filter '{self.name}': matches is empty. Set matches to at least one value or pattern.")
        for match in self.matches:
            _check_match(self.name, match)
        return self

    @property
    def excluded_as(self) -> str:
        """What `excluded` says of the rows that this filter takes out."""
        return f"only:{self.name}" if self.mode == "only" else self.name

    @property
    def pattern(self) -> str:
        """All matches as one regular expression, to be found in a value."""
        return "(?isu)" + "|".join(f"(?:{_regex(match)})" for match in self.matches)


def _check_match(name: str, match: str) -> None:
    if not match.strip("/"):
        raise ValueError(f"Filter '{name}': the match '{match}' is empty. Set matches to values or patterns.")
    if not _is_regex(match):
        return
    if "(?P" in match:
        raise ValueError(f"Filter '{name}': named groups as in '{match}' are not known to Spark. Use (…) in matches.")
    if _LONE_BRACE.search(match):
        raise ValueError(f"Filter '{name}': in '{match}' Spark takes a brace for a count. Write it \\{{ in matches.")
    try:
        re.compile(match[1:-1])
    except re.error as error:
        raise ValueError(
            f"Filter '{name}': '{match}' is no regular expression: {error}. Mend it in matches, or drop the slashes."
        ) from error


def _is_regex(match: str) -> bool:
    return len(match) > 2 and match.startswith("/") and match.endswith("/")


def _regex(match: str) -> str:
    if _is_regex(match):
        return match[1:-1]
    wild = {"*": ".*", "?": "."}
    whole = "".join(wild.get(character) or _escaped(character) for character in match)
    # $ and \Z would let a newline follow.
    return rf"\A{whole}(?!.)"


def _escaped(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else f"\\{character}"


def _built_in(name: str, **matches: Sequence[str]) -> tuple[QueryFilter, ...]:
    return tuple(QueryFilter(name=name, column=column, matches=tuple(values)) for column, values in matches.items())


BUILT_IN: dict[str, tuple[QueryFilter, ...]] = {
    "dbt": _built_in(
        "dbt",
        comment=[r'/"app"\s*:\s*"dbt"/', r"/\bdbt_(version|invocation_id)\b/"],
        application=["/^dbt([^a-z]|$)/"],
        query_tag=[r"/\bdbt(_|\b)/"],
    ),
    "looker": _built_in(
        "looker",
        comment=["/Looker Query Context/"],
        application=["/^looker/"],
        query_tag=["/looker-context-/"],
    ),
    "tableau": _built_in(
        "tableau",
        comment=["/tableau-query-origins/"],
        application=["/^tableau/"],
        query_tag=["/tableau/"],
    ),
    "metabase": _built_in("metabase", comment=["/Metabase::/"], application=["/^metabase/"]),
    "mode": _built_in("mode", comment=[r"/https://(modeanalytics|app\.mode|mode)\.com/"]),
    "superset": _built_in("superset", comment=["/superset/"], application=["/superset/"]),
    "etl_statements": _built_in(
        "etl_statements",
        statement_type=[
            *("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "UNLOAD", "CTAS", "CREATE*", "REPLACE*", "TRUNCATE*"),
            *("ALTER*", "DROP*", "DDL", "OPTIMIZE", "VACUUM", "ANALYZE", "REFRESH*", "EXPORT_DATA", "LOAD_DATA"),
        ],
    ),
    "client_generated": _built_in(
        "client_generated",
        statement_type=[
            *("SHOW*", "DESC", "DESCRIBE*", "USE", "SET", "UNSET", "ALTER_SESSION", "LIST_FILES", "GET_FILES"),
            *(
                "PUT_FILES",
                "REMOVE_FILES",
                "BEGIN*",
                "COMMIT*",
                "ROLLBACK*",
                "EXPLAIN*",
                "UTILITY",
                "COMMAND",
                "SYSTEM",
            ),
        ],
    ),
}
"""Ready-made filters by name. `etl_statements` and `client_generated` go by the source's own kinds of statement."""


def filters_of(
    exclude: Sequence[str | Mapping[str, Any] | QueryFilter] = (),
    only: Sequence[str | Mapping[str, Any] | QueryFilter] = (),
) -> list[QueryFilter]:
    """Filters in the order they apply: those of `exclude`, then those of `only`. An item is the name of a built-in
    filter, or a description. Raises ConfigError with the faults of all items at once."""
    filters: list[QueryFilter] = []
    faults: list[str] = []
    for mode, items in (("exclude", exclude), ("only", only)):
        for item in items:
            try:
                filters += [filter.model_copy(update={"mode": mode}) for filter in _filters_of(item)]
            except ValueError as error:
                faults += _faults(error)
    if faults:
        raise ConfigError("\n".join(faults))
    return filters


def _filters_of(item: str | Mapping[str, Any] | QueryFilter) -> tuple[QueryFilter, ...]:
    if isinstance(item, QueryFilter):
        return (item,)
    if not isinstance(item, str):
        return (QueryFilter.model_validate(dict(item)),)
    if item not in BUILT_IN:
        raise ValueError(
            f"Unknown filter '{item}'.{did_you_mean(item, BUILT_IN)} Built in are: {', '.join(BUILT_IN)}. "
            "Name one of them, or describe one with name, column and matches."
        )
    return BUILT_IN[item]


def _faults(error: ValueError) -> list[str]:
    if not isinstance(error, ValidationError):
        return [str(error)]
    return [str(fault["ctx"]["error"]) if fault["type"] == "value_error" else _fault(fault) for fault in error.errors()]


def _fault(fault: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    return f"Filter: '{place}': {fault['msg']}, found {fault['input']!r}. Set name, column and matches of each filter."


def apply_filters(queries: "DataFrame", filters: Sequence[QueryFilter]) -> "DataFrame":
    """`excluded` filled in by the filters: same rows, same columns. Rows that were excluded before keep their name."""
    from pyspark.sql import functions as F

    if not filters:
        return queries
    names = queries.columns
    commented = queries.withColumn(_COMMENT, comment_of(F.col("sql")))
    hit = F.coalesce(*[_hit(alternatives) for alternatives in _by_name(filters)])
    # A row that could not be read has no values: `only` would hide it among the excluded ones.
    is_readable = ~F.col("reject").eqNullSafe("malformed_row")
    excluded = F.coalesce("excluded", F.when(is_readable, hit))
    return commented.withColumn("excluded", excluded).select(*[F.col(f"`{name}`") for name in names])


def _by_name(filters: Sequence[QueryFilter]) -> list[list[QueryFilter]]:
    """Filters of one name and mode together, in the order of their first."""
    groups: dict[str, list[QueryFilter]] = {}
    for filter in filters:
        groups.setdefault(filter.excluded_as, []).append(filter)
    return list(groups.values())


def _hit(alternatives: Sequence[QueryFilter]) -> "Column":
    """The name under which a row is excluded by these filters, null where it is not."""
    from pyspark.sql import functions as F

    first = alternatives[0]
    matched = F.lit(False)
    for filter in alternatives:
        column = _COMMENT if filter.column == "comment" else filter.column
        matched = matched | F.coalesce(F.col(column).rlike(filter.pattern), F.lit(False))
    return F.when(matched if first.mode == "exclude" else ~matched, F.lit(first.excluded_as))


def comment_of(sql: "Column") -> "Column":
    """The first leading comment and the last one, joined by a newline: `/* … */` or lines of `--`; never any SQL.

    dbt and Looker write a header, Tableau and Mode a footer. A comment at the end of a line of SQL is not looked at:
    it cannot be told from a literal without a lexer.
    """
    from pyspark.sql import functions as F

    white = F.lit(" \t\r\n;")
    # BigQuery's first line says which of its languages follows.
    head = F.ltrim(F.regexp_replace(F.ltrim(sql, white), r"(?i)^#(standard|legacy)SQL\b", ""), white)
    tail = F.rtrim(sql, white)
    leading = F.when(head.startswith("/*") & head.contains("*/"), F.substring_index(head, "*/", 1)).when(
        head.startswith("--"), F.substring_index(head, "\n", 1)
    )
    last_line = F.ltrim(F.substring_index(tail, "\n", -1), white)
    trailing = F.when(tail.endswith("*/") & tail.contains("/*"), F.substring_index(tail, "/*", -1)).when(
        last_line.startswith("--"), last_line
    )
    return F.concat_ws("\n", *[F.substring(comment, 1, COMMENT_LIMIT) for comment in (leading, trailing)])
