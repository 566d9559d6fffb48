"""A run: it writes its tables unseen, and its commit shows all of them at once."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.errors import TableError
from sqlalign.profile import Accounting, versions
from sqlalign.schemas import TABLES, WINDOW_TABLES, ddl, names
from sqlalign.tables.faults import READING, WRITING, told_plainly
from sqlalign.tables.formats import FORMATS, SCRATCH
from sqlalign.tables.manifest import Key, RunRow, later, runs_table
from sqlalign.tables.snapshot import READABLE, Snapshot, check_columns, check_table, columns_of

if TYPE_CHECKING:
    from sqlalign.tables.store import Store


class Run:
    """A run that is not committed yet. Made by `Store.begin`."""

    def __init__(self, store: "Store", row: RunRow) -> None:
        """`row` says what the run covers."""
        self.store = store
        self.row = row
        self._written: set[str] = set()
        self._has_scratch = False

    @property
    def run_id(self) -> str:
        """The run's identifier."""
        return self.row.run_id

    def cover(self, days: Collection[dt.date], window_days: Collection[dt.date]) -> None:
        """Change what the run replaces, as `Store.begin` says, once its input told which days there are."""
        self.row = replace(self.row, days=tuple(sorted(set(days))), window_days=tuple(sorted(set(window_days))))

    def scratch(self, rows: DataFrame) -> DataFrame:
        """The rows as written to a place of the run's own and read back: what is used twice is worked out once.

        They are no table, nobody else reads them. `drop_scratch` removes them, or a vacuum does after a killed run.
        """
        place = f"{self.store.place}/{SCRATCH}"
        self._has_scratch = True
        with told_plainly(f"Cannot write intermediate rows into store '{self.store.place}'", WRITING):
            FORMATS["parquet"].append(rows, place, self.run_id)
            return FORMATS["parquet"].load(self.store.spark, place, [self.run_id]).drop("run_id")

    def drop_scratch(self) -> None:
        """Remove the run's scratch, if it has any."""
        self.store.remove_scratch([self.run_id] if self._has_scratch else [])
        self._has_scratch = False

    def written(self, table: str) -> DataFrame:
        """The run's own rows of a table that it has written, read back."""
        with told_plainly(f"Cannot read back table '{table}' of store '{self.store.place}'", READING):
            return self.store.form.load(self.store.spark, f"{self.store.place}/{table}", [self.run_id])

    def write(self, table: str, rows: DataFrame) -> None:
        """Write the run's rows of a table, once. One file for a small table, more for a large one.

        `rows` must have the columns of `schemas.TABLES[table]` (and the run's segments), in any order, no others.
        Raises TableError where they differ, the table was written before, or the storage does not let us.
        """
        check_table(table)
        if table in self._written:
            raise TableError(f"Run '{self.run_id}' has written table '{table}' before. A run writes each table once.")
        columns = columns_of(table, [self.row])
        _check_written(table, rows, names(columns))
        check_columns(table, self.store.place, rows, columns)
        # A sort by day lets readers of one day skip the row groups of the others.
        sorted_rows = rows.select(*names(columns)).hint("rebalance").sortWithinPartitions("source", "day")
        self._append(table, sorted_rows)
        self._written.add(table)

    def snapshot(self) -> Snapshot:
        """What readers would see if the run were committed now, with the tables that it has written so far."""
        runs = self.store.runs()
        at = later(dt.datetime.now(dt.UTC), runs)
        # How many rows is not counted before the commit; that there may be some is what a reader needs.
        own = replace(self.row, committed_at=at, table_rows=dict.fromkeys(self._written, 1))
        return Snapshot(self.store.spark, self.store.place, self.store.form, [*runs, own])

    def commit(
        self,
        accounting: Accounting,
        *,
        by_day: Mapping[dt.date, Accounting] | None = None,
        config_digest: str = "",
        warnings: Sequence[str] = (),
        now: dt.datetime | None = None,
    ) -> RunRow:
        """Make the run what readers see of its days; the row of `runs` as written.

        `by_day` is the accounting of each day with rows. Tables it did not write are empty for its days. Raises
        AccountingError where the numbers do not add up, and TableError where a table has rows of a source, rules or day
        that the run does not cover, or where the storage fails; readers then see what they saw before.
        """
        for account in (accounting, *(by_day or {}).values()):
            account.check()
        runs = self.store.runs()
        if not runs:
            self._make_empty_tables()
        counted = self._count_rows()
        row = replace(
            self.row,
            accounting=accounting,
            by_day=dict(by_day or {}),
            table_rows=counted,
            config_digest=config_digest,
            warnings=tuple(warnings),
            versions=versions(),
            committed_at=later(now or dt.datetime.now(dt.UTC), runs),
        )
        run_row = self.store.spark.createDataFrame(runs_table([row])).drop("run_id")
        self._append("runs", run_row.coalesce(1))
        return row

    def _append(self, table: str, rows: DataFrame) -> None:
        with told_plainly(f"Cannot write table '{table}' of store '{self.store.place}'", WRITING):
            self.store.form.append(rows, f"{self.store.place}/{table}", self.run_id)

    def _make_empty_tables(self) -> None:
        """A store's first commit makes the tables that it has no rows for, so that plain SQL can name them."""
        for table in READABLE.keys() - self._written:
            no_rows = self.store.spark.createDataFrame([], ddl(columns_of(table, [self.row])))
            self._append(table, no_rows.coalesce(1))

    def _count_rows(self) -> dict[str, int]:
        """Rows of each table, read back from the storage; raises TableError for those that the run does not cover."""
        counted = dict.fromkeys(READABLE, 0)
        if not self._written:
            return counted
        with told_plainly(f"Cannot read back run '{self.run_id}' of store '{self.store.place}'", READING):
            groups = reduce(DataFrame.unionByName, [self._groups(table) for table in sorted(self._written)]).collect()
        for group in groups:
            self._check_covers(group["table"], (group["source"], group["rules"], group["day"]))
            counted[group["table"]] += group["rows"]
        return counted

    def _check_covers(self, table: str, key: Key) -> None:
        if key not in self.row.keys(windows=table in WINDOW_TABLES):
            raise TableError(
                f"Table '{table}' has rows of source, rules and day '{key[0]}', '{key[1]}', '{key[2]}', "
                f"which run '{self.run_id}' does not cover. Nothing was committed."
            )

    def _groups(self, table: str) -> DataFrame:
        rows = self.store.form.load(self.store.spark, f"{self.store.place}/{table}", [self.run_id])
        rules = F.col("rules") if "rules" in names(TABLES[table]) else F.lit(self.row.rules)
        grouped = rows.groupBy("source", rules.alias("rules"), "day").agg(F.count("*").alias("rows"))
        return grouped.select(F.lit(table).alias("table"), "source", "rules", "day", "rows")


def _check_written(table: str, rows: DataFrame, expected: Sequence[str]) -> None:
    other = sorted(set(rows.columns) - set(expected))
    if other:
        raise TableError(
            f"Table '{table}' has no column '{', '.join(other)}'; it has: {', '.join(expected)}. "
            "Segments are those that the run began with."
        )
