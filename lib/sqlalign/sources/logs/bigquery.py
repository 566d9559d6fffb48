"""BigQuery, `region-….INFORMATION_SCHEMA.JOBS` (also called JOBS_BY_PROJECT).

Export: conf/exports/bigquery.sql. Only the project's own view has the text; those by folder and organization lack it.
The view of a wrong region is empty without a word.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from sqlalign.sources.logs.columns import Export, Rule, check_time_zone, log_record

SIGNATURE = frozenset({"query", "job_id", "end_time", "statement_type"})
START = ("start_time", "creation_time")
OPTIONAL = (
    "creation_time",
    "start_time",
    "parent_job_id",
    "user_email",
    "project_id",
    "state",
    "error_result.reason",
    "job_type",
    "total_bytes_processed",
    "query_dialect",
    "labels",
)
"""Columns used where they are there. JSON exports leave null fields out: a day without errors has no error_result."""

HASH = ("query_info.query_hashes.normalized_literals", "query_info_query_hashes_normalized_literals")


def read(rows: DataFrame, *, time_zone: str = "UTC") -> DataFrame:
    """Rows of INFORMATION_SCHEMA.JOBS → the `queries` record, one row each.

    excluded: `script_parent` (its children are rows of their own), `not_a_query_job` (load, extract, copy),
    `internal_job` (no job_type, or the refresh of a materialized view), `duplicate_row`, `canceled`, `failed`,
    `unfinished`, `no_end_time`. reject: `legacy_sql` (another language than the dialect `bigquery`).
    Raises InputError where a needed column is missing, UsageError for an unknown time zone.
    """
    export = Export(rows, "bigquery", check_time_zone(time_zone))
    for name in sorted(SIGNATURE):
        export.require(name)
    export.require(*START)
    sql = export.sql("query")
    started_at, ended_at = export.instant(*START), export.instant("end_time")
    columns = {
        "sql": sql,
        "dialect": F.lit("bigquery"),
        "query_id": export.text("job_id"),
        "parent_query_id": export.text("parent_job_id"),
        "started_at": started_at,
        "ended_at": ended_at,
        "user": export.text("user_email"),
        "database": export.text("project_id"),
        "statement_type": export.text("statement_type"),
        "status": export.text("state"),
        "duration_ms": F.unix_millis(ended_at) - F.unix_millis(started_at),
        # Null under row-level security.
        "bytes_scanned": export.whole_number("total_bytes_processed"),
        "native_hash": export.text(*HASH),
        "query_tag": _labels(export),
        "is_truncated": F.lit(False),
    }
    legacy = F.upper(export.text("query_dialect")).endswith("LEGACY_SQL") | sql.rlike(r"(?i)^\s*#legacySQL")
    return log_record(
        export, columns, no_execution=_no_execution(export), outcome=_outcome(export), rejects=[("legacy_sql", legacy)]
    )


def _no_execution(export: Export) -> list[Rule]:
    job_type = F.upper(export.text("job_type"))
    refresh = export.text("job_id").contains("materialized_view_refresh_")
    return [
        ("internal_job", (job_type.isNull() & F.lit(export.has("job_type"))) | refresh),
        ("not_a_query_job", job_type != "QUERY"),
        ("script_parent", F.upper(export.text("statement_type")) == "SCRIPT"),
    ]


def _outcome(export: Export) -> list[Rule]:
    reason = export.text("error_result.reason", "error_reason")
    return [
        ("unfinished", F.upper(export.text("state")) != "DONE"),
        ("canceled", reason == "stopped"),
        ("failed", reason.isNotNull() | export.text("error_result").isNotNull()),
    ]


def _labels(export: Export) -> Column:
    """Labels as `key=value, key=value`, sorted, so that a filter can look for one. Formats that wrap a list's elements
    (or keep JSON text) give JSON."""
    found = next((field for field in export.rows.schema.fields if field.name.lower() == "labels"), None)
    if found is None or not _is_key_value_list(found.dataType):
        return export.text("labels")
    pairs = F.transform(F.col(found.name), lambda label: F.concat_ws("=", label["key"], label["value"]))
    joined = F.array_join(F.array_sort(pairs), ", ")
    return F.when(joined != "", joined)


def _is_key_value_list(kind: T.DataType) -> bool:
    element = kind.elementType if isinstance(kind, T.ArrayType) else None
    return isinstance(element, T.StructType) and {"key", "value"} <= set(element.names)
