"""Redshift's SYS_QUERY_HISTORY and STL_QUERYTEXT, from tests/fixtures/logs/redshift; numbers counted by hand."""

import re
from datetime import UTC, datetime

import pytest
from pyspark.sql import functions as F

from sqlalign.sources.logs.redshift import TEXT_LIMIT, read, read_text, unescaped


def test_every_row_is_excluded_rejected_or_left(spark, log_rows, padded, counted):
    rows = log_rows("redshift/sys_query_history.csv").transform(padded, "query_id", "5", "query_text", TEXT_LIMIT)
    assert counted(read(rows)) == {
        "rows": 9,
        "excluded": {"failed": 1, "canceled": 1, "unfinished": 1, "internal_user": 1, "duplicate_row": 1},
        "rejected": {"truncated": 1},
        "empty": 0,
        "rest": 3,
    }


def test_columns_units_times_and_padding(spark, log_rows, by_id):
    query = by_id(read(log_rows("redshift/sys_query_history.csv")))["1"]
    assert query.sql == "SELECT region -- by area\nFROM orders\tWHERE note = 'x'\r\n"
    assert query.repairs == ["padding", "escaped_white_space"]
    assert query.ended_at.astimezone(UTC) == datetime(2024, 12, 1, 0, 0, 2, 500_000, UTC)
    assert (query.duration_ms, query.bytes_scanned, query.rows_returned) == (3500, None, 12)
    assert (query.user, query.database, query.statement_type) == ("ana", "shop", "SELECT")
    assert (query.query_tag, query.native_hash, query.status) == ("default", "h1", "success")


def test_a_padded_column_is_not_taken_for_a_cut_text(spark, log_rows, counted):
    rows = log_rows("redshift/sys_query_history.csv")
    full_width = rows.withColumn("query_text", F.rpad("query_text", TEXT_LIMIT, " "))
    assert counted(read(full_width))["rejected"] == {}


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        (r"a\nb\tc\rd", "a\nb\tc\rd"),
        (r"a\\nb", r"a\\nb"),
        (r"a\\\nb", "a\\\\\nb"),
        ("a\nb", "a\nb"),
        ("", ""),
    ],
)
def test_two_character_escapes_become_white_space(spark, stored, meant):
    assert spark.range(1).select(unescaped(F.lit(stored))).first()[0] == meant


def test_pieces_every_row_is_excluded_rejected_or_left(spark, log_rows, counted):
    assert counted(read_text(log_rows("redshift/stl_querytext.csv"))) == {
        "rows": 8,
        "excluded": {"duplicate_row": 1, "continuation_piece": 2, "failed": 1, "internal_user": 1},
        "rejected": {"truncated": 1},
        "empty": 0,
        "rest": 2,
    }


def test_pieces_are_joined_in_order_with_the_trimmed_blanks(spark, log_rows, by_id):
    query = by_id(read_text(log_rows("redshift/stl_querytext.csv")))["1"]
    assert re.search(r"GROUP +BY region\nORDER BY total DESC$", query.sql)
    assert query.repairs == ["pieces_joined", "blanks_restored", "escaped_white_space"]
    assert (query.user, query.database, query.query_tag) == ("101", "shop", "default")


def test_pieces_exported_with_their_padding_give_the_same_texts(spark, log_rows, by_id):
    rows = log_rows("redshift/stl_querytext.csv")
    full_width = rows.withColumn("text", F.rpad("text", 200, " "))
    texts = [{id: q.sql for id, q in by_id(read_text(r)).items()} for r in (rows, full_width)]
    assert texts[0] == texts[1]


def test_pieces_of_4000_bytes_are_told_by_their_length(spark, by_id):
    start = "2024-12-01 00:00:00"
    pieces = [("9", 0, "SELECT " + "a" * 3989, start), ("9", 1, "FROM t", start)]
    rows = spark.createDataFrame(pieces, "query_id string, sequence int, text string, start_time string")
    assert by_id(read_text(rows))["9"].sql == "SELECT " + "a" * 3989 + "    FROM t"
