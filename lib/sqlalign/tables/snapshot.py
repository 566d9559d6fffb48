"""What a reader sees of a store: the committed runs at one moment, and for each day the latest."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import TableError, UsageError, did_you_mean
from sqlalign.profile import Accounting
from sqlalign.schemas import DAY_TABLES, SCHEMA_VERSION, WINDOW_TABLES, Column, ddl, names
from sqlalign.tables.faults import READING, is_absent, told_plainly
from sqlalign.tables.formats import TableFormat
from sqlalign.tables.manifest import Key, RunRow, latest

READABLE = {**DAY_TABLES, **WINDOW_TABLES}


@dataclass(frozen=True)
class Snapshot:
    """The store at one moment. All tables read from one snapshot are of the same runs."""

    spark: SparkSession
    place: str
    form: TableFormat
    runs: Sequence[RunRow]

    def days(self, source: str, rules: str, windows: bool = False) -> list[dt.date]:
        """Days that a committed run covers, in order; an empty day counts, a missing one does not."""
        return sorted(day for s, r, day in latest(self.runs, windows) if (s, r) == (source, rules))

    def by_day(self, source: str, rules: str) -> dict[dt.date, Accounting]:
        """The accounting of each day that a committed run covers; an empty one for a day without rows."""
        covering = latest(self.runs, windows=False)
        return {
            day: run.by_day.get(day, Accounting()) for (s, r, day), run in covering.items() if (s, r) == (source, rules)
        }

    def read(
        self,
        table: str,
        *,
        source: str | None = None,
        rules: str | None = None,
        days: Collection[dt.date] | None = None,
    ) -> DataFrame:
        """The table's rows of the latest run of each source, rules and day; all where an argument is None.

        Columns: those of `schemas.TABLES[table]`, the segment columns of its runs (`templates` only), `run_id`.
        Raises UsageError for an unknown table; TableError for another schema version, missing columns or missing files.
        """
        check_table(table)
        live = latest(self.runs, windows=table in WINDOW_TABLES)
        wanted = {key: run for key, run in live.items() if _is_wanted(key, source, rules, days)}
        runs = {run.run_id: run for run in wanted.values()}
        self._check_versions(table, wanted)
        columns = columns_of(table, runs.values())
        runs = {run_id: run for run_id, run in runs.items() if run.table_rows.get(table)}
        if not runs:
            return self.spark.createDataFrame([], f"{ddl(columns)}, `run_id` STRING")
        rows = self._load(table, runs, columns)
        return rows.join(F.broadcast(self._keys(wanted)), on=["run_id", "source", "day"], how="left_semi").select(
            *names(columns), "run_id"
        )

    def window(self, source: str, rules: str, last_day: dt.date, days: int) -> DataFrame:
        """The `templates` of the `days` days that end with `last_day`; fewer where the store does not cover them."""
        return self.read("templates", source=source, rules=rules, days=window_of(last_day, days))

    def _keys(self, wanted: Mapping[Key, RunRow]) -> DataFrame:
        rows = [{"run_id": run.run_id, "source": key[0], "day": key[2]} for key, run in wanted.items()]
        schema = pa.schema([("run_id", pa.string()), ("source", pa.string()), ("day", pa.date32())])
        return self.spark.createDataFrame(pa.Table.from_pylist(rows, schema=schema))

    def _load(self, table: str, runs: Mapping[str, RunRow], columns: Sequence[Column]) -> DataFrame:
        path = f"{self.place}/{table}"
        with told_plainly(f"Cannot read table '{table}' of store '{self.place}'", READING):
            try:
                rows = self.form.load(self.spark, path, sorted(runs))
                self._check_files(table, rows, runs)
            except Exception as error:
                if not is_absent(error):
                    raise
                raise self._gone(table, sorted(runs)) from error
        check_columns(table, self.place, rows, columns)
        return rows

    def _check_files(self, table: str, rows: DataFrame, runs: Mapping[str, RunRow]) -> None:
        files = rows.inputFiles()
        local = Path(self.place).is_dir()
        there = [file for file in files if not local or Path(unquote(urlparse(file).path)).is_file()]
        lost = {run_id for run_id in runs if any(_is_of(file, run_id) for file in set(files) - set(there))}
        lost |= {run_id for run_id in runs if not any(_is_of(file, run_id) for file in there)}
        if lost:
            raise self._gone(table, sorted(lost))

    def _check_versions(self, table: str, wanted: Mapping[Key, RunRow]) -> None:
        other = [(day, run) for (_, _, day), run in wanted.items() if run.schema_version != SCHEMA_VERSION]
        if other:
            days = sorted(day for day, _ in other)
            raise TableError(
                f"Table '{table}' of store '{self.place}' has schema version '{other[0][1].schema_version}' "
                f"(run '{other[0][1].run_id}'), this sqlalign reads {SCHEMA_VERSION}. Set store.path to a new folder "
                f"and rebuild with: sqlalign backfill --from {days[0]} --to {days[-1]}"
            )

    def _gone(self, table: str, run_ids: Sequence[str]) -> TableError:
        days = sorted({day for run in self.runs if run.run_id in run_ids for day in run.days})
        return TableError(
            f"Table '{table}' of store '{self.place}' lacks files of committed run '{', '.join(run_ids)}'. "
            f"Recompute its days with: sqlalign backfill --from {days[0]} --to {days[-1]}"
        )


def window_of(last_day: dt.date, days: int) -> list[dt.date]:
    """The `days` days that end with `last_day`, in order."""
    return [last_day - dt.timedelta(days=back) for back in reversed(range(days))]


def check_table(table: str) -> str:
    """The name itself. Raises UsageError where no run writes such a table."""
    if table not in READABLE:
        raise UsageError(f"Unknown table '{table}'.{did_you_mean(table, READABLE)} Use one of: {', '.join(READABLE)}.")
    return table


def columns_of(table: str, runs: Iterable[RunRow]) -> list[Column]:
    """The table's columns; for `templates`, with the segments that these runs have."""
    segments = sorted({name for run in runs for name in run.segments}) if table == "templates" else []
    return [*READABLE[table], *(Column(name, "STRING", "A segment that the configuration names.") for name in segments)]


def check_columns(table: str, place: str, rows: DataFrame, columns: Sequence[Column]) -> None:
    """Raises TableError where a column is missing or of another type."""
    found = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
    wrong = [
        f"'{column.name}' ({found.get(column.name, 'missing')}, not {column.type})"
        for column in columns
        if found.get(column.name) != column.type.lower().replace(", ", ",")
    ]
    if wrong:
        raise TableError(
            f"Table '{table}' of store '{place}' does not have the columns of schema version {SCHEMA_VERSION}: "
            f"{', '.join(wrong)}. Set store.path to a new folder and rebuild with: "
            "sqlalign backfill --from DAY --to DAY"
        )


def _is_wanted(key: Key, source: str | None, rules: str | None, days: Collection[dt.date] | None) -> bool:
    return source in (None, key[0]) and rules in (None, key[1]) and (days is None or key[2] in days)


def _is_of(file: str, run_id: str) -> bool:
    return f"/run_id={run_id}/" in file
