"""What the nightly job prints: the accounts of its days, the ranking, the runs of a store, and progress."""

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from sqlalign.profile import Accounting
from sqlalign.report.terminal import alignment_table, by_size, new_table, percent, working

if TYPE_CHECKING:
    from sqlalign.nightly import Night, Window
    from sqlalign.tables import RunRow

COUNTED = ("rows read", "excluded", "empty", "parsed", "unparsable", "statements", "templated", "other", "rejected")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Gives a function that tells the stage at work on stderr: one line that changes on a terminal, else a line each
    with the seconds since the start, for a scheduler's log."""
    if sys.stderr.isatty():
        with working() as stage:
            yield stage
        return
    start = time.monotonic()
    yield lambda stage: click.echo(f"{time.monotonic() - start:7.1f} s  {stage}", err=True)


def days_table(night: "Night") -> Table:
    """Where the rows and statements of each day went: the two equations, day by day and together."""
    table = new_table(f"Run {night.run.run_id} of '{escape(night.run.source)}'", [("day", "left"), *_right(COUNTED)])
    table.add_column("parse rate", justify="right")
    for day, account in night.by_day.items():
        table.add_row(str(day), *_counted(account), percent(account.parse_rate))
    if len(night.by_day) > 1:
        table.add_section()
        table.add_row("all", *_counted(night.run.accounting), percent(night.run.accounting.parse_rate))
    return table


def _right(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, "right") for name in names]


def _counted(account: Accounting) -> list[str]:
    excluded, other, rejected = (sum(n.values()) for n in (account.excluded, account.other_kinds, account.rejected))
    rows = (account.rows_read, excluded, account.empty, account.parsed, account.unparsable)
    return [f"{n:,}" for n in (*rows, account.statements_found, account.templated, other, rejected)]


def reasons_table(accounting: Accounting) -> Table:
    """Rows by filter, rejects by reason, what was mended and what has no rendering, each with its share."""
    table = new_table("", [("why", "left"), ("", "left"), ("count", "right"), ("share", "right"), ("of", "left")])
    groups = (
        ("excluded", accounting.excluded, accounting.rows_read, "rows read"),
        ("rejected", accounting.rejected, accounting.statements_found, "statements found"),
        ("repaired", accounting.repairs, accounting.rows_read, "rows read"),
        ("not rendered", accounting.unknown, accounting.templated, "statements templated"),
    )
    for what, counts, whole, of in groups:
        for name, n in by_size(counts):
            table.add_row(what, escape(name), f"{n:,}", percent(n / whole if whole else 0), of)
    return table


def ranking_table(night: "Night", window: "Window") -> Table:
    """The training sets by their alignment with a window."""
    profiles = {profile.name: profile for profile in [window.target, *night.others.all]}
    return alignment_table(window.comparisons, profiles)


def windows_table(windows: Sequence["Window"]) -> Table:
    """The alignment of each window with each training set, day by day: alignment / coverage."""
    names = sorted({row.training_set for window in windows for row in window.comparisons})
    shown = [("window to", "left"), *_right(["days", "statements", "parsed"]), *_right(names)]
    table = new_table("Alignment / coverage of training sets with each window", shown)
    for window in windows:
        found = {row.training_set: f"{row.alignment:.3f} / {row.coverage:.3f}" for row in window.comparisons}
        numbers = (str(window.days_present), f"{window.target.statements:,}", percent(window.target.parse_rate))
        table.add_row(str(window.day), *numbers, *(found.get(name, "–") for name in names))
    return table


RUN_COLUMNS = (
    ("run", "left"),
    ("source", "left"),
    ("rules", "left"),
    ("days", "left"),
    ("windows to", "left"),
    ("committed (UTC)", "left"),
    *_right(["rows read", "excluded", "statements", "templated", "rejected", "warnings"]),
)


def runs_table(runs: Sequence["RunRow"]) -> Table:
    """Committed runs with their accounting, the latest first."""
    table = new_table("Runs", RUN_COLUMNS)
    for run in reversed(runs):
        account = run.accounting
        excluded, rejected = sum(account.excluded.values()), sum(account.rejected.values())
        texts = (run.run_id, run.source, run.rules, _ends(run.days), _ends(run.window_days))
        numbers = (account.rows_read, excluded, account.statements_found, account.templated, rejected)
        committed = f"{run.committed_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
        counted = (f"{n:,}" for n in (*numbers, len(run.warnings)))
        table.add_row(*map(escape, texts), committed, *counted)
    return table


def _ends(days: Sequence[dt.date]) -> str:
    """How many days they are and the last of them, e.g. "3 to 2025-03-05"; short, a line has to hold it."""
    return f"{len(days)} to {days[-1]}" if days else "none"


def run_dict(run: "RunRow") -> Mapping[str, object]:
    """A run as plain data, for JSON."""
    plain = {"run_id": run.run_id, "source": run.source, "rules": run.rules, "max_n": run.max_n}
    times = {"started_at": run.started_at.isoformat(), "committed_at": run.committed_at.isoformat()}
    days = {name: [day.isoformat() for day in getattr(run, name)] for name in ("days", "window_days")}
    more = {
        "schema_version": run.schema_version,
        "template_version": run.template_version,
        "table_rows": dict(run.table_rows),
        "warnings": list(run.warnings),
        "config_digest": run.config_digest,
        "versions": dict(run.versions),
    }
    by_day = {day.isoformat(): account.as_dict() for day, account in run.by_day.items()}
    return {**plain, **times, **days, **run.accounting.as_dict(), "by_day": by_day, **more}
