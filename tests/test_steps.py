"""Steps on small inputs, with counts worked out by hand."""

import math
from collections.abc import Iterable
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from sqlalign import steps
from sqlalign.alignment.counts import measure
from sqlalign.errors import UsageError
from sqlalign.ngrams import count_ngrams, ngrams

QUERIES = "sql string, dialect string, executions bigint, excluded string, reject string, repairs array<string>"
Row = tuple[Any, ...]


def query(sql: str | None, executions: int = 1, dialect: str = "", **more: Any) -> Row:
    return (sql, dialect, executions, more.get("excluded"), more.get("reject"), more.get("repairs", []))


ROWS = [
    query("SELECT a FROM t WHERE b = 1", 3),
    query("select a from t where b = 2 -- again"),
    query("SELECT c FROM u WHERE d = 'x'"),
    query("USE x; SELECT a FROM t"),
    query("SELECT FROM WHERE (", 2),
    query(None),
    query("  ", 4),
    query("SELECT secret FROM t", 5, excluded="by_user"),
    query("SELECT cut FRO", 2, reject="truncated"),
    query("SELECT a FROM t WHERE b = 3", repairs=["code_fence"]),
    query("SELECT a FROM t", dialect="nope"),
]


def queries(spark: SparkSession, rows: Iterable[Row]) -> DataFrame:
    return spark.createDataFrame(list(rows), QUERIES)


def ledger_of(rows: DataFrame, by: tuple[str, ...] = ()) -> DataFrame:
    keys = steps.count_keys(steps.with_key(rows), by)
    return steps.count_entries(steps.with_statements(keys, "canonical", by), by)


@pytest.fixture(scope="module")
def ledger(spark: SparkSession) -> DataFrame:
    """The ledger of ROWS, worked out once."""
    return spark.createDataFrame(ledger_of(queries(spark, ROWS)).toArrow())


def as_dict(table: DataFrame) -> dict[str, tuple[int, ...]]:
    """First column → the numbers after it."""
    return {row[0]: tuple(row)[1:] for row in table.collect()}


def test_key_is_null_for_what_is_not_counted_and_empty_without_text(spark: SparkSession) -> None:
    rows = [query("SELECT a"), query(None), query("x", excluded="f"), query("x", reject="truncated")]
    keys = [row.key for row in steps.with_key(queries(spark, rows)).collect()]
    assert keys[0]
    assert keys[1:] == ["", None, None]


def test_keys_add_up_executions(spark: SparkSession) -> None:
    keys = steps.count_keys(steps.with_key(queries(spark, ROWS[:3]))).collect()
    assert sorted(row.executions for row in keys) == [1, 4]


def test_outcomes_of_rows(ledger: DataFrame) -> None:
    rows = {name: numbers[0] for name, numbers in as_dict(steps.count_outcomes(ledger)).items()}
    assert rows == {"parsed": 3 + 1 + 1 + 1 + 1, "empty": 5, "unparsable": 2 + 2 + 1}


def test_templates_by_executions_and_shapes(ledger: DataFrame) -> None:
    found = {(r.statement_kind, r.template): (r.executions, r.shapes) for r in steps.count_templates(ledger).collect()}
    # three texts of one key (one of them mended), and one of another
    assert found == {("select", "SELECT FROM WHERE ="): (6, 2), ("select", "SELECT FROM"): (1, 1)}


def test_rejects_by_reason(ledger: DataFrame) -> None:
    rejects = {name: numbers[0] for name, numbers in as_dict(steps.count_rejects(ledger)).items()}
    assert rejects == {"syntax_error": 2, "empty": 5, "truncated": 2, "unknown_dialect": 1}


def test_other_kinds(ledger: DataFrame) -> None:
    assert as_dict(steps.count_other_kinds(ledger)) == {"use": (1,)}


def test_excluded_rows_and_repairs_are_counted(ledger: DataFrame) -> None:
    rows = {(r.entry, r.name): r.executions for r in ledger.collect() if r.entry in ("excluded", "repair")}
    assert rows == {("excluded", "by_user"): 5, ("repair", "code_fence"): 1}


def test_partitions_and_order_do_not_matter(spark: SparkSession, ledger: DataFrame) -> None:
    other = ledger_of(queries(spark, reversed(ROWS)).repartition(3))
    assert sorted(map(tuple, other.collect())) == sorted(map(tuple, ledger.collect()))


def test_groups_are_kept_apart_but_a_key_counts_in_each(spark: SparkSession) -> None:
    rows = queries(spark, [query("SELECT 1 FROM t"), query("SELECT 2 FROM t")]).selectExpr(
        "*", "CASE WHEN sql LIKE '%1%' THEN 'mon' ELSE 'tue' END AS day"
    )
    found = steps.count_templates(ledger_of(rows, ("day",)), ("day",)).collect()
    assert sorted((r.day, r.executions, r.shapes) for r in found) == [("mon", 1, 1), ("tue", 1, 1)]


def test_a_hostile_text_is_a_reject_and_kills_no_worker(spark: SparkSession) -> None:
    depth = 20_000
    rows = [query("SELECT * FROM (" * depth + "SELECT 1" + ")" * depth), query("SELECT a FROM t")]
    outcomes = as_dict(steps.count_outcomes(ledger_of(queries(spark, rows))))
    assert {name: numbers[0] for name, numbers in outcomes.items()} == {"parsed": 1, "unparsable": 1}


TEMPLATES = [("SELECT FROM WHERE = ( SELECT FROM )", 3, 2), ("SELECT FROM", 5, 1)]


def test_ngrams_equal_those_without_spark(spark: SparkSession) -> None:
    templates = spark.createDataFrame(TEMPLATES, "template string, executions bigint, shapes bigint")
    found = steps.count_ngrams(templates, 4).collect()
    assert {r.ngram: r.executions for r in found} == count_ngrams([(t, e) for t, e, _ in TEMPLATES], 4)
    assert {r.ngram: r.shapes for r in found} == count_ngrams([(t, s) for t, _, s in TEMPLATES], 4)
    assert all(r.n == len(r.ngram.split()) for r in found)


def test_ngrams_need_a_length(spark: SparkSession) -> None:
    templates = spark.createDataFrame(TEMPLATES, "template string, executions bigint, shapes bigint")
    with pytest.raises(UsageError, match="'0'"):
        steps.count_ngrams(templates, 0)


# The fixture of the method: P has the mass 15, Q 6.
P = count_ngrams([("SELECT FROM", 2), ("SELECT FROM WHERE =", 1)])
Q = count_ngrams([("SELECT FROM", 1), ("SELECT , FROM", 1)])
DISJOINT = dict.fromkeys(ngrams("VALUES ( )"), 1)


@pytest.mark.parametrize("delta", [1e-6, 0.1])
def test_alignment_equals_the_pure_one(spark: SparkSession, delta: float) -> None:
    profiles = {"p": P, "q": Q, "v": DISJOINT}
    rows = [(name, ngram, weight) for name, counts in profiles.items() for ngram, weight in counts.items()]
    counts = spark.createDataFrame(rows, "profile string, ngram string, weight bigint")
    pairs = [("p", "q"), ("q", "p"), ("p", "p"), ("v", "q")]
    aligned = steps.align_profiles(counts, spark.createDataFrame(pairs, "p string, q string"), delta).collect()
    assert {(row.p, row.q) for row in aligned} == set(pairs)
    for row in aligned:
        expected = measure(profiles[row.p], profiles[row.q], delta)
        assert tuple(row)[2:] == pytest.approx(tuple(expected), abs=1e-12)


def test_alignment_of_the_fixture_and_of_nothing_shared(spark: SparkSession) -> None:
    rows = [(name, ngram, n) for name, c in (("p", P), ("q", Q), ("v", DISJOINT)) for ngram, n in c.items()]
    counts = spark.createDataFrame(rows, "profile string, ngram string, weight bigint")
    pairs = spark.createDataFrame([("p", "q"), ("v", "q")], "p string, q string")
    found = {row.p: row for row in steps.align_profiles(counts, pairs, 1e-6).collect()}
    assert found["p"].alignment == pytest.approx(0.678514474, abs=1e-9)
    assert found["p"].coverage == pytest.approx(0.827689646, abs=1e-9)
    assert found["p"].overlap == pytest.approx(5 / 6)
    assert found["v"].alignment == pytest.approx(1 / math.e)
    assert found["v"].overlap == 0


def test_times_are_kept_where_the_queries_have_them(spark: SparkSession) -> None:
    rows = [("SELECT a FROM t", 3), ("SELECT a -- again\nFROM t", 1), ("SELECT b FROM u", 2), ("USE x", 9)]
    timed = spark.createDataFrame([(*query(sql), hour) for sql, hour in rows], f"{QUERIES}, hour int")
    at = [f"timestamp_seconds(3600 * hour) AS {name}" for name in steps.SEEN]
    templates = steps.count_templates(ledger_of(timed.selectExpr("*", *at)))
    (row,) = templates.selectExpr("executions", "unix_seconds(first_seen_at)", "unix_seconds(last_seen_at)").collect()
    assert tuple(row) == (3, 3600, 3 * 3600)
