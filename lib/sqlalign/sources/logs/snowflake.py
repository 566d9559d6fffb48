"""Snowflake, `SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY` (and the INFORMATION_SCHEMA table function of that name).

Export: conf/exports/snowflake.sql. Known limits of the view: short statements on hybrid tables are not in it
(AGGREGATE_QUERY_HISTORY has those), rows arrive up to 45 minutes late and stay for 365 days.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.sources.logs.columns import Export, check_time_zone, log_record, outcome_rules

SIGNATURE = frozenset({"query_id", "query_text", "execution_status", "start_time", "end_time"})
TEXT_LIMIT = 100_000
"""QUERY_TEXT is cut after so many characters."""

CANCELED_CODE = 604
"""ERROR_CODE of "SQL execution canceled"; EXECUTION_STATUS only says that the statement failed."""


def read(rows: DataFrame, *, time_zone: str = "UTC") -> DataFrame:
    """Rows of QUERY_HISTORY → the `queries` record, one row each.

    excluded: `duplicate_row`, `canceled`, `failed`, `unfinished`, `unknown_status`, `no_end_time`, `client_generated`
    (statements that a driver or Snowsight issues by itself). reject: `truncated`, `redacted`. A procedure's CALL and
    the statements it runs are rows of their own and all count: CALL is no query.
    Raises InputError where a needed column is missing, UsageError for an unknown time zone.
    """
    export = Export(rows, "snowflake", check_time_zone(time_zone))
    for name in sorted(SIGNATURE):
        export.require(name)
    sql, status = export.sql("query_text"), export.text("execution_status")
    is_truncated = F.length(sql) >= TEXT_LIMIT
    columns = {
        "sql": sql,
        "dialect": F.lit("snowflake"),
        "query_id": export.text("query_id"),
        # Not in QUERY_HISTORY itself; ACCESS_HISTORY has both, for statements that touched data.
        "parent_query_id": export.text("parent_query_id", "root_query_id"),
        "started_at": export.instant("start_time"),
        "ended_at": export.instant("end_time"),
        "user": export.text("user_name"),
        "role": export.text("role_name"),
        "database": export.text("database_name"),
        "schema": export.text("schema_name"),
        # Of the view SESSIONS.
        "application": export.text("client_application_id", "client_application_name"),
        "statement_type": export.text("query_type"),
        "status": status,
        "duration_ms": export.whole_number("total_elapsed_time", "execution_time"),
        "bytes_scanned": export.whole_number("bytes_scanned"),
        "rows_returned": export.whole_number("rows_produced"),
        "native_hash": export.text("query_parameterized_hash", "query_hash"),
        "query_tag": export.text("query_tag"),
        "is_truncated": is_truncated,
    }
    outcome = outcome_rules(
        status,
        succeeded=["success"],
        failed=["fail", "failed", "incident", "failed_with_error", "failed_with_incident"],
        canceled=[],
        unfinished=["running", "queued", "blocked", "resuming_warehouse", "queued_repairing_warehouse"],
    )
    canceled = ("canceled", export.whole_number("error_code") == CANCELED_CODE)
    return log_record(
        export,
        columns,
        outcome=[canceled, *outcome, ("client_generated", export.flag("is_client_generated_statement"))],
        rejects=[("truncated", is_truncated), ("redacted", F.lower(F.trim(sql)) == "<redacted>")],
    )
