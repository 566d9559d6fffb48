"""Every table's columns: name, type, meaning. Plain data, written in Spark's DDL types, without Spark.

A table is a tuple of `Column`; `names(QUERIES)` and `ddl(QUERIES)` serve those who read or write it.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """One column: its name, its type in Spark's DDL, what it means, and the SQL value a source without it gets."""

    name: str
    type: str
    meaning: str
    default: str = "NULL"


def names(table: Sequence[Column]) -> list[str]:
    """The column names of a table, in order."""
    return [column.name for column in table]


def ddl(table: Sequence[Column]) -> str:
    """The table as a Spark DDL string, e.g. "`sql` STRING, `executions` BIGINT"."""
    return ", ".join(f"`{column.name}` {column.type}" for column in table)


QUERIES: tuple[Column, ...] = (
    Column(
        "sql",
        "STRING",
        "The statement's text as the source has it, after the reader's own repairs; null where there is none.",
    ),
    Column("dialect", "STRING", "The dialect to parse it in, by sqlglot's name; '' is the generic one.", "''"),
    Column(
        "executions",
        "BIGINT",
        "How often it ran: 1 for a row of a log, the count for an aggregated row; at least 1.",
        "1L",
    ),
    Column("excluded", "STRING", "The filter that takes the row out, e.g. 'script_parent'; null: it counts."),
    Column(
        "reject", "STRING", "Why the row cannot be parsed, known before parsing, e.g. 'truncated', 'malformed_row'."
    ),
    Column(
        "repairs",
        "ARRAY<STRING>",
        "What the reader mended, e.g. 'code_fence'; empty: nothing.",
        "CAST(array() AS ARRAY<STRING>)",
    ),
    Column("source", "STRING", "The log or data set the row is from."),
    Column("query_id", "STRING", "The source's identifier of the execution."),
    Column("parent_query_id", "STRING", "The execution (script, procedure) that started this one."),
    Column("started_at", "TIMESTAMP", "When the execution started (an instant; shown in UTC)."),
    Column("ended_at", "TIMESTAMP", "When it ended: the time that says which day a query belongs to."),
    Column("user", "STRING", "Who ran it."),
    Column("role", "STRING", "The role it ran under."),
    Column("database", "STRING", "The default database or catalog."),
    Column("schema", "STRING", "The default schema."),
    Column("application", "STRING", "The client: a BI tool, dbt, a driver."),
    Column("statement_type", "STRING", "The source's own name for the kind of statement."),
    Column("status", "STRING", "How it ended, in the source's words."),
    Column("duration_ms", "BIGINT", "Elapsed time in milliseconds."),
    Column("bytes_scanned", "BIGINT", "Bytes read."),
    Column("rows_returned", "BIGINT", "Rows given back."),
    Column("native_hash", "STRING", "The source's own hash of the text."),
    Column("query_tag", "STRING", "A tag that the client set."),
    Column("is_truncated", "BOOLEAN", "Whether the source cut the text.", "false"),
)
"""What every source gives: one row for each row read, none dropped."""
