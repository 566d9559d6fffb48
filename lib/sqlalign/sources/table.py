"""Any table with the SQL in one of its columns: `--sql-column` names it, or it has a usual name."""

from collections.abc import Collection

from pyspark.sql import DataFrame

from sqlalign.errors import InputError, did_you_mean
from sqlalign.sources.layouts import Layout, with_executions

SQL_COLUMNS = frozenset(
    [
        "sql",
        "query",
        "sql_query",
        "sql_text",
        "query_text",
        "statement",
        "statement_text",
        "sql_statement",
        "querytext",
        "sqltext",
        "query_sql",
        "sql_code",
        "querybody",
    ]
)


def _rows(rows: DataFrame) -> DataFrame:
    return with_executions(rows, "executions")


TABLE = Layout("table", "", more=(("executions", "STRING"),), queries=_rows)


def sql_column_of(name: str, fields: Collection[str], wanted: str | None, usual: Collection[str] = SQL_COLUMNS) -> str:
    """The field that holds the SQL: the wanted one, or the only one with a usual name (in any case).

    Raises InputError where the wanted field is missing, or none or several could be it.
    """
    found = ", ".join(f"'{field}'" for field in fields) or "none"
    if wanted is not None:
        if wanted not in fields:
            hint = did_you_mean(wanted, fields)
            raise InputError(
                f"Input '{name}' has no column '{wanted}'.{hint} Set the column's option to one of: {found}."
            )
        return wanted
    candidates = [field for field in fields if field.lower() in usual]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        several = ", ".join(f"'{candidate}'" for candidate in candidates)
        raise InputError(
            f"Input '{name}' has several columns that may hold the SQL: {several}. Set --sql-column to one."
        )
    raise InputError(f"Input '{name}' has no column with a usual name for SQL. Set --sql-column to one of: {found}.")
