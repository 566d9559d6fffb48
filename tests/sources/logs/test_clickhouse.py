"""ClickHouse's query_log, from tests/fixtures/logs/clickhouse; the numbers were counted by hand."""

from datetime import UTC, datetime

from pyspark.sql import functions as F

from sqlalign.sources.logs.clickhouse import TEXT_LIMIT, read


def test_every_row_is_excluded_rejected_or_left(spark, log_rows, padded, counted):
    # The text has one character of two bytes: the limit counts bytes.
    rows = log_rows("clickhouse/query_log.jsonl").transform(padded, "query_id", "c06", "query", TEXT_LIMIT - 1)
    assert counted(read(rows)) == {
        "rows": 9,
        "excluded": {"query_start_row": 2, "not_initial_query": 1, "duplicate_row": 1, "failed": 1, "canceled": 1},
        "rejected": {"truncated": 1},
        "empty": 0,
        "rest": 2,
    }


def test_columns_units_and_times(spark, log_rows, by_id):
    query = by_id(read(log_rows("clickhouse/query_log.jsonl"), time_zone="Europe/Berlin"))["c01"]
    assert query.started_at.astimezone(UTC) == datetime(2024, 11, 30, 22, 59, 59, tzinfo=UTC)
    assert query.ended_at.astimezone(UTC) == datetime(2024, 11, 30, 23, 0, 2, 500_000, UTC)
    assert (query.duration_ms, query.bytes_scanned, query.rows_returned) == (3500, 1048576, 12)
    assert (query.user, query.database, query.application) == ("ana", "shop", "ClickHouse client")
    assert (query.native_hash, query.query_tag) == ("17283940112233445566", "weekly report")


def test_a_subquery_of_the_cluster_names_its_parent(spark, log_rows):
    queries = read(log_rows("clickhouse/query_log.jsonl"))
    assert [r.parent_query_id for r in queries.where("query_id = 'c02'").collect()] == ["c01"]


def test_numbers_of_a_parquet_export_are_the_events(spark, log_rows, counted):
    rows = log_rows("clickhouse/query_log.jsonl")
    numbers = {"QueryStart": 1, "QueryFinish": 2, "ExceptionBeforeStart": 3, "ExceptionWhileProcessing": 4}
    number = F.coalesce(*[F.when(F.col("type") == name, F.lit(value)) for name, value in numbers.items()])
    assert counted(read(rows.withColumn("type", number))) == counted(read(rows))
