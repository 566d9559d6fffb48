"""Training sets and benchmarks with a row an example: which field holds the SQL, and in what dialect it is."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.sources.layouts import Layout


def _fields(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _unanswerable_as_null(rows: DataFrame) -> DataFrame:
    """EHRSQL asks questions that no query answers; releases write their SQL as null, "null" or "nan"."""
    return rows.withColumn("sql", F.when(~F.lower(F.trim("sql")).isin("null", "nan", "none"), F.col("sql")))


def _with_date(rows: DataFrame) -> DataFrame:
    """Stack Exchange writes its dates in UTC, without saying so."""
    date = F.concat("CreationDate", F.lit("+00:00"))
    return rows.withColumn("ended_at", date.try_cast("timestamp")).withColumn("query_id", F.col("QuerySetId"))


EHRSQL = Layout(
    "ehrsql",
    "sqlite",
    columns=("query",),
    marks=(_fields("query q_tag"), _fields("query is_impossible"), _fields("query t_tag")),
    queries=_unanswerable_as_null,
)
SPIDER_JSON = Layout(
    "spider_json", "sqlite", columns=("query",), marks=(_fields("query query_toks"), _fields("query question db_id"))
)
BIRD_JSON = Layout(
    "bird_json",
    "sqlite",
    columns=("SQL", "sql"),
    marks=(_fields("SQL db_id"), _fields("sql db_id evidence"), _fields("sql db_id question difficulty")),
)
BULL = Layout("bull", "sqlite", columns=("sql_query",), marks=(_fields("sql_query db_name"),))
GRETEL = Layout("gretel", "", columns=("sql",), marks=(_fields("sql sql_prompt sql_context"),))
SQL_CREATE_CONTEXT = Layout(
    "sql_create_context", "sqlite", columns=("answer",), marks=(_fields("answer question context"),)
)
SYNSQL = Layout(
    "synsql", "sqlite", columns=("sql",), marks=(_fields("sql cot"), _fields("sql sql_complexity question_style"))
)
SEDE = Layout(
    "sede",
    "tsql",
    columns=("QueryBody",),
    marks=(_fields("QueryBody"),),
    more=(("CreationDate", "STRING"), ("QuerySetId", "STRING")),
    queries=_with_date,
)
