"""The days of a log: read, counted, written as the tables of days."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalign import steps
from sqlalign.config import NightlyConfig
from sqlalign.errors import InputError
from sqlalign.nightly.accounts import Accounts, accounts_of, check_rejects, commonest
from sqlalign.nightly.private import without_texts
from sqlalign.profile import Accounting
from sqlalign.sources.days import first_and_last_day, only_days
from sqlalign.sources.filters import apply_filters
from sqlalign.sources.read import open_source
from sqlalign.sources.rows import reading
from sqlalign.sql.version import TEMPLATE_VERSION
from sqlalign.tables import Run
from sqlalign.tables.manifest import latest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Stage = Callable[[str], None]
"""Called with what the job does next."""


def write_days(
    spark: "SparkSession", run: Run, config: NightlyConfig, days: Sequence[dt.date], stage: Stage
) -> tuple[Mapping[dt.date, Accounting], list[str]]:
    """Writes the tables of the days that have rows; their accounts, and warnings.

    Raises AccountingError, with nothing written, where too much was rejected.
    """
    with without_texts("reading and counting the log"), reading(config.source.input):
        stage(f"reading {config.source.input}: {_span(days)}; parsing each distinct query")
        queries = _queries(spark, config, days)
        ledger = run.scratch(_ledger(queries, config))
        accounts = accounts_of(ledger)
        if not accounts.by_day:
            return {}, []
        check_rejects(accounts.by_day, config.max_reject_share, config.source.name)
        kept = _emptied(run, config, [day for day in days if day not in accounts.by_day])
        run.cover([day for day in days if day not in kept], run.row.window_days)
        _write_days(run, ledger, config, stage)
        if config.keep_rejected_sql:
            stage("keeping the texts of rejected statements")
            run.write("rejects_sql", _rejects_sql(queries, config))
    return accounts.by_day, _warnings(accounts, config, days, kept)


def _emptied(run: Run, config: NightlyConfig, empty: Collection[dt.date]) -> list[dt.date]:
    """Days that the log has no rows of any more, while the store has a run of them.

    A log that forgets is likelier than executions that never were, so a run does not empty their tables.
    """
    runs = run.store.runs() if empty else []
    before = {
        day for source, rules, day in latest(runs, windows=False) if (source, rules) == (run.row.source, run.row.rules)
    }
    return sorted(before & set(empty))


# ---------------------------------------------------------------- read, count


def _source(spark: "SparkSession", config: NightlyConfig) -> "DataFrame":
    """All rows of the log."""
    given = config.source
    return open_source(
        spark,
        given.input,
        kind="log",
        layout=given.layout,
        dialect=given.dialect,
        sql_column=given.sql_column,
        executions_column=given.executions_column,
        format=given.format,
        time_zone=given.time_zone,
    ).queries


def _queries(spark: "SparkSession", config: NightlyConfig, days: Collection[dt.date]) -> "DataFrame":
    """The rows of these days; excluded are those whom the filters do not want."""
    return (
        _source(spark, config)
        .transform(partial(only_days, days=days, time_zone=config.source.time_zone))
        .transform(partial(apply_filters, filters=config.filters.filters()))
    )


def _ledger(queries: "DataFrame", config: NightlyConfig) -> "DataFrame":
    """key → statements → ledger, by day and segments: each distinct key is parsed once."""
    by = ["day", *config.segments]
    return (
        queries.transform(steps.with_key)
        .transform(partial(steps.count_keys, by=by))
        .transform(partial(steps.with_statements, rules=config.rules, by=by))
        .transform(partial(steps.count_entries, by=by))
    )


def _write_days(run: Run, ledger: "DataFrame", config: NightlyConfig, stage: Stage) -> None:
    """The tables of days, from the ledger as written and the templates as written."""
    source, rules = f"'{config.source.name}' AS source", f"'{config.rules}' AS rules"
    version = f"{TEMPLATE_VERSION} AS template_version"
    dated = ledger.where("day IS NOT NULL")
    stage("writing templates and rejects")
    templates = steps.count_templates(dated, by=["day", *config.segments, "dialect"])
    digest = "substr(sha2(encode(template, 'UTF-8'), 256), 1, 32) AS template_digest"
    run.write("templates", templates.selectExpr(source, rules, version, digest, "*"))
    rejects = steps.count_rejects(dated, by=["day"])
    run.write("rejects", rejects.selectExpr(source, "day", "reason", "shapes AS statements", "executions"))
    stage("counting n-grams")
    written = run.written("templates").select("day", "template", "executions", "shapes")
    counts = steps.count_ngrams(written, config.max_n, by=["day"])
    run.write("ngram_counts", counts.selectExpr(source, rules, version, "*"))


def _rejects_sql(queries: "DataFrame", config: NightlyConfig) -> "DataFrame":
    """Texts of rows with a rejected statement. It parses once more, and holds identifiers and literals."""
    by = ["day", "sql"]
    statements = (
        queries.where("day IS NOT NULL AND excluded IS NULL")
        .drop(*steps.SEEN)
        .transform(steps.with_key)
        .transform(partial(steps.count_keys, by=by))
        .transform(partial(steps.with_statements, rules=config.rules, by=by))
    )
    rejected = statements.where("reason IS NOT NULL").groupBy(*by, "reason").agg({"executions": "sum"})
    source = f"'{config.source.name}' AS source"
    return rejected.selectExpr(source, "day", "reason", "sql", "`sum(executions)` AS executions")


# ---------------------------------------------------------------- what is said, and what comes after


def _warnings(
    accounts: Accounts, config: NightlyConfig, days: Sequence[dt.date], left_alone: Collection[dt.date]
) -> list[str]:
    empty = [day for day in days if day not in accounts.by_day]
    said = []
    if empty:
        said.append(f"No row of source '{config.source.name}' ended on {_span(empty)}.")
    if left_alone:
        said.append(f"The store has tables of {_span(sorted(left_alone))} from before; they are left as they were.")
    if accounts.undated:
        n = sum(accounts.undated.values())
        said.append(
            f"{n:,} rows of source '{config.source.name}' have no time, belong to no day and are counted in none "
            f"({commonest(accounts.undated)})."
        )
    return said


def _span(days: Sequence[dt.date]) -> str:
    """Days in words: all of a few, the ends and the number of many."""
    if len(days) <= 3:
        return ", ".join(map(str, days))
    return f"{days[0]} to {days[-1]} ({len(days)} days)"


def no_rows(spark: "SparkSession", config: NightlyConfig, asked: str) -> InputError:
    """What to say where no day asked for has a row: the days that the log has."""
    with without_texts("looking for the days of the log"), reading(config.source.input):
        first, last = first_and_last_day(_source(spark, config), config.source.time_zone)
    found = f"they ended from {first} to {last}" if first else "none has a time"
    return InputError(
        f"No row of source '{config.source.name}' ended on {asked} ({config.source.time_zone}); of all its rows, "
        f"{found}. The tables are as they were. Set --day to another, or source.input to a log that has it."
    )
