"""A store of tables: begin a run, write its tables, commit; read what is committed; remove what is superseded."""

import datetime as dt
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import urlparse

from pyspark.sql import DataFrame, SparkSession

from sqlalign.errors import TableError, UsageError
from sqlalign.schemas import SEGMENTS, WINDOW_TABLES, names
from sqlalign.sql.version import TEMPLATE_VERSION
from sqlalign.tables import sql
from sqlalign.tables.faults import READING, WRITING, is_absent, told_plainly
from sqlalign.tables.formats import FORMATS, SCRATCH, TableFormat, table_format
from sqlalign.tables.manifest import RunRow, new_run_id, runs_of, started_at_of, superseded
from sqlalign.tables.run import Run
from sqlalign.tables.snapshot import READABLE, Snapshot, check_table, columns_of


class Store:
    """Tables at a path that Spark can reach: a local folder, or e.g. "s3a://bucket/store".

    A path without a scheme is made absolute. `format` is "parquet" or "delta" and must be that of the tables there.
    """

    def __init__(self, spark: SparkSession, path: str | Path, format: str = "parquet") -> None:
        """Raises UsageError for an unknown format or a path with wildcards. Reads and writes nothing."""
        self.spark = spark
        self.place = _resolved(str(path))
        self.form = table_format(format)
        self._is_checked = False

    def begin(
        self,
        *,
        source: str,
        rules: str,
        max_n: int,
        days: Collection[dt.date],
        window_days: Collection[dt.date],
        segments: Sequence[str] = (),
        now: dt.datetime | None = None,
    ) -> Run:
        """Begin a run that covers these days. Nobody sees what it writes before it is committed.

        `days`: whose templates, rejects and ngram_counts it replaces, with nothing where it writes no row of a day.
        `window_days`: the same for profiles and alignments. `now` is the clock, for tests.
        Raises TableError where the store cannot be written or is of another format, UsageError for an unknown segment.
        """
        _check_segments(segments)
        self.check_writable()
        self.runs()
        started = now or dt.datetime.now(dt.UTC)
        row = RunRow(
            run_id=new_run_id(started),
            source=source,
            rules=rules,
            days=tuple(sorted(set(days))),
            window_days=tuple(sorted(set(window_days))),
            started_at=started,
            template_version=TEMPLATE_VERSION,
            max_n=max_n,
            segments=tuple(segments),
        )
        return Run(self, row)

    def runs(self) -> list[RunRow]:
        """All committed runs, by commit, the latest last; superseded ones too. Empty where there is no store yet.

        Raises TableError where the store is of another format or its `runs` are unreadable.
        """
        self._check_format()
        with told_plainly(f"Cannot read table 'runs' of store '{self.place}'", READING):
            try:
                table = self.form.load(self.spark, f"{self.place}/runs", None).toArrow()
            except Exception as error:
                if is_absent(error):
                    return []
                raise
        return sorted(runs_of(table, self.place), key=lambda run: (run.committed_at, run.run_id))

    def snapshot(self) -> Snapshot:
        """What is committed now. Raises TableError where nothing is."""
        runs = self.runs()
        if not runs:
            raise TableError(self._nothing())
        return Snapshot(self.spark, self.place, self.form, runs)

    def read(
        self,
        table: str,
        *,
        source: str | None = None,
        rules: str | None = None,
        days: Collection[dt.date] | None = None,
    ) -> DataFrame:
        """`snapshot().read(…)`: the table's committed, latest rows. To read several tables, take one snapshot."""
        return self.snapshot().read(table, source=source, rules=rules, days=days)

    def window(self, source: str, rules: str, last_day: dt.date, days: int) -> DataFrame:
        """`snapshot().window(…)`: the templates of the `days` days that end with `last_day`."""
        return self.snapshot().window(source, rules, last_day, days)

    def reader_sql(self, table: str) -> str:
        """A SELECT for a plain Spark session without sqlalign that gives the rows of `read(table)`."""
        check_table(table)
        columns = [*names(columns_of(table, self.snapshot().runs)), "run_id"]
        return sql.reader_sql(self.form, self.place, table, columns, windows=table in WINDOW_TABLES)

    def vacuum(self, grace: dt.timedelta = dt.timedelta(days=1), now: dt.datetime | None = None) -> list[str]:
        """Remove the rows of runs that were superseded, or begun and never committed, longer than `grace` ago.

        `grace` must exceed the longest run and the longest read. Rows of `runs` stay: they are the history.
        Returns the identifiers of the removed runs. An interrupted vacuum is mended by the next one.
        """
        before = (now or dt.datetime.now(dt.UTC)) - grace
        runs = self.runs()
        old = {run_id for run_id, since in superseded(runs).items() if since < before}
        committed = {run.run_id: run for run in runs}
        removed: set[str] = set()
        for table in READABLE:
            present = self._run_ids(table)
            unfinished = {run_id for run_id in present - committed.keys() if _began_before(run_id, before)}
            # A table without rows stays: without its schema plain SQL cannot name it.
            outdated = {run_id for run_id in present & old if committed[run_id].table_rows.get(table)}
            doomed = sorted(unfinished | outdated)
            if doomed:
                with told_plainly(f"Cannot vacuum table '{table}' of store '{self.place}'", WRITING):
                    self.form.remove(self.spark, f"{self.place}/{table}", doomed)
            removed.update(doomed)
        left = self._run_ids(SCRATCH, FORMATS["parquet"])
        self.remove_scratch([run_id for run_id in left if _began_before(run_id, before)])
        return sorted(removed)

    def remove_scratch(self, run_ids: Sequence[str]) -> None:
        """Remove the intermediate rows of these runs, as far as there are any."""
        for run_id in run_ids:
            with told_plainly(f"Cannot remove intermediate rows from store '{self.place}'", WRITING):
                try:
                    FORMATS["parquet"].remove(self.spark, f"{self.place}/{SCRATCH}", [run_id])
                except Exception as error:
                    if not is_absent(error):
                        raise

    def check_writable(self) -> None:
        """Raises TableError where a local store cannot be written; a remote one tells only when written."""
        if urlparse(self.place).scheme:
            return
        with told_plainly(f"Cannot write store '{self.place}'", WRITING):
            Path(self.place).mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.place, prefix="_probe") as probe:
                probe.write(b"x")

    def _check_format(self) -> None:
        if self._is_checked:
            return
        is_delta = self._has(f"{self.place}/runs/_delta_log/*.json")
        if is_delta != (self.form.name == "delta") and (is_delta or self._has(f"{self.place}/runs/run_id=*")):
            found = "delta" if is_delta else "parquet"
            raise TableError(
                f"Store '{self.place}' has tables of format '{found}', not '{self.form.name}'. "
                f"Set store.format to {found}, or store.path to another folder."
            )
        self._is_checked = is_delta

    def _has(self, pattern: str) -> bool:
        """Whether a path matches, on whatever storage: Spark resolves the wildcards when it plans the read."""
        with told_plainly(f"Cannot read store '{self.place}'", READING):
            try:
                self.spark.read.text(pattern).schema  # noqa: B018  on Spark Connect only this resolves the plan
            except Exception as error:
                if is_absent(error):
                    return False
                raise
        return True

    def _nothing(self) -> str:
        if any(self._has(f"{self.place}/{table}/*") for table in READABLE):
            return (
                f"Store '{self.place}' has tables but no committed run: the run that wrote them was killed or still "
                "goes on. Run sqlalign nightly again."
            )
        return f"There is no store at '{self.place}'. Run sqlalign nightly first, or set store.path to another."

    def _run_ids(self, table: str, form: TableFormat | None = None) -> set[str]:
        folder, form = Path(self.place) / table, form or self.form
        if form.name == "parquet" and folder.is_dir():
            return {path.name.removeprefix("run_id=") for path in folder.glob("run_id=*")}
        with told_plainly(f"Cannot read table '{table}' of store '{self.place}'", READING):
            try:
                rows = form.load(self.spark, str(folder) if folder.is_dir() else f"{self.place}/{table}", None)
                return {row["run_id"] for row in rows.select("run_id").distinct().collect()}
            except Exception as error:
                if is_absent(error):
                    return set()
                raise


def _resolved(path: str) -> str:
    if any(character in path for character in "*?[]{}"):
        raise UsageError(f"Store '{path}' has a wildcard (one of * ? [ ] {{ }}). Set store.path to another.")
    if path.startswith("file:"):
        path = urlparse(path).path
    return path.rstrip("/") if urlparse(path).scheme else str(Path(path).absolute())


def _check_segments(segments: Sequence[str]) -> None:
    unknown = [name for name in segments if name not in SEGMENTS]
    if unknown:
        raise UsageError(f"Unknown segment '{unknown[0]}'. Set segments to some of: {', '.join(SEGMENTS)}.")


def _began_before(run_id: str, before: dt.datetime) -> bool:
    started = started_at_of(run_id)
    return started is not None and started < before
