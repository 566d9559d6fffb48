"""What all log layouts share: detection, names, missing columns, times, odd rows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from sqlalign.errors import InputError, UsageError
from sqlalign.schemas import QUERIES
from sqlalign.sources import open_source
from sqlalign.sources.logs import LOG_LAYOUTS, detect_log_layout, read_log
from sqlalign.sources.logs.columns import Export

FIXTURES = {
    "snowflake": "snowflake/query_history.csv",
    "bigquery": "bigquery/jobs.jsonl",
    "databricks": "databricks/history.jsonl",
    "redshift": "redshift/sys_query_history.csv",
    "redshift_text": "redshift/stl_querytext.csv",
    "clickhouse": "clickhouse/query_log.jsonl",
}


@pytest.mark.parametrize("layout", LOG_LAYOUTS)
def test_a_layout_is_told_by_its_columns_and_gives_the_record(spark, log_rows, layout):
    rows = log_rows(FIXTURES[layout])
    assert detect_log_layout(rows.columns) == layout
    queries = read_log(rows, layout)
    assert [(f.name, f.dataType.simpleString()) for f in queries.schema] == [(c.name, c.type.lower()) for c in QUERIES]
    assert queries.where(f"source <> '{layout}' or dialect <> '{LOG_LAYOUTS[layout].dialect}'").isEmpty()
    assert queries.where("executions is null or repairs is null or is_truncated is null").isEmpty()


@pytest.mark.parametrize("layout", LOG_LAYOUTS)
def test_names_in_another_case_and_the_order_of_rows_change_nothing(spark, log_rows, layout):
    rows = log_rows(FIXTURES[layout])
    shouted = rows.select(*[F.col(name).alias(name.upper()) for name in reversed(rows.columns)])
    turned = shouted.repartition(5).sortWithinPartitions(*shouted.columns[:2])
    assert sorted(read_log(turned, layout).collect(), key=str) == sorted(read_log(rows, layout).collect(), key=str)


@pytest.mark.parametrize("layout", LOG_LAYOUTS)
def test_each_needed_column_is_missed_by_name_and_the_others_are_not(spark, log_rows, layout):
    rows = log_rows(FIXTURES[layout]).limit(1)
    for name in LOG_LAYOUTS[layout].signature:
        with pytest.raises(InputError, match=f"The {layout} log has no column .*'{name}'"):
            read_log(rows.drop(*[c for c in rows.columns if c.lower() == name]), layout)


@pytest.mark.parametrize("layout", LOG_LAYOUTS)
def test_the_facade_tells_the_layout_of_a_log(spark, log_rows, layout):
    found = open_source(spark, str(Path(__file__).parents[2] / "fixtures" / "logs" / FIXTURES[layout]), kind="log")
    assert (found.layout, found.dialect) == (layout, LOG_LAYOUTS[layout].dialect)
    assert sorted(found.queries.collect(), key=str) == sorted(
        read_log(log_rows(FIXTURES[layout]), layout).collect(), key=str
    )


@pytest.mark.parametrize("layout", LOG_LAYOUTS)
def test_logs_can_be_united_and_filtered(log_rows, layout):
    """With many derived columns Spark's optimizer can run out of memory over what it infers from them."""
    queries = read_log(log_rows(FIXTURES[layout]), layout)
    both = queries.unionByName(queries).where("excluded is null and ended_at > '2024-01-01'")
    assert both.count() == 2 * queries.where("excluded is null").count()


def test_optional_columns_may_lack(spark, log_rows, by_id):
    rows = log_rows(FIXTURES["snowflake"]).select(
        "query_id", "query_text", "execution_status", "start_time", "end_time"
    )
    query = by_id(read_log(rows, "snowflake"))["q01"]
    assert (query.user, query.duration_ms, query.query_tag) == (None, None, None)


def test_columns_of_no_layout_or_of_two_are_not_guessed():
    assert detect_log_layout(["sql", "question"]) is None
    assert detect_log_layout([n for layout in LOG_LAYOUTS.values() for n in layout.signature]) is None


def test_an_unknown_layout_or_time_zone_is_a_usage_error(spark, log_rows):
    rows = log_rows(FIXTURES["snowflake"])
    with pytest.raises(UsageError, match=r"Unknown log layout 'snowflak'\. Did you mean 'snowflake'\?"):
        read_log(rows, "snowflak")
    with pytest.raises(UsageError, match=r"Unknown time zone 'Europe/Berln'\. .*time_zone"):
        read_log(rows, "snowflake", time_zone="Europe/Berln")


def test_a_row_that_could_not_be_read_is_a_reject_and_nothing_else(spark, log_rows, counted):
    rows = log_rows(FIXTURES["snowflake"]).limit(3)
    broken = rows.select(*[F.lit(None).cast("string").alias(n) for n in rows.columns if n != "reject"])
    both = (
        rows.drop("reject")
        .unionByName(broken)
        .withColumn("reject", F.when(F.col("QUERY_ID").isNull(), "malformed_row"))
    )
    assert counted(read_log(both, "snowflake")) == {
        "rows": 6,
        "excluded": {"failed": 1},
        "rejected": {"malformed_row": 3},
        "empty": 0,
        "rest": 2,
    }


@pytest.mark.parametrize(
    ("value", "kind", "seconds"),
    [
        ("2024-07-01 12:00:00", "string", 1719828000),
        ("2024-07-01T12:00:00.250", "string", 1719828000.25),
        ("2024-07-01", "string", 1719784800),
        ("2024-07-01 12:00:00 UTC", "string", 1719835200),
        ("2024-07-01T12:00:00Z", "string", 1719835200),
        ("2024-07-01T12:00:00 UTC", "string", 1719835200),
        ("2024-07-01 12:00:00.000 -0800", "string", 1719864000),
        ("2024-07-01 12:00:00 -08:00", "string", 1719864000),
        ("2024-07-01 12:00:00+02", "string", 1719828000),
        ("2024-07-01 12:00:00 America/Los_Angeles", "string", 1719860400),
        ("1719835200", "string", 1719835200),
        ("1.7198352E9", "string", 1719835200),
        ("1719835200250", "bigint", 1719835200.25),
        ("1719835200000001", "bigint", 1719835200.000001),
        ("1719835200000000000", "bigint", 1719835200),
        ("1719835200.5", "double", 1719835200.5),
        ("2024-07-01 12:00:00", "timestamp_ntz", 1719828000),
        ("2024-07-01 12:00:00 UTC", "timestamp", 1719835200),
        ("2024-07-01", "date", 1719784800),
        ("", "string", None),
        (r"\N", "string", None),
        ("yesterday", "string", None),
    ],
)
def test_every_way_to_write_a_time_is_the_same_instant(spark, value, kind, seconds):
    rows = spark.createDataFrame([(value,)], "t string").select(F.col("t").cast(kind).alias("T"))
    instant = rows.select(Export(rows, "test", "Europe/Berlin").instant("t").alias("t")).first().t
    assert instant == (
        None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone().replace(tzinfo=None)
    )


def test_times_do_not_depend_on_the_sessions_time_zone(spark, log_rows):
    rows = log_rows(FIXTURES["clickhouse"])
    micros = [F.unix_micros("started_at"), F.unix_micros("ended_at")]
    expected = read_log(rows, "clickhouse", time_zone="Asia/Tokyo").select(*micros).collect()
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        assert read_log(rows, "clickhouse", time_zone="Asia/Tokyo").select(*micros).collect() == expected
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)


def test_a_finished_row_without_a_time_is_excluded_by_name(spark, log_rows):
    rows = log_rows(FIXTURES["snowflake"]).limit(1).withColumn("END_TIME", F.lit("soon"))
    assert read_log(rows, "snowflake").first().excluded == "no_end_time"


def test_of_duplicates_the_row_that_counts_is_kept(spark):
    rows = spark.createDataFrame(
        [("a", "SELECT 1", "RUNNING", "2024-01-01", None), ("a", "SELECT 1", "SUCCESS", "2024-01-01", "2024-01-02")]
        + [(None, "SELECT 2", "SUCCESS", "2024-01-01", "2024-01-02")] * 2,
        "query_id string, query_text string, execution_status string, start_time string, end_time string",
    )
    found = read_log(rows, "snowflake").select("query_id", "status", "excluded").collect()
    assert sorted(found, key=str) == [
        ("a", "RUNNING", "duplicate_row"),
        ("a", "SUCCESS", None),
        (None, "SUCCESS", None),
        (None, "SUCCESS", None),
    ]
