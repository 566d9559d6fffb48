"""A run of the job as one visible sequence: read → ledger → day tables → window → comparison → commit."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalign import steps
from sqlalign.config import NightlyConfig
from sqlalign.errors import ConfigError, InputError, SqlalignError
from sqlalign.nightly.accounts import Accounts, accounts_of, check_rejects, commonest, summed
from sqlalign.nightly.private import without_texts
from sqlalign.nightly.windows import (
    Others,
    Window,
    alignment_rows,
    compare_window,
    load_others,
    profile_rows,
    target_of,
    window_counts,
)
from sqlalign.profile import Accounting
from sqlalign.schemas import TABLES, ddl
from sqlalign.sources.days import first_and_last_day, only_days
from sqlalign.sources.filters import apply_filters
from sqlalign.sources.read import open_source
from sqlalign.sources.rows import reading
from sqlalign.sql.version import TEMPLATE_VERSION
from sqlalign.store import save_profile
from sqlalign.tables import Run, RunRow, Store
from sqlalign.tables.manifest import latest
from sqlalign.tables.snapshot import window_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Stage = Callable[[str], None]
"""Called with what the job does next."""


class Night(NamedTuple):
    """What a run did: its row of `runs`, its days' accounts, the windows it compared, with what, and its warnings."""

    run: RunRow
    by_day: Mapping[dt.date, Accounting]
    windows: list[Window]
    others: Others
    warnings: list[str]


def _silent(_stage: str) -> None:
    pass


def run_night(spark: "SparkSession", config: NightlyConfig, day: dt.date, stage: Stage = _silent) -> Night:
    """A night: the day asked for and the recompute_days − 1 before it, whose late rows come in.

    Raises InputError where the day has no rows; the store is then as it was, as for every other error.
    """
    others = load_others(config)
    night = _run(spark, config, others, [day], window_of(day, config.recompute_days), stage)
    if night is None:
        raise _no_rows(spark, config, f"'{day}'")
    return night


def run_backfill(
    spark: "SparkSession",
    config: NightlyConfig,
    first: dt.date,
    last: dt.date,
    stage: Stage = _silent,
    days_per_run: int = 31,
) -> Iterator[Night]:
    """All days from `first` to `last`, at most `days_per_run` in one commit, each with its window; runs as they end.

    A day without rows is only warned of. Raises InputError where none has any. What was committed before a failure
    stays.
    """
    others = load_others(config)
    days = window_of(last, (last - first).days + 1)
    is_any = False
    for start in range(0, len(days), days_per_run):
        some = days[start : start + days_per_run]
        night = _run(spark, config, others, some, some, stage)
        if night is not None:
            is_any = True
            yield night
    if not is_any:
        raise _no_rows(spark, config, f"'{first}' to '{last}'")


def _run(
    spark: "SparkSession",
    config: NightlyConfig,
    others: Others,
    asked: Sequence[dt.date],
    days: Sequence[dt.date],
    stage: Stage,
) -> Night | None:
    """One run over `days`, with a window for each of those asked for that has rows; None where none of them has."""
    store = Store(spark, config.store.path, config.store.format)
    run = store.begin(
        source=config.source.name,
        rules=config.rules,
        max_n=config.max_n,
        days=days,
        window_days=asked,
        segments=config.segments,
    )
    try:
        accounts, said = _days(spark, run, config, days, stage)
        ends = [day for day in asked if day in accounts]
        if not ends:
            return None
        run.cover(run.row.days, ends)
        windows = _windows(spark, run, config, others, ends, accounts, stage)
        # each window's own stand in `alignments`; those of a backfill's would be hundreds
        said += windows[-1].warnings
        stage("committing")
        run.write("profiles", spark.createDataFrame(profile_rows(windows, others), ddl(TABLES["profiles"])))
        run.write("alignments", spark.createDataFrame(alignment_rows(windows), ddl(TABLES["alignments"])))
        said = list(dict.fromkeys(said))
        row = run.commit(summed(accounts.values()), by_day=accounts, config_digest=config.digest(), warnings=said)
    finally:
        run.drop_scratch()
    after = _after_commit(store, config, windows[-1], stage)
    return Night(row, accounts, windows, others, [*said, *after])


def _days(
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


# ---------------------------------------------------------------- windows


def _windows(
    spark: "SparkSession",
    run: Run,
    config: NightlyConfig,
    others: Others,
    ends: Sequence[dt.date],
    by_day: Mapping[dt.date, Accounting],
    stage: Stage,
) -> list[Window]:
    """The window of each day asked for, from what readers will see once the run is committed."""
    snapshot = run.snapshot()
    source, rules = config.source.name, config.rules
    accounts = {**snapshot.by_day(source, rules), **by_day}
    spans = [window_of(day, config.target_window_days) for day in ends]
    counts = window_counts(snapshot, source, rules, sorted({day for span in spans for day in span}))
    windows = []
    for span in spans:
        stage(f"comparing the window up to {span[-1]}")
        target = target_of(counts, accounts, span, source, rules, config.max_n)
        present = sum(day in accounts for day in span)
        windows.append(compare_window(spark, target, others, config, span, present))
    return windows


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


def _no_rows(spark: "SparkSession", config: NightlyConfig, asked: str) -> InputError:
    with without_texts("looking for the days of the log"), reading(config.source.input):
        first, last = first_and_last_day(_source(spark, config), config.source.time_zone)
    found = f"they ended from {first} to {last}" if first else "none has a time"
    return InputError(
        f"No row of source '{config.source.name}' ended on {asked} ({config.source.time_zone}); of all its rows, "
        f"{found}. The tables are as they were. Set --day to another, or source.input to a log that has it."
    )


def _after_commit(store: Store, config: NightlyConfig, window: Window, stage: Stage) -> list[str]:
    """Shares the profile and removes old rows. What fails here is a warning: the tables are committed."""
    said = []
    try:
        if config.profile_store is not None and window.comparisons and _is_latest(store, config, window.day):
            stage("sharing the profile")
            save_profile(config.profile_store, window.target.without_rare(config.min_count))
        if config.vacuum_after_days is not None:
            stage("removing rows that nobody reads any more")
            store.vacuum(dt.timedelta(days=config.vacuum_after_days))
    except SqlalignError as error:
        said.append(f"The tables are committed, but: {error}")
    return said


def _is_latest(store: Store, config: NightlyConfig, day: dt.date) -> bool:
    return day >= store.snapshot().days(config.source.name, config.rules, windows=True)[-1]


def prepare_spark(spark: "SparkSession", config: NightlyConfig) -> None:
    """Gives the session the settings of spark_conf. Raises ConfigError, naming the key only, where it refuses one."""
    for name, value in config.spark_settings().items():
        try:
            spark.conf.set(name, value)
        except Exception:
            # the original error could show the value, which may be a secret
            raise ConfigError(
                f"spark_conf: '{name}' cannot be set once Spark runs. Give it to spark-submit with --conf instead."
            ) from None
