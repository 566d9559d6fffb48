"""One store in two formats: who sees what, and when."""

import contextlib
import datetime as dt
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import AccountingError, TableError, UsageError
from sqlalign.profile import Accounting
from sqlalign.schemas import TABLES, ddl, names
from sqlalign.spark import delta_available
from sqlalign.tables import Run, RunRow, Store
from sqlalign.tables.manifest import later, latest, new_run_id, runs_of, runs_table, started_at_of, superseded

D1, D2, D3, D4 = (dt.date(2026, 1, day) for day in (1, 2, 3, 4))
AT = dt.datetime(2026, 1, 5, 3, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ACCOUNTING = Accounting(
    rows_read=10,
    excluded={"only_analysts": 3},
    empty=1,
    parsed=5,
    unparsable=1,
    statements_found=7,
    templated=5,
    other_kinds={"use": 1},
    rejected={"truncated": 1},
)
Rows = dict[dt.date, dict[str, int]]


@pytest.fixture(params=["parquet", "delta"])
def store(request: pytest.FixtureRequest, spark: SparkSession, tmp_path: Path) -> Store:
    """An empty store, once in each format; a blank in its path."""
    return new_store(spark, tmp_path / "a store", request.param)


def new_store(spark: SparkSession, path: Path, form: str) -> Store:
    if form == "delta" and not delta_available(spark):
        pytest.skip("no Delta: its jars are not in this environment (make install fetches them)")
    return Store(spark, path, form)


def templates(store: Store, rows: Rows, source: str = "log") -> DataFrame:
    values = [
        (source, day, "canonical", 1, "", "select", template, template, executions, 1, AT, AT)
        for day, by_template in rows.items()
        for template, executions in by_template.items()
    ]
    return store.spark.createDataFrame(values, ddl(TABLES["templates"]))


def alignments(store: Store, day: dt.date, alignment: float) -> DataFrame:
    row = {"source": "log", "day": day, "rules": "canonical", "template_version": 1, "alignment": alignment}
    return store.spark.createDataFrame([row], ddl(TABLES["alignments"]))


def begin(store: Store, days: list[dt.date], **options: object) -> Run:
    settings = {"source": "log", "rules": "canonical", "max_n": 15, "days": days, "window_days": days[-1:]} | options
    return store.begin(**settings)  # type: ignore[arg-type]


def written(store: Store, rows: Rows, days: list[dt.date] | None = None) -> Run:
    """A run that has written templates and is not committed: what a killed one leaves."""
    run = begin(store, days or sorted(rows))
    run.write("templates", templates(store, rows))
    return run


def committed(store: Store, rows: Rows, days: list[dt.date] | None = None) -> RunRow:
    return written(store, rows, days).commit(ACCOUNTING)


def seen(store: Store) -> set[tuple[int, str, int]]:
    """What a reader sees of `templates`: day of the month, template, executions."""
    rows = store.read("templates").collect()
    assert len(rows) == len(set(rows))
    return {(row.day.day, row.template, row.executions) for row in rows}


def test_a_run_is_seen_once_it_is_committed(store: Store) -> None:
    run = written(store, {D1: {"SELECT": 2}})
    run.write("alignments", alignments(store, D1, 0.5))
    with pytest.raises(TableError, match="has tables but no committed run"):
        store.read("templates")
    assert {row.executions for row in run.snapshot().read("templates").collect()} == {2}
    row = run.commit(ACCOUNTING, config_digest="abc", warnings=["few rows"])
    assert store.runs() == [row]
    assert (row.table_rows["templates"], row.table_rows["rejects"], row.warnings) == (1, 0, ("few rows",))
    assert row.reject_share == pytest.approx(1 / 6)
    assert seen(store) == {(1, "SELECT", 2)}
    assert store.read("templates").columns == [*names(TABLES["templates"]), "run_id"]
    assert [r.alignment for r in store.read("alignments").collect()] == [0.5]
    assert store.read("rejects").count() == 0


def test_recomputed_days_replace_theirs_and_an_empty_day_is_empty(store: Store) -> None:
    committed(store, {D1: {"SELECT": 1}, D2: {"SELECT": 2}, D3: {"SELECT": 3}})
    committed(store, {D2: {"WITH": 9}, D4: {"WITH": 4}}, days=[D2, D3, D4])
    assert seen(store) == {(1, "SELECT", 1), (2, "WITH", 9), (4, "WITH", 4)}
    assert store.snapshot().days("log", "canonical") == [D1, D2, D3, D4]
    assert store.snapshot().days("log", "canonical", windows=True) == [D3, D4]
    assert store.window("log", "canonical", D2, 2).agg(F.sum("executions")).first()[0] == 10  # type: ignore[index]
    assert store.read("templates", source="log", days=[D4]).count() == 1
    assert store.read("templates", source="another").count() == 0
    assert store.read("templates", rules="written").count() == 0


def test_a_repeated_run_changes_nothing_but_runs(store: Store) -> None:
    rows = {D1: {"SELECT": 1}, D2: {"SELECT": 2}}
    committed(store, rows)
    before = store.read("templates").drop("run_id").collect()
    committed(store, rows)
    assert sorted(store.read("templates").drop("run_id").collect()) == sorted(before)
    assert len(store.runs()) == 2


def test_days_in_another_order_give_the_same_tables(spark: SparkSession, store: Store, tmp_path: Path) -> None:
    other = Store(spark, tmp_path / "other", store.form.name)
    for one, days in ((store, [D1, D2, D3]), (other, [D3, D1, D2])):
        for day in days:
            committed(one, {day: {"SELECT": day.day}})
    assert seen(store) == seen(other) == {(day, "SELECT", day) for day in (1, 2, 3)}


def test_a_killed_writer_leaves_yesterdays_tables(store: Store) -> None:
    committed(store, {D1: {"SELECT": 1}})
    killed = written(store, {D1: {"WITH": 7}, D2: {"WITH": 8}})
    debris = Path(store.place) / "templates" / f"run_id={killed.run_id}" / "_temporary" / "0"
    debris.mkdir(parents=True)
    (debris / "part-0.parquet").write_bytes(b"half a file")
    assert seen(store) == {(1, "SELECT", 1)}
    assert {row.executions for row in store.spark.sql(store.reader_sql("templates")).collect()} == {1}


def test_two_runs_of_one_day_at_once_the_later_commit_wins_wholly(store: Store) -> None:
    results: dict[str, RunRow | BaseException] = {}
    barrier = threading.Barrier(2)

    def night(template: str) -> None:
        try:
            run = begin(store, [D1, D2])
            barrier.wait(60)
            run.write("templates", templates(store, {D1: {template: 1}, D2: {template: 2}}))
            results[template] = run.commit(ACCOUNTING)
        except BaseException as error:
            results[template] = error
            raise

    threads = [threading.Thread(target=night, args=(template,)) for template in ("SELECT", "WITH")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = [row for row in results.values() if isinstance(row, RunRow)]
    assert len(rows) == 2, results
    winner = max(results, key=lambda name: (results[name].committed_at, results[name].run_id))  # type: ignore[union-attr]
    assert seen(store) == {(1, winner, 1), (2, winner, 2)}


def test_plain_sql_gives_the_rows_that_read_gives(store: Store) -> None:
    committed(store, {D1: {"SELECT": 1}, D2: {"SELECT": 2}})
    run = written(store, {D2: {"WITH": 3}})
    run.write("alignments", alignments(store, D2, 0.7))
    run.commit(ACCOUNTING)
    written(store, {D1: {"VALUES": 9}})
    for table in ("templates", "rejects", "ngram_counts", "profiles", "alignments"):
        plain, ours = store.spark.sql(store.reader_sql(table)), store.read(table)
        assert plain.columns == ours.columns
        assert sorted(map(str, plain.collect())) == sorted(map(str, ours.collect()))
    form, place = store.form.name, store.place
    listed = store.spark.sql(f"SELECT run_id, rows_read, rejected['truncated'] AS cut FROM {form}.`{place}/runs`")
    assert {(row.rows_read, row.cut) for row in listed.collect()} == {(10, 1)}


def test_readers_without_spark_see_the_runs_as_partitions(spark: SparkSession, tmp_path: Path) -> None:
    store = Store(spark, tmp_path / "store")
    row = committed(store, {D1: {"SELECT": 1}})
    written(store, {D1: {"WITH": 1}})
    table = ds.dataset(tmp_path / "store" / "templates", partitioning="hive").to_table()
    assert table.filter(ds.field("run_id") == row.run_id)["template"].to_pylist() == ["SELECT"]
    assert ds.dataset(tmp_path / "store" / "runs", partitioning="hive").to_table()["run_id"].to_pylist() == [row.run_id]


def test_vacuum_removes_what_nobody_reads(store: Store) -> None:
    first = committed(store, {D1: {"SELECT": 1}, D2: {"SELECT": 2}})
    second = committed(store, {D1: {"WITH": 1}})
    killed = written(store, {D2: {"VALUES": 1}})
    later_on = dt.datetime.now(dt.UTC) + HOUR
    assert store.vacuum() == []
    assert store.vacuum(dt.timedelta(0), later_on) == [killed.run_id]
    committed(store, {D2: {"WITH": 2}})
    before = seen(store)
    assert store.vacuum(dt.timedelta(0), later_on) == [first.run_id]
    assert store.vacuum(dt.timedelta(0), later_on) == []
    assert seen(store) == before == {(1, "WITH", 1), (2, "WITH", 2)}
    assert [run.run_id for run in store.runs()][:2] == [first.run_id, second.run_id]


def test_segments_are_columns_of_the_runs_that_have_them(store: Store) -> None:
    committed(store, {D1: {"SELECT": 1}})
    run = begin(store, [D2], segments=["role"])
    run.write("templates", templates(store, {D2: {"SELECT": 2}}).withColumn("role", F.lit("analyst")))
    run.commit(ACCOUNTING)
    assert {(row.day, row.role) for row in store.read("templates").collect()} == {(D1, None), (D2, "analyst")}
    assert "role" not in store.read("templates", days=[D1]).columns
    with pytest.raises(UsageError, match="Unknown segment 'rool'"):
        begin(store, [D1], segments=["rool"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop("shapes"), r"'shapes' \(missing, not BIGINT\)"),
        (lambda rows: rows.withColumn("shapes", F.lit("1")), r"'shapes' \(string, not BIGINT\)"),
        (lambda rows: rows.withColumn("user", F.lit("ann")), "has no column 'user'"),
    ],
)
def test_rows_of_another_shape_are_not_written(store: Store, change, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TableError, match=message):
        begin(store, [D1]).write("templates", change(templates(store, {D1: {"SELECT": 1}})))


def test_a_run_commits_only_what_it_covers_and_what_adds_up(store: Store) -> None:
    committed(store, {D1: {"SELECT": 1}})
    with pytest.raises(TableError, match="'log', 'canonical', '2026-01-02', which run 'r.*' does not cover"):
        written(store, {D2: {"SELECT": 1}}, days=[D1]).commit(ACCOUNTING)
    with pytest.raises(AccountingError, match="rows_read"):
        written(store, {D1: {"WITH": 1}}).commit(Accounting(rows_read=1))
    run = written(store, {D1: {"WITH": 1}})
    with pytest.raises(TableError, match="has written table 'templates' before"):
        run.write("templates", templates(store, {D1: {"WITH": 1}}))
    assert seen(store) == {(1, "SELECT", 1)}


def test_files_that_are_gone_are_told(store: Store) -> None:
    row = committed(store, {D1: {"SELECT": 1}})
    shutil.rmtree(Path(store.place) / "templates" / f"run_id={row.run_id}")
    with pytest.raises(TableError, match=f"lacks files of committed run '{row.run_id}'.*--from 2026-01-01"):
        store.read("templates")
    committed(store, {D1: {"SELECT": 1}})
    assert seen(store) == {(1, "SELECT", 1)}


def test_another_schema_version_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    committed(store, {D1: {"SELECT": 1}})
    for module in ("manifest", "snapshot"):
        monkeypatch.setattr(f"sqlalign.tables.{module}.SCHEMA_VERSION", 2)
    with pytest.raises(TableError, match="schema version '1' .*, this sqlalign reads 2.*sqlalign backfill --from 2026"):
        store.read("templates")


def test_a_column_that_is_gone_is_told(store: Store) -> None:
    row = committed(store, {D1: {"SELECT": 1}})
    shutil.rmtree(Path(store.place) / "templates")
    store.form.append(templates(store, {D1: {"SELECT": 1}}).drop("template"), f"{store.place}/templates", row.run_id)
    with pytest.raises(TableError, match=r"Table 'templates' .*'template' \(missing, not STRING\).*backfill"):
        store.read("templates")


def test_a_store_that_is_not_there_or_of_the_other_format(spark: SparkSession, store: Store, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="There is no store at '.*nowhere'. Run sqlalign nightly"):
        Store(spark, tmp_path / "nowhere", store.form.name).read("templates")
    committed(store, {D1: {"SELECT": 1}})
    other = {"parquet": "delta", "delta": "parquet"}[store.form.name]
    with pytest.raises(TableError, match=f"has tables of format '{store.form.name}', not '{other}'"):
        begin(Store(spark, store.place, other), [D1])


def test_unknown_names_are_usage_errors(store: Store) -> None:
    committed(store, {D1: {"SELECT": 1}})
    with pytest.raises(UsageError, match="Unknown table 'template'. Did you mean 'templates'"):
        store.read("template")
    with pytest.raises(UsageError, match="Unknown table format 'delt'. Did you mean 'delta'"):
        Store(store.spark, "x", "delt")
    with pytest.raises(UsageError, match="wildcard"):
        Store(store.spark, "x*")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes; mounting one takes root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here: it takes root")
    yield folder
    # Lazily: after a failed write Spark may hold its file open until the garbage collector comes by.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("form", ["parquet", "delta"])
def test_a_full_disk_leaves_what_was_there(spark: SparkSession, small_disk: Path, form: str) -> None:
    store = new_store(spark, small_disk / "store", form)
    committed(store, {D1: {"SELECT": 1}})
    run = begin(store, [D1])
    fill(small_disk / "filler")
    with pytest.raises(TableError, match="Cannot write table 'templates' of store '.*': the disk is full"):
        run.write("templates", templates(store, {D1: {"WITH": 1}}))
    with pytest.raises(TableError, match="the disk is full"):
        begin(store, [D1])
    (small_disk / "filler").unlink()
    assert seen(store) == {(1, "SELECT", 1)}


def fill(path: Path) -> None:
    """Write until nothing more fits; unbuffered, so that closing the file writes nothing."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("form", ["parquet", "delta"])
def test_a_disk_that_cannot_be_written(spark: SparkSession, small_disk: Path, form: str) -> None:
    store = new_store(spark, small_disk / "store", form)
    committed(store, {D1: {"SELECT": 1}})
    run = begin(store, [D1])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(TableError, match="Cannot write store '.*': there is no permission"):
        begin(store, [D1])
    with pytest.raises(TableError, match="Cannot write table 'templates' of store '.*': (there is no|no folder)"):
        run.write("templates", templates(store, {D1: {"WITH": 1}}))
    assert seen(store) == {(1, "SELECT", 1)}


def row(run_id: str, days: list[dt.date], at: dt.datetime, windows: list[dt.date] | None = None) -> RunRow:
    return RunRow(run_id, "log", "canonical", tuple(days), tuple(windows or days), committed_at=at)


def test_the_latest_run_of_each_day() -> None:
    first, second = row("r1", [D1, D2], AT), row("r2", [D2, D3], AT + HOUR)
    by_day = {day: run.run_id for (_, _, day), run in latest([second, first], windows=False).items()}
    assert by_day == {D1: "r1", D2: "r2", D3: "r2"}
    assert latest([row("r2", [D1], AT), row("r1", [D1], AT)], windows=False)["log", "canonical", D1].run_id == "r2"


def test_a_run_is_superseded_when_all_its_days_and_windows_are() -> None:
    first = row("r1", [D1, D2], AT, windows=[D2])
    second, third = row("r2", [D2], AT + HOUR), row("r3", [D1], AT + 2 * HOUR)
    assert superseded([first, second]) == {}
    assert superseded([first, second, third]) == {"r1": AT + 2 * HOUR}
    assert superseded([first, row("r4", [D1, D2], AT + HOUR, windows=[D1])]) == {}


def test_a_commit_is_later_than_all_it_saw() -> None:
    assert later(AT, []) == AT
    assert later(AT, [row("r1", [D1], AT + HOUR)]) == AT + HOUR + dt.timedelta(microseconds=1)


def test_run_identifiers_tell_their_start() -> None:
    first = new_run_id(AT)
    assert first != new_run_id(AT)
    assert started_at_of(first) == AT
    assert started_at_of("run") is None


def test_runs_as_arrow_and_back() -> None:
    run = RunRow("r1", "log", "canonical", (D1,), (D1,), AT, accounting=ACCOUNTING, versions={"sqlglot": "30"})
    assert runs_of(runs_table([run]), "store") == [run]
    with pytest.raises(TableError, match="lacks 'rejected'"):
        runs_of(runs_table([run]).drop_columns(["rejected"]), "store")
    with pytest.raises(TableError, match="lacks 'days'"):
        runs_of(runs_table([run]).drop_columns(["days"]), "store")
