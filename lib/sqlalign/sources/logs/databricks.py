"""Databricks, `system.query.history`.

Export: conf/exports/databricks.sql. The table holds statements of SQL warehouses and serverless compute of one
region; with customer-managed keys statement_text is empty. Long texts are shortened to a limit that is not published,
so they cannot be told from whole ones: they show as rejects of the parser.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sqlalign.sources.logs.columns import Export, check_time_zone, log_record, outcome_rules

SIGNATURE = frozenset({"statement_id", "statement_text", "execution_status", "start_time", "end_time"})
ORIGINS = {
    "job": "query_source.job_info.job_id",
    "dashboard": "query_source.dashboard_id",
    "legacy_dashboard": "query_source.legacy_dashboard_id",
    "alert": "query_source.alert_id",
    "genie": "query_source.genie_space_id",
    "notebook": "query_source.notebook_id",
    "sql_query": "query_source.sql_query_id",
}
"""What issued a statement → the field that says so."""


def read(rows: DataFrame, *, time_zone: str = "UTC") -> DataFrame:
    """Rows of system.query.history → the `queries` record, one row each.

    excluded: `duplicate_row` (the row with the latest update_time is kept), `canceled`, `failed`, `unfinished`,
    `unknown_status`, `no_end_time`. An empty text stays empty and is counted as such.
    Raises InputError where a needed column is missing, UsageError for an unknown time zone.
    """
    export = Export(rows, "databricks", check_time_zone(time_zone))
    for name in sorted(SIGNATURE):
        export.require(name)
    status = export.text("execution_status")
    columns = {
        "sql": export.sql("statement_text"),
        "dialect": F.lit("databricks"),
        "query_id": export.text("statement_id"),
        "started_at": export.instant("start_time"),
        "ended_at": export.instant("end_time"),
        "user": export.text("executed_by", "executed_by_user_id"),
        "role": export.text("executed_as", "executed_as_user_id"),
        "application": export.text("client_application", "client_driver"),
        "statement_type": export.text("statement_type"),
        "status": status,
        "duration_ms": export.whole_number("total_duration_ms", "execution_duration_ms"),
        "bytes_scanned": export.whole_number("read_bytes"),
        "rows_returned": export.whole_number("produced_rows"),
        "query_tag": _tags(export),
        "is_truncated": F.lit(False),
    }
    outcome = outcome_rules(
        status,
        succeeded=["finished"],
        failed=["failed"],
        canceled=["canceled", "cancelled"],
        unfinished=["queued", "running", "compiling", "compiled", "started"],
    )
    return log_record(export, columns, outcome=outcome, newest=export.instant("update_time", "end_time"))


def _tags(export: Export) -> Column:
    """`origin=dashboard, {"team":"finance"}`: what issued the statement, then the tags of the session as JSON."""
    origins = [F.when(export.text(field).isNotNull(), F.lit(f"origin={origin}")) for origin, field in ORIGINS.items()]
    joined = F.concat_ws(", ", F.coalesce(*origins), export.text("query_tags"))
    return F.when(joined != "", joined)
