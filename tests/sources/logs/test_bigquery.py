"""BigQuery's INFORMATION_SCHEMA.JOBS, from tests/fixtures/logs/bigquery; the numbers were counted by hand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from pyspark.sql import functions as F

from sqlalign.errors import InputError
from sqlalign.sources.logs.bigquery import HASH, OPTIONAL, SIGNATURE, START, read

JOBS_SCHEMA = Path(__file__).parents[4] / (
    "shared/data/logs/mozilla_bigquery/mozilla_bigquery_etl_layouts/sql/moz-fx-data-shared-prod/"
    "monitoring_derived/jobs_by_organization_v1/schema.yaml"
)


def test_every_row_is_excluded_rejected_or_left(spark, log_rows, counted):
    assert counted(read(log_rows("bigquery/jobs.jsonl"))) == {
        "rows": 14,
        "excluded": {
            "script_parent": 1,
            "not_a_query_job": 1,
            "internal_job": 2,
            "failed": 1,
            "canceled": 1,
            "unfinished": 1,
            "duplicate_row": 1,
        },
        "rejected": {"legacy_sql": 2},
        "empty": 0,
        "rest": 4,
    }


def test_columns_units_and_times(spark, log_rows, by_id):
    query = by_id(read(log_rows("bigquery/jobs.jsonl")))["j01"]
    assert query.started_at.astimezone(UTC) == datetime(2024, 11, 30, 23, 59, 58, tzinfo=UTC)
    assert query.ended_at.astimezone(UTC) == datetime(2024, 12, 1, 0, 0, 3, 250_000, UTC)
    assert (query.duration_ms, query.bytes_scanned, query.rows_returned) == (5250, 1048576, None)
    assert (query.user, query.database, query.schema) == ("ana@example.com", "shop", None)
    assert (query.native_hash, query.query_tag) == ("9f1a", "dbt_invocation_id=7, team=finance")


def test_children_count_in_their_parents_place(spark, log_rows, by_id):
    queries = by_id(read(log_rows("bigquery/jobs.jsonl")))
    children = {id: q.excluded for id, q in queries.items() if q.parent_query_id == "j02"}
    assert children == {"script_job_1": None, "script_job_2": None}


def test_records_kept_as_json_text_read_alike(spark, log_rows, counted, by_id):
    rows = log_rows("bigquery/jobs.jsonl")
    flat = rows.withColumns({name: F.to_json(name) for name in ("error_result", "query_info")}).drop("labels")
    assert counted(read(flat)) == counted(read(rows))
    assert by_id(read(flat))["j01"].native_hash == "9f1a"


def test_labels_of_a_format_that_wraps_elements_are_json(log_rows, by_id):
    rows = log_rows("bigquery/jobs.jsonl")
    wrapped = rows.withColumn("labels", F.transform("labels", lambda label: F.struct(label.alias("element"))))
    assert '"value":"finance"' in by_id(read(wrapped))["j01"].query_tag


def test_a_view_without_the_text_says_what_to_do(spark, log_rows):
    rows = log_rows("bigquery/jobs.jsonl").drop("query")
    with pytest.raises(
        InputError, match=r"The bigquery log has no column 'query'\. Found: .*conf/exports/bigquery\.sql"
    ):
        read(rows)


@pytest.mark.skipif(
    not JOBS_SCHEMA.exists(), reason="the shared data are not here: no published schema of JOBS to compare with"
)
def test_all_columns_but_the_text_are_in_a_published_schema_of_the_view():
    fields = yaml.safe_load(JOBS_SCHEMA.read_text())["fields"]
    published = set(_paths(fields))
    wanted = SIGNATURE | set(START) | set(OPTIONAL) | {HASH[1]}
    assert wanted - published == {"query"}


def _paths(fields, prefix=""):
    for field in fields:
        yield prefix + field["name"]
        yield from _paths(field.get("fields", []), f"{prefix}{field['name']}.")
