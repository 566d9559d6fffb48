"""From queries to counts: each step takes DataFrames and gives one. No step acts, caches, reads or writes.

    queries                                  what every source gives, a row a row read
      → with_key        + key                the only work done on every row
      → count_keys      keys                 a row per distinct key (and what kept a row from having one)
      → with_statements statements           each distinct key templated once
      → count_entries   ledger               everything that is counted, in one table
          → count_templates, count_rejects, count_other_kinds, count_outcomes
      templates → count_ngrams ngram_counts
      ngram counts of many profiles → align_profiles

The ledger is what a caller collects or writes, once: all that follows derives from it, so that nothing is parsed twice.
Columns named in `by` (source, day, …) are kept apart through all steps. Where queries have the columns SEEN, so do the
keys, the ledger and its templates: the first and the last time of the rows counted together.

This is the only module with user-defined functions; they work on Arrow batches and need no SparkContext, so the same
steps run on Spark Connect.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from sqlalign.alignment.divergence import check_delta, cost_of_missing, shared_term
from sqlalign.ngrams import MAX_N, check_max_n, ngrams
from sqlalign.rows import row_key, row_outcome
from sqlalign.sql.sandbox import sandboxed_statements
from sqlalign.sql.template import Statement, reject

Batches = Iterator[pa.RecordBatch]
KEY_COLUMNS = ("excluded", "reject", "dialect", "key", "repairs")
ENTRY_COLUMNS = ("entry", "dialect", "statement_kind", "name")
SEEN = ("first_seen_at", "last_seen_at")
STATEMENT_SCHEMA = pa.schema(
    [
        ("outcome", pa.string()),
        ("position", pa.int32()),
        ("statement_kind", pa.string()),
        ("template", pa.string()),
        ("reason", pa.string()),
        ("repairs", pa.list_(pa.string())),
        ("unknown", pa.list_(pa.string())),
        ("shapes", pa.int64()),
    ]
)
STATEMENT_DDL = (
    "outcome string, position int, statement_kind string, template string, reason string, repairs array<string>, "
    "unknown array<string>, shapes bigint"
)
TEMPLATES_PER_BATCH = 500


def _seen(table: DataFrame) -> list[str]:
    """The columns of SEEN that the table has."""
    return [name for name in SEEN if name in table.columns]


def _ends(table: DataFrame) -> list[Column]:
    """The aggregates that keep the ends of the time in which rows were seen."""
    return [(F.min if name == SEEN[0] else F.max)(name).alias(name) for name in _seen(table)]


# ---------------------------------------------------------------- text → key


def _keys(sql: pa.Array, dialect: pa.Array) -> pa.Array:
    texts, dialects = sql.to_pylist(), dialect.to_pylist()
    keys = [None if s is None else row_key(s, d or "") for s, d in zip(texts, dialects, strict=True)]
    return pa.array(keys, pa.string())


def with_key(queries: DataFrame) -> DataFrame:
    """Queries with their `key`; null where a row is excluded or rejected already, "" where there is no text."""
    counted = F.col("excluded").isNull() & F.col("reject").isNull()
    text = F.when(counted, F.coalesce(F.col("sql"), F.lit("")))
    key = F.arrow_udf(_keys, StringType())  # type: ignore[call-overload]
    return queries.withColumn("key", key(text, F.coalesce(F.col("dialect"), F.lit(""))))


def count_keys(queries: DataFrame, by: Sequence[str] = ()) -> DataFrame:
    """Queries with a key → a row per distinct key, dialect and what the reader found: `executions`, summed."""
    dialect = F.coalesce(F.col("dialect"), F.lit("")).alias("dialect")
    return (
        queries.withColumn("repairs", F.coalesce(F.col("repairs"), F.array().cast("array<string>")))
        .withColumn("dialect", dialect)
        .groupBy(*by, *KEY_COLUMNS)
        .agg(F.sum("executions").alias("executions"), *_ends(queries))
        .select(*by, *KEY_COLUMNS, "executions", *_seen(queries))
    )


# ---------------------------------------------------------------- key → statements


def with_statements(keys: DataFrame, rules: str, by: Sequence[str] = ()) -> DataFrame:
    """Keys → a row per statement, in the order of the text; each distinct key is templated once.

    `outcome` says what became of the row (excluded, empty, parsed, unparsable) and counts where `position` is 0.
    A statement has a template, or a reason for its rejection, or neither: then `statement_kind` says what it is.
    `shapes` is 1 for a key's first row, 0 where it comes again because the reader mended only some of its texts.
    """
    kept = [*by, "excluded", "dialect", "executions", *_seen(keys)]
    ddl = ", ".join(f"`{f.name}` {f.dataType.simpleString()}" for f in (keys.schema[name] for name in kept))
    spread = _spread(keys).sortWithinPartitions("dialect", "key", *by, "repairs")
    template = _templating(rules, kept, ["dialect", "key", *by])
    return spread.mapInArrow(template, f"{ddl}, {STATEMENT_DDL}").select(*kept, *STATEMENT_SCHEMA.names)


def _spread(keys: DataFrame) -> DataFrame:
    """Equal keys together, the rest over all cores: their bytes are few, but each costs a parse.

    With a number given, adaptive execution does not put the small partitions together again.
    """
    partitions = keys.sparkSession.conf.get("spark.sql.shuffle.partitions") or ""
    if not partitions.isdigit():
        return keys.repartition("dialect", "key")
    return keys.repartition(int(partitions), "dialect", "key")


def _templating(rules: str, kept: list[str], identity: list[str]) -> Callable[[Batches], Batches]:
    """Batches of keys, sorted → batches of their statements beside the kept columns."""

    def run(batches: Batches) -> Batches:
        # Sorted, so equal keys (of several days or segments) follow each other: remembering one text is enough.
        statements_of = lru_cache(maxsize=1)(lambda key, dialect: sandboxed_statements(key, dialect, rules))
        previous = None
        for batch in batches:
            rows: list[tuple[int, dict[str, object]]] = []
            for i, row in enumerate(batch.to_pylist()):
                key = tuple(row[name] for name in identity)
                rows += [(i, statement) for statement in _statement_rows(row, statements_of, key != previous)]
                previous = key
            yield _beside(batch.select(kept), rows)

    return run


def _statement_rows(
    row: dict, statements_of: Callable[[str, str], list[Statement]], is_first: bool
) -> list[dict[str, object]]:
    """The statements of one row of keys, as rows of STATEMENT_SCHEMA; one of nulls for an excluded row."""
    if row["excluded"] is not None:
        return [{"outcome": "excluded", "position": 0, "repairs": [], "unknown": [], "shapes": 0}]
    known = row["reject"]
    statements = [reject(known)] if known is not None else statements_of(row["key"] or "", row["dialect"])
    outcome, shapes = row_outcome(statements), int(is_first and bool(row["key"]))
    return [
        {
            "outcome": outcome,
            "position": position,
            "statement_kind": statement.kind,
            "template": statement.template,
            "reason": statement.reason,
            "repairs": [*(row["repairs"] if position == 0 else ()), *statement.repairs],
            "unknown": list(statement.unknown),
            "shapes": shapes,
        }
        for position, statement in enumerate(statements)
    ]


def _beside(kept: pa.RecordBatch, rows: list[tuple[int, dict[str, object]]]) -> pa.RecordBatch:
    """The new rows, each beside the kept columns of the row (by index) that it comes from."""
    new = pa.RecordBatch.from_pylist([row for _, row in rows], schema=STATEMENT_SCHEMA)
    old = kept.take(pa.array([i for i, _ in rows], pa.int64()))
    return pa.RecordBatch.from_arrays([*old.columns, *new.columns], names=[*kept.schema.names, *new.schema.names])


# ---------------------------------------------------------------- statements → counts


def count_entries(statements: DataFrame, by: Sequence[str] = ()) -> DataFrame:
    """Statements → the ledger: `entry`, dialect, statement_kind, `name` → executions, shapes.

    entry      name
    excluded   the filter that excluded rows
    row        empty, parsed or unparsable; its shapes are distinct keys
    template   the template of a statement
    other      the kind of a statement that is no query
    reject     the reason of a statement without template
    repair     what was mended
    unknown    the class of a construct that no rendering is known for
    """
    named = [_named_entries(entry, column) for entry, column in (("repair", "repairs"), ("unknown", "unknown"))]
    entries = F.array_compact(F.concat(_row_entry(), _statement_entry(), *named))
    return (
        statements.select(*by, F.explode(entries).alias("e"), *_weights(statements))
        .select(*by, "e.*", *_weights(statements))
        .groupBy(*by, *ENTRY_COLUMNS)
        .agg(*_summed(statements))
        .select(*by, *ENTRY_COLUMNS, *_weights(statements))
    )


def _weights(table: DataFrame) -> list[str]:
    """What is added up of rows that are counted together."""
    return ["executions", "shapes", *_seen(table)]


def _summed(table: DataFrame) -> list[Column]:
    return [*(F.sum(name).alias(name) for name in ("executions", "shapes")), *_ends(table)]


def _entry(entry: str, name: str | Column, kind: Column | None = None) -> Column:
    """One line for the ledger."""
    return F.struct(
        F.lit(entry).alias("entry"),
        F.col("dialect"),
        F.coalesce(kind if kind is not None else F.lit(""), F.lit("")).alias("statement_kind"),
        (F.col(name) if isinstance(name, str) else name).alias("name"),
    )


def _row_entry() -> Column:
    is_excluded = F.col("excluded").isNotNull()
    line = F.when(is_excluded, _entry("excluded", "excluded")).otherwise(_entry("row", "outcome"))
    return F.array(F.when(F.col("position") == 0, line))


def _statement_entry() -> Column:
    kind = F.col("statement_kind")
    line = F.when(F.col("template").isNotNull(), _entry("template", "template", kind)).when(
        F.col("reason").isNotNull(), _entry("reject", "reason", kind)
    )
    return F.array(line.when(kind.isNotNull(), _entry("other", "statement_kind", kind)))


def _named_entries(entry: str, column: str) -> Column:
    """A line for each name in a column of names."""
    return F.transform(column, lambda name: _entry(entry, name))


def _only(ledger: DataFrame, entry: str, columns: dict[str, str], by: Sequence[str]) -> DataFrame:
    """The lines of one entry, summed by the given columns (ledger's name → new name)."""
    keys = [F.col(old).alias(new) for old, new in columns.items()]
    return ledger.where(F.col("entry") == entry).groupBy(*by, *keys).agg(*_summed(ledger))


def count_templates(ledger: DataFrame, by: Sequence[str] = ()) -> DataFrame:
    """statement_kind, template → executions, shapes (distinct keys that hold it, once for each of their statements)."""
    templates = _only(ledger, "template", {"statement_kind": "statement_kind", "name": "template"}, by)
    return templates.select(*by, "statement_kind", "template", *_weights(ledger))


def count_rejects(ledger: DataFrame, by: Sequence[str] = ()) -> DataFrame:
    """reason → executions of the statements rejected for it, and distinct ones (shapes)."""
    return _only(ledger, "reject", {"name": "reason"}, by).select(*by, "reason", "executions", "shapes")


def count_other_kinds(ledger: DataFrame, by: Sequence[str] = ()) -> DataFrame:
    """statement_kind → executions of the statements that are no query."""
    return _only(ledger, "other", {"name": "statement_kind"}, by).select(*by, "statement_kind", "executions")


def count_outcomes(ledger: DataFrame, by: Sequence[str] = ()) -> DataFrame:
    """outcome (empty, parsed, unparsable) → executions of its rows; keys, the distinct texts among them."""
    outcomes = _only(ledger, "row", {"name": "outcome"}, by).withColumnRenamed("shapes", "keys")
    return outcomes.select(*by, "outcome", "executions", "keys")


# ---------------------------------------------------------------- templates → n-grams → alignment


def count_ngrams(templates: DataFrame, max_n: int = MAX_N, by: Sequence[str] = ()) -> DataFrame:
    """Templates with their weights → n, ngram, executions, shapes. Raises UsageError where max_n is below 1."""
    check_max_n(max_n)
    weights = ["executions", "shapes"]
    kept = templates.select(*by, *weights, "template")
    ddl = ", ".join(f"`{f.name}` {f.dataType.simpleString()}" for f in kept.schema.fields[:-1])
    return (
        kept.mapInArrow(_ngram_batches(max_n), f"{ddl}, n int, ngram string")
        .groupBy(*by, "n", "ngram")
        .agg(*(F.sum(weight).alias(weight) for weight in weights))
        .select(*by, "n", "ngram", *weights)
    )


def _ngram_batches(max_n: int) -> Callable[[Batches], Batches]:
    """Batches whose last column is a template → a row per n-gram of it, each occurrence."""

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for start in range(0, batch.num_rows, TEMPLATES_PER_BATCH):
                yield _ngram_batch(batch.slice(start, TEMPLATES_PER_BATCH), max_n)

    return run


def _ngram_batch(templates: pa.RecordBatch, max_n: int) -> pa.RecordBatch:
    found = [(i, ngram) for i, t in enumerate(templates["template"].to_pylist()) for ngram in ngrams(t, max_n)]
    kept = templates.drop_columns("template").take(pa.array([i for i, _ in found], pa.int64()))
    lengths = pa.array([ngram.count(" ") + 1 for _, ngram in found], pa.int32())
    texts = pa.array([ngram for _, ngram in found], pa.string())
    return pa.RecordBatch.from_arrays([*kept.columns, lengths, texts], names=[*kept.schema.names, "n", "ngram"])


def align_profiles(counts: DataFrame, pairs: DataFrame, delta: float) -> DataFrame:
    """p, q → alignment A(p, q), coverage A(q, p), overlap (the share of q's mass that p has), as counts.measure gives.

    `counts` has profile, ngram, weight (a row per n-gram); `pairs` has p (training set or baseline) and q (target).
    D(P‖Q) = Σ_both P ln(P / (αQ + δP)) + c (1 − Σ_both P): an inner join on the n-gram is enough.
    Raises UsageError for a δ outside (0, 1).
    """
    check_delta(delta)
    totals = counts.groupBy("profile").agg(F.sum("weight").cast("double").alias("total"))
    known = pairs.join(_renamed(totals, "p"), how="inner", on="p").join(_renamed(totals, "q"), how="inner", on="q")
    sums = _shared_sums(counts, known, delta)
    both = known.join(sums, how="left", on=["p", "q"]).fillna(0.0, list(sums.columns[2:]))
    missing_p = (F.col("p_total") - F.col("p_both")) / F.col("p_total")
    missing_q = (F.col("q_total") - F.col("q_both")) / F.col("q_total")
    return both.select(
        "p",
        "q",
        _alignment(F.col("p_terms"), missing_p, delta).alias("alignment"),
        _alignment(F.col("q_terms"), missing_q, delta).alias("coverage"),
        (F.col("q_both") / F.col("q_total")).alias("overlap"),
    )


def _renamed(table: DataFrame, side: str) -> DataFrame:
    """The columns of a profile's table as those of one side of a pair: profile → p, total → p_total."""
    return table.select(*(F.col(c).alias(side if c == "profile" else f"{side}_{c}") for c in table.columns))


def _shared_sums(counts: DataFrame, pairs: DataFrame, delta: float) -> DataFrame:
    """p, q → the sums over the n-grams of both: p's and q's terms of the divergence, p's and q's weights."""
    p, q = (_renamed(counts.withColumn("weight", F.col("weight").cast("double")), side) for side in "pq")
    shared = pairs.join(p, how="inner", on="p").withColumnRenamed("p_ngram", "q_ngram").join(
        q, how="inner", on=["q", "q_ngram"]
    )  # fmt: skip
    p_share, q_share = F.col("p_weight") / F.col("p_total"), F.col("q_weight") / F.col("q_total")
    return shared.groupBy("p", "q").agg(
        F.sum(shared_term(p_share, q_share, delta, F.log)).alias("p_terms"),
        F.sum(shared_term(q_share, p_share, delta, F.log)).alias("q_terms"),
        F.sum("p_weight").alias("p_both"),
        F.sum("q_weight").alias("q_both"),
    )


def _alignment(terms: Column, missing: Column, delta: float) -> Column:
    """exp(−D / c) with D kept in [0, c], as divergence_from_sums and alignment_from_divergence."""
    cost = cost_of_missing(delta)
    divergence = F.greatest(F.lit(0.0), F.least(F.lit(cost), terms + F.lit(cost) * missing))
    return F.exp(-divergence / F.lit(cost))
