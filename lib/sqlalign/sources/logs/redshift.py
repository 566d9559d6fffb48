"""Amazon Redshift: `SYS_QUERY_HISTORY` (texts cut at 4,000 bytes), and whole texts in pieces: `SYS_QUERY_TEXT`,
`STL_QUERYTEXT`.

Export: conf/exports/redshift.sql has a query for each. Both keep rows for days only, so export nightly. Pieces are
joined here rather than with LISTAGG, which fails beyond 65,535 bytes and on the views' duplicate rows.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from sqlalign.sources.complete import complete
from sqlalign.sources.logs.columns import (
    Export,
    Rule,
    aliased,
    applied,
    check_time_zone,
    counts_unless,
    first_rule,
    log_record,
    outcome_rules,
    typed,
)

SIGNATURE = frozenset({"query_id", "query_text", "status", "start_time", "end_time"})
TEXT_SIGNATURE = frozenset({"sequence", "text"})
QUERY_ID = ("query_id", "query")
START = ("start_time", "starttime")
END = ("end_time", "endtime")

TEXT_LIMIT = 4_000
"""Bytes of query_text; CHAR is measured in bytes."""

PIECE_WIDTHS = (200, 4_000)
"""Bytes of a piece: STL_QUERYTEXT has CHAR(200), SYS_QUERY_TEXT CHAR(4000)."""

SYSTEM_USER_ID = "1"
"""rdsdb, which runs the service's own maintenance."""

ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
"""White space is stored as two characters, a backslash and one of these letters."""


def read(rows: DataFrame, *, time_zone: str = "UTC") -> DataFrame:
    """Rows of SYS_QUERY_HISTORY → the `queries` record, one row each. elapsed_time is in microseconds.

    excluded: `internal_user`, `duplicate_row`, `canceled`, `failed`, `unfinished`, `unknown_status`, `no_end_time`.
    reject: `truncated`: a text that still has 4,000 bytes without its padding (one cut just at a blank is not seen;
    the layout redshift_text has whole texts). repairs: `escaped_white_space`, `padding`.
    Raises InputError where a needed column is missing, UsageError for an unknown time zone.
    """
    export = Export(rows, "redshift", check_time_zone(time_zone))
    for name in sorted(SIGNATURE):
        export.require(name)
    raw = export.sql("query_text")
    trimmed = F.rtrim(raw)
    is_truncated = F.octet_length(trimmed) >= TEXT_LIMIT
    mended = unescaped(trimmed)
    repairs = applied([("padding", trimmed != raw), ("escaped_white_space", mended != trimmed)])
    columns = _columns(export) | {"sql": mended, "repairs": repairs, "is_truncated": is_truncated}
    return log_record(
        export,
        columns,
        no_execution=_no_execution(export),
        outcome=_outcome(export),
        rejects=[("truncated", is_truncated)],
    )


def unescaped(text: Column) -> Column:
    """The text with its two-character escapes of white space as characters. A backslash that is escaped itself
    (`\\\\n`) is left: that is a literal's own."""
    for letter, character in ESCAPES.items():
        text = F.regexp_replace(text, rf"(?<!\\)((?:\\\\)*+)\\{letter}", f"$1{character}")
    return text


def read_text(rows: DataFrame, *, time_zone: str = "UTC") -> DataFrame:
    """Pieces of SYS_QUERY_TEXT or STL_QUERYTEXT (joined with times and status) → the `queries` record.

    One row each: the statement's first piece gets the whole text, the others are excluded as `continuation_piece`,
    pieces that occur twice as `duplicate_row`. Pieces are joined in the order of `sequence`, with the blanks restored
    that trimming took from the end of a piece. reject: `truncated` where a piece is missing. repairs:
    `pieces_joined`, `blanks_restored`, `padding`, `escaped_white_space`. Without an end time the start counts.
    Without a status, as STL_QUERYTEXT alone has none, all statements count.
    Raises InputError where a needed column is missing, UsageError for an unknown time zone.
    """
    export = Export(rows, "redshift_text", check_time_zone(time_zone))
    for alternatives in (QUERY_ID, ("sequence",), ("text",), START):
        export.require(*alternatives)
    columns = _columns(export)
    columns |= {"sql": export.sql("text"), "ended_at": F.coalesce(columns["ended_at"], columns["started_at"])}
    outcome = _outcome(export) if export.has("status") else [("failed", export.flag("aborted"))]
    rules = [*_no_execution(export), *outcome, ("no_end_time", columns["ended_at"].isNull())]
    numbered = {
        "_sequence": export.whole_number("sequence"),
        "_rule": first_rule(rules),
        "_unreadable": export.unreadable,
    }
    pieces = export.rows.select(*typed(columns), *aliased(numbered))
    return pieces.transform(with_unique_pieces).transform(with_statements).transform(with_whole_text)


def with_unique_pieces(pieces: DataFrame) -> DataFrame:
    """Adds `_excluded`: `duplicate_row` for all but one of the pieces with one query, start and sequence number."""
    same = Window.partitionBy("query_id", "started_at", "_sequence")
    longest_first = same.orderBy(F.desc_nulls_last(F.octet_length("sql")), F.xxhash64("sql", "status", "user"))
    is_repeated = F.row_number().over(longest_first) > 1
    return pieces.withColumn("_excluded", F.when(is_repeated, "duplicate_row"))


def with_statements(pieces: DataFrame) -> DataFrame:
    """Marks all pieces but a statement's first as `continuation_piece`; the first gets `_pieces`, all of them in order,
    and `_width`, what a full piece has in bytes."""
    statement = Window.partitionBy("query_id", "started_at")
    piece = F.struct(F.col("_sequence").alias("sequence"), F.coalesce("sql", F.lit("")).alias("text"))
    collected = F.collect_list(F.when(F.col("_excluded").isNull(), piece)).over(statement)
    is_later = F.col("_sequence") > F.min("_sequence").over(statement)
    excluded = F.coalesce("_excluded", F.when(is_later, "continuation_piece"))
    gathered = pieces.withColumns({"_pieces": F.array_sort(collected), "_excluded": excluded})
    own = F.when(F.col("_excluded").isNull(), F.col("_pieces"))
    return gathered.withColumns({"_pieces": own, "_width": _piece_width(own)})


def with_whole_text(pieces: DataFrame) -> DataFrame:
    """The statements' rows with the joined and mended text, as the LOG_RECORD."""
    parts, width = F.col("_pieces"), F.col("_width")
    joined = F.array_join(F.transform(parts, lambda part, i: _restored(part, i < F.size(parts) - 1, width)), "")
    trimmed = F.rtrim(joined)
    mended = unescaped(trimmed)
    as_stored = F.array_join(F.transform(parts, lambda part: part["text"]), "")
    is_truncated = F.element_at(parts, -1)["sequence"] != F.size(parts) - 1
    repairs = [
        ("pieces_joined", F.size(parts) > 1),
        ("blanks_restored", joined != as_stored),
        ("padding", trimmed != joined),
        ("escaped_white_space", mended != trimmed),
    ]
    final = {
        "sql": mended,
        "source": F.lit("redshift_text"),
        "excluded": counts_unless(F.col("_unreadable"), F.coalesce("_excluded", "_rule")),
        "reject": F.coalesce("_unreadable", F.when(is_truncated, "truncated")),
        "repairs": applied(repairs),
        "is_truncated": is_truncated,
    }
    return pieces.withColumns(final).transform(complete)


def _piece_width(parts: Column) -> Column:
    narrow, wide = PIECE_WIDTHS
    longest = F.array_max(F.transform(parts, lambda part: F.octet_length(part["text"])))
    return F.when(longest > narrow, wide).otherwise(narrow)


def _restored(part: Column, has_next: Column, width: Column) -> Column:
    """A piece before the last fills its width: what is missing are blanks that were trimmed. Glued without them,
    `GROUP` and `BY` of two pieces would be one word."""
    missing = F.when(has_next, width - F.octet_length(part["text"])).otherwise(0)
    return F.concat(part["text"], F.repeat(F.lit(" "), missing))


def _columns(export: Export) -> dict[str, Column]:
    return {
        "dialect": F.lit("redshift"),
        "query_id": export.text(*QUERY_ID),
        "started_at": export.instant(*START),
        "ended_at": export.instant(*END),
        # The views have ids; the export joins the names.
        "user": export.text("user_name", "usename", "user_id", "userid"),
        "database": export.text("database_name", "database"),
        "application": export.text("application_name"),
        "statement_type": export.text("query_type"),
        "status": export.text("status"),
        "duration_ms": F.floor(export.whole_number("elapsed_time") / 1000),
        "rows_returned": export.whole_number("returned_rows"),
        "native_hash": export.text("generic_query_hash", "user_query_hash"),
        "query_tag": export.text("query_label", "label"),
    }


def _no_execution(export: Export) -> list[Rule]:
    return [("internal_user", export.text("user_id", "userid") == SYSTEM_USER_ID)]


def _outcome(export: Export) -> list[Rule]:
    return outcome_rules(
        export.text("status"),
        succeeded=["success"],
        failed=["failed"],
        canceled=["canceled", "cancelled"],
        unfinished=["planning", "queued", "running", "returning"],
    )
