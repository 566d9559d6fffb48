"""ClickHouse, `system.query_log`.

Export: conf/exports/clickhouse.sql. On a cluster read clusterAllReplicas('…', system.query_log), else one node's share
is all there is. A server with log_queries_probability below 1 logs a sample. The rows of an INSERT are not logged.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sqlalign.sources.logs.columns import Export, Rule, check_time_zone, log_record

SIGNATURE = frozenset({"query", "query_id", "type", "is_initial_query"})
START = ("query_start_time_microseconds", "query_start_time")
END = ("event_time_microseconds", "event_time")
TEXT_LIMIT = 100_000
"""The default of log_queries_cut_to_length, in bytes."""

CANCELED_CODE = 394
"""Exception code QUERY_WAS_CANCELLED."""

EVENTS = {"1": "QueryStart", "2": "QueryFinish", "3": "ExceptionBeforeStart", "4": "ExceptionWhileProcessing"}
"""Parquet exports hold the number of the enumeration, text formats its name."""


def read(rows: DataFrame, *, time_zone: str = "UTC") -> DataFrame:
    """Rows of system.query_log → the `queries` record, one row each.

    excluded: `query_start_row` (the finish or the exception is the execution), `not_initial_query` (a cluster's
    internal subquery), `duplicate_row`, `canceled`, `failed`, `unknown_status`, `no_end_time`. reject: `truncated`.
    Times carry no zone in most formats: `time_zone` is the server's.
    Raises InputError where a needed column is missing, UsageError for an unknown time zone.
    """
    export = Export(rows, "clickhouse", check_time_zone(time_zone))
    for name in sorted(SIGNATURE):
        export.require(name)
    export.require(*START)
    export.require(*END)
    sql, event = export.sql("query"), _event(export)
    is_initial = F.coalesce(export.flag("is_initial_query"), F.lit(True))
    is_truncated = F.octet_length(sql) >= TEXT_LIMIT
    columns = {
        "sql": sql,
        "dialect": F.lit("clickhouse"),
        "query_id": export.text("query_id"),
        "parent_query_id": F.when(~is_initial, export.text("initial_query_id")),
        "started_at": export.instant(*START),
        "ended_at": export.instant(*END),
        "user": export.text("initial_user", "user"),
        "database": export.text("current_database"),
        "application": export.text("client_name", "http_user_agent"),
        "statement_type": export.text("query_kind"),
        "status": event,
        "duration_ms": export.whole_number("query_duration_ms"),
        "bytes_scanned": export.whole_number("read_bytes"),
        "rows_returned": export.whole_number("result_rows"),
        # Unsigned 64 bit, beyond a LONG: text.
        "native_hash": export.text("normalized_query_hash"),
        "query_tag": export.text("log_comment"),
        "is_truncated": is_truncated,
    }
    no_execution = [("query_start_row", event == "QueryStart"), ("not_initial_query", ~is_initial)]
    return log_record(
        export,
        columns,
        no_execution=no_execution,
        outcome=_outcome(export, event),
        rejects=[("truncated", is_truncated)],
    )


def _event(export: Export) -> Column:
    value = export.text("type")
    names = [F.when(value == number, F.lit(name)) for number, name in EVENTS.items()]
    return F.coalesce(*names, value)


def _outcome(export: Export, event: Column) -> list[Rule]:
    return [
        ("canceled", export.whole_number("exception_code") == CANCELED_CODE),
        ("failed", event.startswith("Exception")),
        ("unknown_status", F.coalesce(event != "QueryFinish", F.lit(True))),
    ]
