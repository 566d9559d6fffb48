"""A run of the job as one visible sequence: read → ledger → day tables → window → comparison → commit."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalign.config import NightlyConfig
from sqlalign.errors import ConfigError, SqlalignError
from sqlalign.nightly.accounts import summed
from sqlalign.nightly.days import Stage, no_rows, write_days
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
from sqlalign.store import save_profile
from sqlalign.tables import Run, RunRow, Store
from sqlalign.tables.snapshot import window_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
        raise no_rows(spark, config, f"'{day}'")
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
        raise no_rows(spark, config, f"'{first}' to '{last}'")


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
        accounts, said = write_days(spark, run, config, days, stage)
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


# ---------------------------------------------------------------- after the commit


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
