"""Reading a fixture and counting what became of its rows."""

from collections import Counter
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from sqlalign.sources import read_rows

FIXTURES = Path(__file__).parents[2] / "fixtures" / "logs"


@pytest.fixture(scope="session")
def log_rows(spark):
    """log_rows(name): the rows of a fixture, read as a user's export is."""
    return lambda name: read_rows(spark, str(FIXTURES / name))


@pytest.fixture(scope="session")
def padded():
    """rows.transform(padded, ...): the one row's text filled up to so many characters. A cut text is too long for a
    fixture."""

    def pad(rows: DataFrame, id_column: str, id: str, column: str, length: int) -> DataFrame:
        is_meant = F.col(id_column) == id
        return rows.withColumn(column, F.when(is_meant, F.rpad(column, length, "x")).otherwise(F.col(column)))

    return pad


@pytest.fixture(scope="session")
def counted():
    """counted(queries): rows read, excluded by rule, rejected by reason, empty, and the rest (to be parsed): each row
    is in one of them."""

    def count(queries: DataFrame) -> dict[str, object]:
        rows = queries.select("excluded", "reject", "sql").collect()
        found = {"rows": len(rows), "excluded": Counter(), "rejected": Counter(), "empty": 0, "rest": 0}
        for row in rows:
            if row.excluded is not None:
                found["excluded"][row.excluded] += 1
            elif row.reject is not None:
                found["rejected"][row.reject] += 1
            else:
                found["rest" if (row.sql or "").strip() else "empty"] += 1
        return found

    return count


@pytest.fixture(scope="session")
def by_id():
    """by_id(queries): the executions' own rows by query_id, no copies, further pieces or start events."""
    other = ("duplicate_row", "continuation_piece", "query_start_row")

    def find(queries: DataFrame) -> dict[str, Row]:
        return {row.query_id: row for row in queries.collect() if row.excluded not in other}

    return find
