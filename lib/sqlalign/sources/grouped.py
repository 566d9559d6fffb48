"""The layout of text2sql-data: one entry per query, with several ways to write it and the questions that ask for it."""

from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.sources.layouts import Layout
from sqlalign.sources.mending import with_mended
from sqlalign.sql.wikisql import mend_wikisql

GRAMMAR = "wikisql_grammar"


def _groups(rows: DataFrame) -> DataFrame:
    """The first variant of each group, with as many executions as the group has sentences.

    A group without sentences is nobody's question: one row, excluded.
    """
    sentences = F.coalesce(F.size("sentences"), F.lit(0))
    nobody = F.col("reject").isNull() & (sentences < 1)
    return rows.select(
        F.get("sql", F.lit(0)).alias("sql"),
        "dialect",
        F.greatest(sentences, F.lit(1)).alias("executions"),
        F.when(nobody, "group_without_sentences").alias("excluded"),
        "reject",
    )


def _mended_groups(rows: DataFrame) -> DataFrame:
    return with_mended(_groups(rows), _mend)


def _mend(sql: str, _dialect: str) -> tuple[str, tuple[str, ...]]:
    mended = mend_wikisql(sql)
    return mended, (GRAMMAR,) if mended != sql else ()


# Constants stand in double quotes there (`NAME = "var0"`): strings in MySQL, columns in most other dialects.
TEXT2SQL = Layout(
    "text2sql",
    "mysql",
    columns=("sql",),
    type="ARRAY<STRING>",
    marks=(frozenset({"sql", "sentences"}),),
    more=(("sentences", "ARRAY<STRING>"),),
    queries=_groups,
)
# Its column names are quoted when mended, which MySQL would take for strings.
WIKISQL = replace(
    TEXT2SQL,
    name="wikisql",
    dialect="sqlite",
    marks=(frozenset({"sql", "sentences", "sql-original"}),),
    queries=_mended_groups,
)
