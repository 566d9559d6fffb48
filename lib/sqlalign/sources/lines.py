"""Layouts of plain text: a statement a line, alone or beside its database or its count."""

import re

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.sources.layouts import Layout, with_executions

_DATABASE = r"\t([\w.-]+)\s*$"
_COUNT = r"^\s*(\d+)\t"
_BEGINS = re.compile(
    r"\s*(?:--.*|/\*.*|\(*\s*(?:select|with|values|insert|update|delete|merge|create|alter|drop|explain|show|describe"
    r"|set|use|declare|pragma|replace|from|exec|call|begin|truncate|grant)\b.*|\s*)",
    re.IGNORECASE | re.DOTALL,
)


def _statements(rows: DataFrame) -> DataFrame:
    return rows.withColumnRenamed("value", "sql")


def _statements_and_databases(rows: DataFrame) -> DataFrame:
    """Spider's gold files: SQL, tab, database. A line without the tab is all SQL."""
    database = F.nullif(F.regexp_extract("value", _DATABASE, 1), F.lit(""))
    return rows.withColumn("sql", F.regexp_replace("value", _DATABASE, "")).withColumn("database", database)


def _counts_and_statements(rows: DataFrame) -> DataFrame:
    """Count, tab, SQL. A line without a count is one execution."""
    count = F.nullif(F.regexp_extract("value", _COUNT, 1), F.lit(""))
    counted = rows.withColumn("sql", F.regexp_replace("value", _COUNT, "")).withColumn("executions", count)
    return with_executions(counted, "executions")


LINES = Layout("lines", "", is_text=True, queries=_statements)
SPIDER_SQL = Layout("spider_sql", "sqlite", is_text=True, queries=_statements_and_databases)
COUNTED_LINES = Layout("counted_lines", "", is_text=True, queries=_counts_and_statements)


def detect_lines(head: str) -> Layout | None:
    """Which of these a text is, by its beginning; None where most lines do not begin a statement (a script, prose)."""
    lines = [line for line in head.splitlines()[:-1][:500] or head.splitlines() if line.strip()]
    if not lines:
        return None
    if all(re.match(_COUNT, line) for line in lines):
        return COUNTED_LINES
    begun = sum(bool(_BEGINS.fullmatch(line)) for line in lines)
    if begun < len(lines) / 2:
        return None
    return SPIDER_SQL if all(re.search(_DATABASE, line) for line in lines) else LINES
