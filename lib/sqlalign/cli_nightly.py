"""The commands of the nightly job: `sqlalign nightly`, `backfill`, `runs`, `vacuum`. `cli` takes them in."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from sqlalign.config import NightlyConfig
    from sqlalign.nightly import Night
    from sqlalign.tables import Store

DAY = click.DateTime(formats=["%Y-%m-%d"])
FORMATS = ("parquet", "delta")

needs_config = click.option(
    "--config", type=click.Path(path_type=Path), required=True, help="The job's configuration, e.g. conf/nightly.yaml."
)
with_config = click.option("--config", type=click.Path(path_type=Path), help="The job's configuration.")
with_tables = click.option("--store", help="The folder of the tables, in place of the configuration's.")
with_format = click.option(
    "--format", type=click.Choice(FORMATS), help="The tables' format; told from a local folder unless given."
)


@click.command()
@needs_config
@click.option("--day", type=DAY, required=True, help="The day whose queries are new, YYYY-MM-DD.")
def nightly(config: Path, day: dt.datetime) -> None:
    """Read a day of the log, update the tables, compare the window with the training sets.

    The days before it that `recompute_days` says are read again. Readers see all of it or nothing.

    \b
    Example:
      sqlalign nightly --config conf/nightly.yaml --day 2025-03-09
    """
    from sqlalign.report.nightly import progress

    settings = _read(config)
    with progress() as stage:
        stage("starting Spark")
        from sqlalign.nightly import run_night

        night = run_night(_spark(settings), settings, day.date(), stage)
    _show_days(night)
    _show_ranking(night)
    _say_warnings(night.warnings)


@click.command()
@needs_config
@click.option("--from", "first", type=DAY, required=True, help="The first day, YYYY-MM-DD.")
@click.option("--to", "last", type=DAY, required=True, help="The last day, YYYY-MM-DD.")
@click.option(
    "--days-per-run", type=click.IntRange(min=1), default=31, show_default=True, help="Days of one commit, at most."
)
def backfill(config: Path, first: dt.datetime, last: dt.datetime, days_per_run: int) -> None:
    """Do all days from one to another, and compare the window of each.

    \b
    Example:
      sqlalign backfill --config conf/nightly.yaml --from 2025-03-03 --to 2025-03-09
    """
    from sqlalign.report.nightly import progress

    if first > last:
        raise click.UsageError(f"--from '{first:%Y-%m-%d}' is after --to '{last:%Y-%m-%d}'.")
    settings = _read(config)
    nights = []
    with progress() as stage:
        stage("starting Spark")
        from sqlalign.nightly import run_backfill

        spark = _spark(settings)
        for night in run_backfill(spark, settings, first.date(), last.date(), stage, days_per_run):
            stage(f"committed {night.run.run_id}, {len(night.by_day)} days with rows")
            nights.append(night)
    _show_backfill(nights)


@click.command()
@with_config
@with_tables
@with_format
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many, the latest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, all numbers of each run, instead of a table.")
def runs(config: Path | None, store: str | None, format: str | None, last: int, as_json: bool) -> None:
    """List the committed runs of a store with their accounting.

    \b
    Example:
      sqlalign runs --config conf/nightly.yaml
      sqlalign runs --store store --json
    """
    import json

    from sqlalign.report.nightly import run_dict, runs_table
    from sqlalign.report.terminal import show

    found = _store(config, store, format).runs()[-last:]
    if as_json:
        click.echo(json.dumps([run_dict(run) for run in reversed(found)], indent=2))
    else:
        show(runs_table(found))


@click.command()
@with_config
@with_tables
@with_format
@click.option("--older-than-days", type=click.FloatRange(min=0, min_open=True), help="Default: vacuum_after_days, 7.")
def vacuum(config: Path | None, store: str | None, format: str | None, older_than_days: float | None) -> None:
    """Remove the rows of runs that were superseded, or killed, longer ago than so many days.

    Let it exceed the longest run and the longest read. The rows of `runs` stay.

    \b
    Example:
      sqlalign vacuum --config conf/nightly.yaml
    """
    days = older_than_days or (_read(config).vacuum_after_days if config else None) or 7
    removed = _store(config, store, format).vacuum(dt.timedelta(days=days))
    click.echo(f"Removed the rows of {len(removed)} runs" + "".join(f"\n  {run_id}" for run_id in removed))


# ---------------------------------------------------------------- helpers


def _read(config: Path) -> "NightlyConfig":
    from sqlalign.config import read_config

    return read_config(config)


def _spark(settings: "NightlyConfig") -> "SparkSession":
    """The session, with the configuration's settings, and Delta where its store is of that format."""
    from sqlalign.nightly import prepare_spark
    from sqlalign.spark import spark_session

    spark = spark_session("sqlalign nightly", delta=settings.store.format == "delta")
    prepare_spark(spark, settings)
    return spark


def _store(config: Path | None, path: str | None, form: str | None) -> "Store":
    """The store that the options name. Raises UsageError where they name none."""
    from sqlalign.errors import UsageError
    from sqlalign.spark import spark_session
    from sqlalign.tables import Store

    if config is None and path is None:
        raise UsageError("Neither --config nor --store is given. Set one of them to name the store.")
    settings = _read(config) if config else None
    place = path or (settings.store.path if settings else "")
    kind = form or _format_of(place) or (settings.store.format if settings else "parquet")
    spark = _spark(settings) if settings else spark_session(delta=kind == "delta")
    store = Store(spark, place, kind)
    store.snapshot()
    return store


def _format_of(place: str) -> str | None:
    """What a local folder tells of its tables' format; None where it tells nothing."""
    table = Path(place) / "runs"
    if (table / "_delta_log").is_dir():
        return "delta"
    return "parquet" if any(table.glob("run_id=*")) else None


def _show_days(night: "Night") -> None:
    from sqlalign.report.nightly import days_table, reasons_table
    from sqlalign.report.terminal import show

    show(days_table(night))
    account = night.run.accounting
    if account.excluded or account.rejected or account.repairs or account.unknown:
        show(reasons_table(account))


def _show_ranking(night: "Night") -> None:
    from sqlalign.alignment.advice import verdict
    from sqlalign.report.nightly import ranking_table
    from sqlalign.report.terminal import show

    window = night.windows[-1]
    if window.comparisons:
        click.echo(f"\nWindow from {window.first_day} to {window.day}, {window.days_present} days in the store")
        show(ranking_table(night, window))
        click.echo(verdict(window.comparisons))


def _show_backfill(nights: "Sequence[Night]") -> None:
    from sqlalign.report.nightly import windows_table
    from sqlalign.report.terminal import show

    for night in nights:
        _show_days(night)
    show(windows_table([window for night in nights for window in night.windows]))
    _say_warnings([warning for night in nights for warning in night.warnings])


def _say_warnings(warnings: Sequence[str]) -> None:
    for warning in dict.fromkeys(warnings):
        click.echo(f"Warning: {warning}")
