"""The rows of `runs`, and which run is the latest for a day. No Spark."""

import datetime as dt
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pyarrow as pa

from sqlalign.errors import TableError
from sqlalign.profile import Accounting
from sqlalign.schemas import RUNS, SCHEMA_VERSION

Key = tuple[str, str, dt.date]
"""What a run is the latest for: source, rules, day."""

IDENTITY = ("run_id", "schema_version", "source", "rules", "days", "window_days", "committed_at")
"""The columns of `runs` that every schema version has, so that a store of another version can be told as such."""

_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
_ID_TIME = "r%Y%m%dT%H%M%SZ"
_ARROW = {
    "STRING": pa.string(),
    "INT": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", "UTC"),
}


@dataclass(frozen=True)
class RunRow:
    """One row of `runs`: what a run covers, what it wrote, where its rows went. Times are aware, in UTC."""

    run_id: str
    source: str
    rules: str
    days: tuple[dt.date, ...]
    window_days: tuple[dt.date, ...]
    committed_at: dt.datetime = _EPOCH
    schema_version: int = SCHEMA_VERSION
    started_at: dt.datetime = _EPOCH
    template_version: int = 0
    max_n: int = 0
    segments: tuple[str, ...] = ()
    table_rows: Mapping[str, int] = field(default_factory=dict)
    accounting: Accounting = Accounting()
    by_day: Mapping[dt.date, Accounting] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    config_digest: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def reject_share(self) -> float:
        """Rejected statements / (templated + rejected), in [0, 1]; 0 where there is neither."""
        rejected = sum(self.accounting.rejected.values())
        return rejected / max(1, self.accounting.templated + rejected)

    def keys(self, windows: bool) -> list[Key]:
        """What the run covers: its windows' last days, or the days of its day tables."""
        return [(self.source, self.rules, day) for day in (self.window_days if windows else self.days)]


def new_run_id(started_at: dt.datetime) -> str:
    """An identifier that no other run has, sorts by start and reads as a string in a partition's folder name."""
    return f"{started_at.astimezone(dt.UTC):{_ID_TIME}}-{secrets.token_hex(4)}"


def started_at_of(run_id: str) -> dt.datetime | None:
    """When a run started, as its identifier tells; None for a name that is none."""
    if not re.fullmatch(r"r\d{8}T\d{6}Z-[0-9a-f]{8}", run_id):
        return None
    return dt.datetime.strptime(run_id.partition("-")[0], _ID_TIME).replace(tzinfo=dt.UTC)


def later(now: dt.datetime, runs: Iterable[RunRow]) -> dt.datetime:
    """The time of a commit: `now`, or just after the last commit seen, if a clock that runs ahead made that one."""
    return max([now, *(run.committed_at + dt.timedelta(microseconds=1) for run in runs)])


def in_order(runs: Iterable[RunRow]) -> list[RunRow]:
    """Runs by their commit, the latest last; two at one instant by their identifiers."""
    return sorted(runs, key=lambda run: (run.committed_at, run.run_id))


def latest(runs: Iterable[RunRow], windows: bool) -> dict[Key, RunRow]:
    """For each source, rules and day, the run that was committed last."""
    return {key: run for run in in_order(runs) for key in run.keys(windows)}


def superseded(runs: Iterable[RunRow]) -> dict[str, dt.datetime]:
    """Runs that are the latest for nothing any more, and since when."""
    covered: dict[tuple[bool, Key], dt.datetime] = {}
    gone: dict[str, dt.datetime] = {}
    for run in reversed(in_order(runs)):
        keys = [(windows, key) for windows in (False, True) for key in run.keys(windows)]
        if all(key in covered for key in keys):
            gone[run.run_id] = max((covered[key] for key in keys), default=run.committed_at)
        covered.update(dict.fromkeys(keys, run.committed_at))
    return gone


def runs_table(runs: Sequence[RunRow]) -> pa.Table:
    """Rows of `runs` as Arrow, with the columns and types of `schemas.RUNS`."""
    schema = pa.schema([(column.name, _arrow_type(column.type)) for column in RUNS])
    return pa.Table.from_pylist([_as_row(run) for run in runs], schema=schema)


def runs_of(table: pa.Table, place: str) -> list[RunRow]:
    """The inverse of `runs_table`. A row of another schema version has only its identity.

    Raises TableError where a column of the row's own version is missing.
    """
    missing = [column.name for column in RUNS if column.name not in table.column_names]
    rows = table.to_pylist()
    if any(name in missing for name in IDENTITY) or (missing and _of_this_version(rows)):
        raise TableError(
            f"Table 'runs' of store '{place}' lacks '{', '.join(missing)}'; found: {', '.join(table.column_names)}. "
            "Set store.path to a new folder and rebuild with: sqlalign backfill --from DAY --to DAY"
        )
    return [_from_row(row) for row in rows]


def _of_this_version(rows: Iterable[Mapping[str, Any]]) -> bool:
    return any(row["schema_version"] == SCHEMA_VERSION for row in rows)


def _arrow_type(name: str) -> pa.DataType:
    outer, _, inner = name.rstrip(">").partition("<")
    if outer == "ARRAY":
        return pa.list_(_ARROW[inner])
    if outer == "MAP":
        key, value = inner.split(", ")
        return pa.map_(_ARROW[key], _ARROW[value])
    return _ARROW[name]


def _as_row(run: RunRow) -> dict[str, Any]:
    values = {f.name: getattr(run, f.name) for f in fields(run)} | run.accounting.as_dict()
    values.pop("accounting")
    values["by_day"] = {day: json.dumps(account.as_dict(), sort_keys=True) for day, account in run.by_day.items()}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted(value.items())
    return list(value) if isinstance(value, tuple) else value


def _from_row(row: Mapping[str, Any]) -> RunRow:
    if row["schema_version"] != SCHEMA_VERSION:
        return RunRow(**{name: _restored(row[name]) for name in IDENTITY})
    counted: dict[str, Any] = {f.name: _counts(row[f.name]) for f in fields(Accounting)}
    maps: dict[str, Any] = {name: dict(row[name]) for name in ("table_rows", "versions")}
    maps["by_day"] = {day: Accounting.from_dict(json.loads(account)) for day, account in row["by_day"]}
    plain = {f.name: _restored(row[f.name]) for f in fields(RunRow) if f.name not in {"accounting", *maps}}
    return RunRow(accounting=Accounting(**counted), **plain, **maps)


def _counts(value: Any) -> Any:
    return dict(value) if isinstance(value, list) else value


def _restored(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
