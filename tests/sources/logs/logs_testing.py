"""Reading a fixture and counting what became of its rows."""

from collections import Counter
from pathlib import Path

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from sqlalign.sources import read_rows

FIXTURES = Path(__file__).parents[2] / "fixtures" / "logs"


def fixture_rows(spark: SparkSession, name: str) -> DataFrame:
    """The rows of a fixture, read as a user's export is."""
    return read_rows(spark, str(FIXTURES / name))


def padded(rows: DataFrame, id_column: str, id: str, column: str, length: int) -> DataFrame:
    """The one row's text filled up to so many characters: a cut text is too long to be kept in a fixture."""
    text: Column = F.when(F.col(id_column) == id, F.rpad(column, length, "x")).otherwise(F.col(column))
    return rows.withColumn(column, text)


def counted(queries: DataFrame) -> dict[str, object]:
    """How many rows were read, excluded by rule, rejected by reason, and left. Each row is in one of them."""
    rows = queries.select("excluded", "reject").collect()
    rejected = Counter(row.reject for row in rows if row.excluded is None and row.reject is not None)
    excluded = Counter(row.excluded for row in rows if row.excluded is not None)
    rest = len(rows) - rejected.total() - excluded.total()
    return {"rows": len(rows), "excluded": dict(excluded), "rejected": dict(rejected), "rest": rest}


def by_id(queries: DataFrame) -> dict[str, Row]:
    """The rows that are no copies of another, by query_id; an execution's own row goes before its start event."""
    not_a_copy = F.coalesce(
        ~F.col("excluded").isin("duplicate_row", "continuation_piece", "query_start_row"), F.lit(True)
    )
    return {row.query_id: row for row in queries.where(not_a_copy).collect()}
