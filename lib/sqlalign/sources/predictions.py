"""A model's answers: a line each, or one column of a table; the statement is taken out of each."""

import re

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import InputError
from sqlalign.sources.files import Input
from sqlalign.sources.layouts import Layout
from sqlalign.sources.mending import with_mended
from sqlalign.sql.predictions import clean_prediction

ANSWER_COLUMNS = frozenset(
    [
        "sql",
        "prediction",
        "predictions",
        "pred",
        "pred_sql",
        "predicted_sql",
        "predict_sql",
        "sql_pred",
        "prediction_sql",
        "predicted",
        "predicted_query",
        "generated_sql",
        "generated",
        "generated_query",
        "generation",
        "completion",
        "response",
        "output",
        "answer",
        "model_output",
        "query",
    ]
)

PREDICTIONS = Layout("predictions", "sqlite", queries=lambda rows: with_mended(rows, clean_prediction))
PREDICTION_LINES = Layout(
    "predictions", "sqlite", is_text=True, queries=lambda rows: with_mended(_with_text(rows), clean_prediction)
)


def _with_text(rows: DataFrame) -> DataFrame:
    """An answer is a whole line: a tab in it is white space, not the end of a column."""
    return rows.withColumnRenamed("value", "sql")


def is_bare_json(head: str) -> bool:
    """Whether a JSON text is an array of strings, or one object from numbers to strings (BIRD's form of answers)."""
    return re.match(r'\ufeff?\s*(?:\[\s*(?:"|null)|\{\s*"\d+"\s*:\s*(?:"|null))', head) is not None


def read_bare_json(spark: SparkSession, found: Input) -> DataFrame:
    """The strings of a bare JSON text as rows `value`, `reject`; raises InputError where it is cut or damaged."""
    texts = spark.read.text(found.location, wholetext=True).select(
        F.regexp_replace("value", "^\ufeff", "").alias("value")
    )
    is_array = found.head.lstrip("\ufeff \t\r\n").startswith("[")
    parsed = texts.select(F.from_json("value", "array<string>" if is_array else "map<string,string>").alias("answers"))
    if not parsed.filter(F.col("answers").isNull()).isEmpty():
        raise InputError(
            f"Input '{found.name}' is a JSON text that is cut or damaged. Write it again, or a line an answer."
        )
    answers = F.col("answers") if is_array else F.map_values("answers")
    return parsed.select(F.explode(answers).alias("value")).withColumn("reject", F.lit(None).cast("string"))
