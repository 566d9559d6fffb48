"""Any source's columns → the `queries` record."""

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.schemas import QUERIES, Column


def complete(queries: DataFrame) -> DataFrame:
    """All columns of schemas.QUERIES in its order and types, one row per row; other columns are left behind.

    A missing column gets its default, a typed null for most. A null in `dialect`, `executions`, `repairs` or
    `is_truncated` gets the default too, so that whoever comes after need not think of nulls there. Values that do not
    fit the type become null: cast beforehand where that would hide a mistake.
    """
    present = set(queries.columns)
    return queries.select(*[_filled(column, column.name in present) for column in QUERIES])


def _filled(column: Column, is_present: bool) -> SparkColumn:
    name = f"`{column.name}`"
    default = f"CAST({column.default} AS {column.type})"
    if not is_present:
        filled = default
    elif column.default == "NULL":
        filled = f"TRY_CAST({name} AS {column.type})"
    else:
        filled = f"coalesce(TRY_CAST({name} AS {column.type}), {default})"
    return F.expr(filled).alias(column.name)
