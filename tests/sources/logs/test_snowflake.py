"""Snowflake's QUERY_HISTORY, from tests/fixtures/logs/snowflake; the numbers were counted by hand."""

from datetime import UTC, datetime

from sqlalign.sources.logs.snowflake import TEXT_LIMIT, read


def test_every_row_is_excluded_rejected_or_left(spark, log_rows, padded, counted):
    rows = log_rows("snowflake/query_history.csv").transform(padded, "query_id", "q07", "query_text", TEXT_LIMIT)
    assert counted(read(rows)) == {
        "rows": 14,
        "excluded": {"failed": 2, "canceled": 1, "client_generated": 1, "duplicate_row": 2},
        "rejected": {"truncated": 1, "redacted": 1},
        "empty": 1,
        "rest": 5,
    }


def test_columns_units_and_times(spark, log_rows, by_id):
    query = by_id(read(log_rows("snowflake/query_history.csv")))["q01"]
    assert query.sql == "SELECT region, SUM(amount)\nFROM orders\nWHERE note = 'a \"quoted\" word'\nGROUP BY region"
    assert (query.dialect, query.executions, query.repairs, query.is_truncated) == ("snowflake", 1, [], False)
    assert query.started_at.astimezone(UTC) == datetime(2024, 11, 30, 23, 59, 58, 500_000, UTC)
    assert query.ended_at.astimezone(UTC) == datetime(2024, 12, 1, 0, 0, 1, 750_000, UTC)
    assert (query.duration_ms, query.bytes_scanned, query.rows_returned) == (3250, 1048576, 12)
    assert (query.user, query.role, query.database, query.schema) == ("ANA", "ANALYST", "SHOP", "PUBLIC")
    assert (query.statement_type, query.status, query.native_hash, query.query_tag) == (
        "SELECT",
        "SUCCESS",
        "9f1a",
        None,
    )


def test_a_procedures_call_and_its_children_all_count(spark, log_rows, by_id):
    queries = by_id(read(log_rows("snowflake/query_history.csv")))
    assert (queries["q08"].excluded, queries["q09"].excluded) == (None, None)
    assert queries["q09"].parent_query_id == "q08"


def test_one_character_less_than_the_limit_is_whole(spark, log_rows, padded, by_id):
    rows = log_rows("snowflake/query_history.csv").transform(padded, "query_id", "q07", "query_text", TEXT_LIMIT - 1)
    assert by_id(read(rows))["q07"].reject is None
