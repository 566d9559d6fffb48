"""Databricks' system.query.history, from tests/fixtures/logs/databricks; the numbers were counted by hand."""

from datetime import UTC, datetime

from sqlalign.sources.logs.databricks import read


def test_every_row_is_excluded_rejected_or_left(spark, log_rows, counted):
    assert counted(read(log_rows("databricks/history.jsonl"))) == {
        "rows": 9,
        "excluded": {"failed": 1, "canceled": 1, "duplicate_row": 1, "unknown_status": 1},
        "rejected": {},
        "empty": 1,
        "rest": 4,
    }


def test_columns_units_and_times(spark, log_rows, by_id):
    query = by_id(read(log_rows("databricks/history.jsonl")))["s01"]
    assert query.ended_at.astimezone(UTC) == datetime(2024, 12, 1, 0, 0, 2, 500_000, UTC)
    assert (query.duration_ms, query.bytes_scanned, query.rows_returned) == (3500, 1048576, 12)
    assert (query.user, query.role, query.application) == (
        "ana@example.com",
        "bi-principal",
        "Databricks SQL Dashboard",
    )
    assert query.query_tag == 'origin=dashboard, {"team":"finance"}'


def test_a_job_is_told_from_its_notebook(spark, log_rows, by_id):
    assert by_id(read(log_rows("databricks/history.jsonl")))["s02"].query_tag == "origin=job"


def test_a_text_hidden_by_customer_managed_keys_stays_empty(spark, log_rows, by_id):
    query = by_id(read(log_rows("databricks/history.jsonl")))["s03"]
    assert (query.sql, query.excluded, query.reject) == ("", None, None)


def test_of_two_rows_the_later_update_is_kept(spark, log_rows, by_id):
    assert by_id(read(log_rows("databricks/history.jsonl")))["s06"].rows_returned == 2
