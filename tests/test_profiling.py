"""The job from queries to a profile: its accounting, its warnings, and the same bytes whatever the partitions."""

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from sqlalign.alignment.compare import compare_many
from sqlalign.comparing import compare_on_spark
from sqlalign.errors import InputError, ProfileError, UsageError
from sqlalign.profile import Profile, profile_bytes
from sqlalign.profiling import accounting_of, profile_queries, templates_of
from sqlalign.sources.complete import complete

ROWS = [
    ("SELECT a FROM t WHERE b = 1", 3, None),
    ("SELECT a FROM t WHERE b = 2", 1, None),
    ("SELECT a, b FROM t ORDER BY a", 1, None),
    ("INSERT INTO s SELECT * FROM t; COMMIT", 2, None),
    ("SELECT ( FROM", 1, None),
    ("", 1, None),
    ("SELECT 1", 7, "by_user"),
]


def queries(spark: SparkSession, rows: list[tuple[str, int, str | None]] = ROWS) -> DataFrame:
    return complete(spark.createDataFrame(rows, "sql string, executions bigint, excluded string"))


@pytest.fixture(scope="module")
def made(spark: SparkSession) -> Profile:
    """The profile of ROWS."""
    return profile_queries(queries(spark), name="mine", kind="log")


def test_accounting_by_hand(made: Profile) -> None:
    accounting = made.accounting
    assert (accounting.rows_read, accounting.excluded, accounting.empty) == (16, {"by_user": 7}, 1)
    assert (accounting.parsed, accounting.unparsable) == (7, 1)
    assert (accounting.statements_found, accounting.templated) == (11, 7)
    assert accounting.other_kinds == {"commit": 2}
    assert accounting.rejected == {"empty": 1, "syntax_error": 1}
    accounting.check()


def test_templates_with_both_weights(made: Profile) -> None:
    rows = {row["template"]: (row["executions"], row["shapes"]) for row in made.templates.to_pylist()}
    assert rows == {"SELECT FROM WHERE =": (4, 1), "SELECT , FROM ORDER BY": (1, 1), "SELECT * FROM": (2, 1)}
    assert made.dialects == ("",)


def test_same_rows_same_bytes(spark: SparkSession, made: Profile) -> None:
    shuffled = queries(spark, ROWS[::-1]).repartition(3)
    again = profile_queries(shuffled, name="mine", kind="log")
    assert profile_bytes(again) == profile_bytes(made)


def test_input_without_a_query_is_an_error_that_says_what_was_found(spark: SparkSession) -> None:
    prose = queries(spark, [("hello world", 2, None), ("USE x", 1, None)])
    with pytest.raises(InputError, match="'mine' holds a query: 3 rows read .*not_a_statement 2, use 1.*--dialect"):
        profile_queries(prose, name="mine", kind="log")


def test_input_without_rows_is_an_error(spark: SparkSession) -> None:
    with pytest.raises(InputError, match="'mine' has no rows"):
        profile_queries(queries(spark).limit(0), name="mine", kind="log")


@pytest.mark.parametrize(
    "wrong", [{"kind": "logs"}, {"rules": "canonic"}, {"max_n": 0}, {"name": "../x"}], ids=lambda w: next(iter(w))
)
def test_wrong_options_are_told_before_the_work(spark: SparkSession, wrong: dict) -> None:
    options = {"name": "mine", "kind": "log"} | wrong
    with pytest.raises(UsageError, match=f"'{next(iter(wrong.values()))}'"):
        profile_queries(queries(spark), **options)


def test_lines_of_several_dialects_are_added_up() -> None:
    lines = [("template", d, "select", "SELECT FROM", 2, 1) for d in ("", "mysql")] + [("row", "", "", "parsed", 4, 2)]
    names = ["entry", "dialect", "statement_kind", "name", "executions", "shapes"]
    ledger = pa.Table.from_pylist([dict(zip(names, line, strict=True)) for line in lines])
    assert templates_of(ledger).to_pylist() == [
        {"statement_kind": "select", "template": "SELECT FROM", "executions": 4, "shapes": 2}
    ]
    accounting_of(ledger).check()


def test_comparison_on_spark_equals_the_one_in_this_process(spark: SparkSession, made: Profile) -> None:
    training = profile_queries(queries(spark, ROWS[:3]), name="train", kind="training_set")
    answers = profile_queries(queries(spark, ROWS[1:4]), name="base", kind="predictions", predicted_for="mine")
    local = compare_many([made], [training, made], [answers])
    on_spark = compare_on_spark(spark, [made], [training, made], [answers])
    for ours, theirs in zip(local, on_spark, strict=True):
        assert ours.as_dict() == pytest.approx(theirs.as_dict(), abs=1e-12)


def test_comparison_on_spark_refuses_what_the_other_refuses(spark: SparkSession, made: Profile) -> None:
    short = profile_queries(queries(spark), name="short", kind="log", max_n=3)
    with pytest.raises(ProfileError, match="'short' has max_n 3"):
        compare_on_spark(spark, [made], [short])
