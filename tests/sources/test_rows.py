import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from sqlalign.errors import InputError
from sqlalign.schemas import QUERIES, names
from sqlalign.sources import complete, read_rows
from sqlalign.spark import delta_available


def _written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


@pytest.mark.parametrize("name", ["a b.csv", "é ü.csv", "[1]*{x}?.csv", "back\\slash.csv"])
def test_any_file_name(spark: SparkSession, tmp_path: Path, name: str) -> None:
    rows = read_rows(spark, _written(tmp_path / name, '\ufeffsql,n\n"SELECT 1,\n  ""2""",7\n')).collect()
    assert [tuple(row) for row in rows] == [('SELECT 1,\n  "2"', "7", None)]


def test_malformed_lines_are_marked_whatever_is_selected(spark: SparkSession, tmp_path: Path) -> None:
    rows = read_rows(spark, _written(tmp_path / "a.jsonl", '{"sql": "1"}\nnonsense\n\n{"sql": "2", "x": [{}]}\n{"s'))
    assert [row.reject for row in rows.select("reject").collect()] == [None, "malformed_row", None, "malformed_row"]
    assert rows.count() == 4


def test_parquet_files_of_other_columns_and_partitions(spark: SparkSession, tmp_path: Path) -> None:
    for day, table in {"1": pa.table({"sql": ["a"]}), "2": pa.table({"sql": ["b"], "more": [1]})}.items():
        (tmp_path / f"day={day}").mkdir()
        pq.write_table(table, tmp_path / f"day={day}" / "part.parquet")
    rows = read_rows(spark, str(tmp_path))
    assert sorted(rows.columns) == ["day", "more", "reject", "sql"]
    assert sorted(row.sql for row in rows.collect()) == ["a", "b"]


def test_plain_subfolders_are_read_too(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    _written(tmp_path / "a.jsonl", '{"sql": "1"}\n')
    _written(tmp_path / "sub" / "b.jsonl", '{"sql": "2"}\n')
    assert read_rows(spark, str(tmp_path)).count() == 2


def test_a_table_of_the_catalog(spark: SparkSession) -> None:
    spark.range(3).createOrReplaceTempView("three_rows")
    assert read_rows(spark, "catalog:three_rows").count() == 3
    assert read_rows(spark, "three_rows").columns == ["id", "reject"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", "", "is empty"),
        ("header.csv", "sql,n\n", "holds no rows"),
        ("none.json", "[]", "holds no rows"),
        ("cut.json", '[{"sql": "a"}, {"sql": nu', "cut or damaged|no JSON object"),
        ("fake.parquet", "hello", "is no Parquet file"),
        ("cut.parquet", b"PAR1" + b"\0" * 100, "cannot be read"),
        ("x.dat", "hello", "cannot be told"),
        ("x.zip", b"PK\x03\x04", "is a zip file"),
        ("z.jsonl", gzip.compress(b"{}"), "Rename it to end in .gz"),
        ("z.jsonl.gz", b"{}", "is not compressed so"),
        ("_hidden.csv", "sql\n1\n", "Spark skips such files"),
        ("co:lon.csv", "sql\n1\n", "has a colon"),
    ],
)
def test_what_cannot_be_read_is_said(
    spark: SparkSession, tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read_rows(spark, _written(tmp_path / name, content), schema="sql STRING")
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["no/such.csv", "catalog:no_such", "no_such_name", "catalog:a b"])
def test_what_is_missing_is_said(spark: SparkSession, name: str) -> None:
    with pytest.raises(InputError):
        read_rows(spark, name)


def test_folders_that_mislead(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without data files"):
        read_rows(spark, str(tmp_path))
    _written(tmp_path / "a.csv", "sql,n\nx,1\n")
    _written(tmp_path / "b.csv", "n,sql\n1,x\n")
    with pytest.raises(InputError, match="different headers"):
        read_rows(spark, str(tmp_path))
    _written(tmp_path / "c.jsonl", "{}\n")
    with pytest.raises(InputError, match="mixes formats"):
        read_rows(spark, str(tmp_path))


def test_complete_gives_the_record_with_defaults(spark: SparkSession) -> None:
    row = complete(spark.sql("SELECT 'SELECT 1' AS sql, NULL AS executions, 5 AS other")).first()
    assert row is not None
    assert row.__fields__ == names(QUERIES)
    assert (row.sql, row.dialect, row.executions, row.repairs, row.is_truncated) == ("SELECT 1", "", 1, [], False)
    assert row.user is None


def test_a_delta_table(spark: SparkSession, tmp_path: Path) -> None:
    if not delta_available(spark):
        pytest.skip("the session has no Delta: its jars are not fetched")
    spark.range(3).write.format("delta").save(str(tmp_path / "delta"))
    assert read_rows(spark, str(tmp_path / "delta")).count() == 3
