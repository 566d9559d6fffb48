from pathlib import Path

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import InputError, UnknownDialect, UsageError
from sqlalign.schemas import QUERIES, names
from sqlalign.sources import open_source, read_queries

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"


def _rows(spark: SparkSession, file: str, **options: str) -> list[Row]:
    return read_queries(spark, str(FIXTURES / file), **options).collect()


@pytest.mark.parametrize(
    ("file", "layout", "dialect", "texts"),
    [
        ("spider_gold.sql", "spider_sql", "sqlite", ["SELECT count(*) FROM boats", None]),
        ("spider.json", "spider_json", "sqlite", ["SELECT name FROM boats", None]),
        ("bird.json", "bird_json", "sqlite", ["SELECT max(length) FROM boats", None]),
        ("bull.json", "bull", "sqlite", ["select name from fund"]),
        ("grouped.json", "text2sql", "mysql", ['SELECT b.NAME FROM BOAT AS b WHERE b.PORT = "port0" ;', None]),
        (
            "wikisql.json.bz2",
            "wikisql",
            "sqlite",
            ['SELECT COUNT(TABLEalias0."LENGTH_(M)_FIELD") FROM TABLE AS TABLEalias0 ;'],
        ),
        ("gretel.csv", "gretel", "", ['SELECT name\nFROM boats\nWHERE name = "Ann";']),
        ("sql_create_context.json", "sql_create_context", "sqlite", ["SELECT COUNT(*) FROM boats"]),
        ("synsql.json", "synsql", "sqlite", ["SELECT 1"]),
        ("sede.jsonl", "sede", "tsql", ["SELECT TOP 3 Id\nFROM Posts"]),
        ("ehrsql.json", "ehrsql", "sqlite", ["select 1", None, None]),
        ("lines.sql", "lines", "", ["SELECT 1", "", "SELECT 2 -- two"]),
        ("counted.tsv", "counted_lines", "", ["select a from b", "select c from d"]),
    ],
)
def test_tells_the_layout_and_keeps_every_row(
    spark: SparkSession, file: str, layout: str, dialect: str, texts: list[str | None]
) -> None:
    source = open_source(spark, str(FIXTURES / file))
    rows = source.queries.collect()
    assert (source.layout, source.dialect, len(rows)) == (layout, dialect, len(texts))
    assert source.queries.columns == names(QUERIES)
    assert rows[0].sql == texts[0]
    assert {row.dialect for row in rows} == {dialect}
    assert not any(row.reject for row in rows)


def test_a_group_counts_its_sentences_and_one_without_is_excluded(spark: SparkSession) -> None:
    rows = _rows(spark, "grouped.json")
    assert [(row.executions, row.excluded) for row in rows] == [(2, None), (1, "group_without_sentences")]


def test_wikisqls_mending_is_a_repair(spark: SparkSession) -> None:
    assert [row.repairs for row in _rows(spark, "wikisql.json.bz2")] == [["wikisql_grammar"]]


def test_spiders_database_and_sedes_date(spark: SparkSession) -> None:
    assert {row.database for row in _rows(spark, "spider_gold.sql")} == {"harbour"}
    day = read_queries(spark, str(FIXTURES / "sede.jsonl")).select(F.unix_timestamp("ended_at").alias("at")).first()
    assert day is not None
    assert day["at"] == 1299215167


def test_unanswerable_questions_are_rows_without_text(spark: SparkSession) -> None:
    assert [row.sql for row in _rows(spark, "ehrsql.json")] == ["select 1", None, None]


def test_counted_lines(spark: SparkSession) -> None:
    assert [row.executions for row in _rows(spark, "counted.tsv")] == [12, 3]


def test_a_table_with_its_own_dialects_counts_and_faults(spark: SparkSession) -> None:
    rows = _rows(spark, "table.jsonl", dialect="duckdb")
    assert [(r.sql, r.dialect, r.executions, r.excluded, r.reject) for r in rows] == [
        ("SELECT 1", "snowflake", 5, None, None),
        ("SELECT 2", "duckdb", 1, None, None),
        ("SELECT 3", "duckdb", 1, "zero_executions", None),
        ("SELECT 4", "duckdb", 1, None, "malformed_row"),
        (None, "duckdb", 1, None, "malformed_row"),
    ]


def test_malformed_csv_rows_are_rejects(spark: SparkSession) -> None:
    assert [row.reject for row in _rows(spark, "damaged.csv")] == [None, "malformed_row", "malformed_row"]


def test_answers_a_line_each(spark: SparkSession) -> None:
    rows = _rows(spark, "answers.txt", kind="predictions")
    assert [(row.sql, row.repairs) for row in rows] == [
        ("SELECT a FROM t;", []),
        ("SELECT a\tFROM t WHERE b = 1", ["after_statement"]),
        ("", []),
        ("SELECT a FROM t", ["code_fence"]),
        ("SELECT a FROM t", ["chatter"]),
        ("I cannot tell.", []),
    ]


@pytest.mark.parametrize(("file", "sql"), [("bird_answers.json", ""), ("array_answers.json", None)])
def test_answers_in_bare_json(spark: SparkSession, file: str, sql: str | None) -> None:
    rows = _rows(spark, file, kind="predictions")
    assert len(rows) == 2
    assert (rows[0].sql or "").startswith("SELECT 1")
    assert rows[1].sql == sql


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layout": "spider_jsn"}, UsageError, "Unknown layout 'spider_jsn'. Did you mean 'spider_json'"),
        ({"dialect": "sparksql"}, UnknownDialect, "Unknown dialect 'sparksql'"),
        ({"kind": "prediction"}, UsageError, "Unknown kind 'prediction'"),
        ({"sql_column": "sqll"}, InputError, "has no column 'sqll'. Did you mean 'sql'"),
        ({"layout": "bull", "sql_column": "sql"}, UsageError, "does not go with layout 'bull'"),
        ({"layout": "bull"}, InputError, "has no column 'sql_query'"),
        ({"format": "excel"}, UsageError, "Unknown format 'excel'"),
    ],
)
def test_what_cannot_be_is_said(
    spark: SparkSession, options: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message.replace(".", r"\.")):
        open_source(spark, str(FIXTURES / "table.jsonl"), **options)


def test_several_possible_columns_need_naming(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("sql,query\nSELECT 1,SELECT 2\n")
    with pytest.raises(InputError, match="several columns that may hold the SQL: 'sql', 'query'"):
        read_queries(spark, str(tmp_path / "two.csv"))
    assert read_queries(spark, str(tmp_path / "two.csv"), sql_column="query").first()["sql"] == "SELECT 2"


def test_a_script_is_not_taken_for_lines(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "script.sql").write_text("SELECT\n  a,\n  b\n  c\nFROM t;\n")
    with pytest.raises(InputError, match="do not each begin a statement"):
        read_queries(spark, str(tmp_path / "script.sql"))
    assert read_queries(spark, str(tmp_path / "script.sql"), layout="lines").count() == 5
