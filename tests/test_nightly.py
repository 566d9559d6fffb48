"""Nights over a small part of the demo's log, and over logs of a few rows counted by hand."""

import datetime as dt
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

import sqlalign
from sqlalign import steps
from sqlalign.config import NightlyConfig, parse_config
from sqlalign.errors import AccountingError, ConfigError, InputError, ProfileError, TableError
from sqlalign.nightly import Night, prepare_spark, run_backfill, run_night
from sqlalign.nightly.accounts import check_rejects, summed
from sqlalign.nightly.private import without_texts
from sqlalign.profile import Accounting
from sqlalign.spark import delta_available
from sqlalign.store import load_profile
from sqlalign.tables import Store

JOBS = Path(__file__).parents[1] / "jobs"
D1, D2, D3, D4 = (dt.date(2025, 3, day) for day in (3, 4, 5, 6))
TABLES = ("templates", "rejects", "rejects_sql", "ngram_counts", "profiles", "alignments")
FORMATS = ("parquet", "delta")
Rows = dict[str, Counter]


def config_of(store: Path, log: Path, more: str = "", form: str = "parquet") -> NightlyConfig:
    return parse_config(
        f"store: {{path: '{store}', format: {form}}}\nsource: {{name: dwh, input: '{log}', layout: snowflake}}\n"
        f"training_sets: [spider-train, wikisql]\n{more}"
    )


def tables_of(spark: SparkSession, place: Path, form: str = "parquet") -> Rows:
    """All that readers see, without the runs' identifiers; sums of floats may differ in their last digits."""
    snapshot = Store(spark, place, form).snapshot()
    return {
        table: Counter(
            tuple(round(value, 9) if isinstance(value, float) else str(value) for value in row)
            for row in snapshot.read(table).drop("run_id").collect()
        )
        for table in TABLES
    }


def only(rows: Rows, *names: str) -> Rows:
    return {name: rows[name] for name in names}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twentieth of the demo's log."""
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    subprocess.run([sys.executable, str(JOBS / "demo_log.py"), str(path)], check=True, capture_output=True)
    rows = pq.read_table(path)
    pq.write_table(rows.take(pa.array(range(0, rows.num_rows, 20))), path)
    return path


@pytest.fixture(scope="module")
def store(spark: SparkSession, log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first three days in one undisturbed run, in Parquet."""
    place = tmp_path_factory.mktemp("stores") / "parquet"
    assert len(list(run_backfill(spark, config_of(place, log), D1, D3))) == 1
    return place


@pytest.fixture(scope="module")
def undisturbed(spark: SparkSession, store: Path) -> Rows:
    """What readers see of those three days."""
    return tables_of(spark, store)


@pytest.fixture
def copy(store: Path, tmp_path: Path) -> Path:
    """A copy of that store, to work on."""
    return Path(shutil.copytree(store, tmp_path / "store"))


# ---------------------------------------------------------------- the demo's log


def test_the_demo_through_both_formats_gives_equal_tables(
    spark: SparkSession, log: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    if not delta_available(spark):
        pytest.skip("no Delta: its jars are not in this environment (make install fetches them)")
    list(run_backfill(spark, config_of(tmp_path, log, form="delta"), D1, D3))
    assert tables_of(spark, tmp_path, "delta") == undisturbed
    assert all(undisturbed[name] for name in TABLES if name != "rejects_sql")


def test_days_again_and_in_another_order_change_nothing(
    spark: SparkSession, log: Path, copy: Path, undisturbed: Rows
) -> None:
    config = config_of(copy, log, "recompute_days: 1")
    for day in (D3, D1, D2, D2):
        run_night(spark, config, day)
    assert tables_of(spark, copy) == undisturbed
    assert [run.days for run in Store(spark, copy).runs()[1:]] == [(D3,), (D1,), (D2,), (D2,)]


@pytest.mark.parametrize("form", FORMATS)
def test_two_runs_of_one_day_at_once(
    spark: SparkSession, log: Path, undisturbed: Rows, tmp_path: Path, form: str
) -> None:
    if form == "delta" and not delta_available(spark):
        pytest.skip("no Delta: its jars are not in this environment (make install fetches them)")
    config, nights, failed = config_of(tmp_path, log, form=form), [], []

    def night() -> None:
        try:
            nights.append(run_night(spark, config, D3))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=night) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(nights), failed) == (2, [])
    seen = tables_of(spark, tmp_path, form)
    assert only(seen, "templates", "rejects", "ngram_counts") == only(
        undisturbed, "templates", "rejects", "ngram_counts"
    )
    assert seen["alignments"] == Counter({row: n for row, n in undisturbed["alignments"].items() if str(D3) in row})


KILLED = """
import os, signal, sys
from sqlalign.cli import main
from sqlalign.tables.run import Run

Run.commit = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_a_run_killed_before_its_commit_leaves_yesterdays_tables(
    spark: SparkSession, log: Path, copy: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    (tmp_path / "nightly.yaml").write_text(
        f"store: {{path: '{copy}'}}\nsource: {{name: dwh, input: '{log}', layout: snowflake}}\n"
    )
    arguments = ["nightly", "--config", str(tmp_path / "nightly.yaml"), "--day", str(D4)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(sqlalign.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(list((copy / "alignments").glob("run_id=*"))) == 2
    assert tables_of(spark, copy) == undisturbed
    reader = Store(spark, copy)
    after = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert len(reader.vacuum(dt.timedelta(hours=1), after)) == 1
    assert [len(list((copy / table).glob("run_id=*"))) for table in (*TABLES, "_scratch")] == [1] * len(TABLES) + [0]
    assert tables_of(spark, copy) == undisturbed


def test_a_day_without_rows_is_an_error_and_leaves_what_there_was(
    spark: SparkSession, log: Path, copy: Path, undisturbed: Rows
) -> None:
    config = config_of(copy, log)
    for day in (dt.date(2025, 3, 1), dt.date(2026, 1, 1)):
        with pytest.raises(InputError, match=f"No row of source 'dwh' ended on '{day}' .*from 2025-03-03 to 2025-03-"):
            run_night(spark, config, day)
    with pytest.raises(InputError, match="ended on '2024-01-01' to '2024-01-05'"):
        list(run_backfill(spark, config, dt.date(2024, 1, 1), dt.date(2024, 1, 5), days_per_run=3))
    assert tables_of(spark, copy) == undisturbed
    assert len(Store(spark, copy).runs()) == 1


# ---------------------------------------------------------------- logs of a few rows, counted by hand

AT = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
SECRET = "zz_secret_marker"


def row(number: int, sql: str | None, ended: dt.datetime | None = AT, **more: Any) -> dict[str, Any]:
    given = {"USER_NAME": "ann", "ROLE_NAME": "ANALYST", "EXECUTION_STATUS": "SUCCESS"} | more
    times = {"START_TIME": ended and ended - dt.timedelta(seconds=1), "END_TIME": ended}
    return {"QUERY_ID": f"q{number}", "QUERY_TEXT": sql} | times | given


def write_log(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


HOUR = dt.timedelta(hours=1)
ROWS = [
    row(1, f"SELECT a FROM {SECRET} WHERE b = 1"),
    row(2, "select x from y where z = 'w'", AT + HOUR, ROLE_NAME="INTERN"),
    row(3, "SELECT x FROM y WHERE z = 'again'", AT - HOUR),
    row(4, f"USE {SECRET}; SELECT a, b FROM t"),
    row(5, f"SELECT '{SECRET}' FROM WHERE ("),
    row(6, ""),
    row(7, f"SELECT a FROM {SECRET}", USER_NAME="svc_load"),
    row(8, "SELECT broken FROM t", EXECUTION_STATUS="FAIL"),
    row(9, "SELECT a FROM t", dt.datetime(2026, 1, 2, 23, 30, tzinfo=dt.UTC)),
    row(10, "SELECT a FROM t", None),
    row(11, "SELECT a FROM t", AT - 72 * HOUR),
]
BERLIN = (
    "filters: {exclude: [{name: robots, column: user, matches: [svc_*]}]}\nmax_reject_share: 0.5\nvacuum_after_days:\n"
)


@pytest.fixture(scope="module")
def small_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of eleven rows."""
    return write_log(tmp_path_factory.mktemp("small") / "log.parquet", ROWS)


@pytest.fixture(scope="module")
def small(spark: SparkSession, small_log: Path) -> tuple[Path, Night]:
    """Its only full day, split by role, in a time zone in which 23:30 UTC is the next day."""
    place = small_log.parent / "store"
    config = config_of(place, small_log, f"{BERLIN}segments: [role]")
    zoned = config.model_copy(update={"source": config.source.model_copy(update={"time_zone": "Europe/Berlin"})})
    return place, run_night(spark, zoned, AT.date())


def test_every_row_is_accounted_for(small: tuple[Path, Night]) -> None:
    _, night = small
    expected = Accounting(
        rows_read=8,
        excluded={"failed": 1, "robots": 1},
        empty=1,
        parsed=4,
        unparsable=1,
        statements_found=7,
        templated=4,
        other_kinds={"use": 1},
        rejected={"empty": 1, "syntax_error": 1},
    )
    assert night.by_day == {AT.date(): expected}
    assert night.run.accounting == expected
    said = "\n".join(night.warnings)
    assert "No row of source 'dwh' ended on 2025-12-31, 2026-01-01." in said
    assert "1 rows of source 'dwh' have no time, belong to no day and are counted in none (no_end_time 1)." in said
    assert "Only 3 of the 28 days of the window of 'dwh' are in the store." in said


def test_the_tables_of_a_day_by_hand(spark: SparkSession, small: tuple[Path, Night]) -> None:
    place, night = small
    snapshot = Store(spark, place).snapshot()
    assert list(snapshot.runs) == [night.run]
    templates = snapshot.read("templates").orderBy("template", "role").collect()
    assert [(t.template, t.role, t.executions, t.shapes) for t in templates] == [
        ("SELECT , FROM", "ANALYST", 1, 1),
        ("SELECT FROM WHERE =", "ANALYST", 2, 2),
        ("SELECT FROM WHERE =", "INTERN", 1, 1),
    ]
    assert {(t.source, t.day, t.dialect, t.statement_kind, t.rules) for t in templates} == {
        ("dwh", AT.date(), "snowflake", "select", "canonical")
    }
    seen = snapshot.read("templates").where("role = 'ANALYST' AND executions = 2")
    (times,) = seen.selectExpr("unix_seconds(first_seen_at)", "unix_seconds(last_seen_at)", "template_digest").collect()
    assert times[:2] == ((AT - HOUR).timestamp(), AT.timestamp())
    assert times[2] == hashlib.sha256(b"SELECT FROM WHERE =").hexdigest()[:32]
    rejects = snapshot.read("rejects").select("day", "reason", "statements", "executions").collect()
    assert sorted(map(tuple, rejects)) == [(AT.date(), "empty", 0, 1), (AT.date(), "syntax_error", 1, 1)]
    ngrams = {(n.n, n.ngram): (n.executions, n.shapes) for n in snapshot.read("ngram_counts").collect()}
    assert ngrams[2, "SELECT FROM"] == (3, 3)
    assert ngrams[4, "SELECT FROM WHERE ="] == (3, 3)
    assert (1, "=") not in ngrams


def test_profiles_and_alignments_of_the_window(spark: SparkSession, small: tuple[Path, Night]) -> None:
    place, night = small
    snapshot = Store(spark, place).snapshot()
    profiles = {p.name: p for p in snapshot.read("profiles").collect()}
    own = profiles["dwh"]
    assert (own.first_day, own.day, own.days_present) == (dt.date(2025, 12, 6), AT.date(), 3)
    assert (own.kind, own.statements, own.templated, own.templates) == ("log", 7, 4, 2)
    assert profiles["spider-train"].digest == load_profile("spider-train").digest
    alignments = {a.training_set: a for a in snapshot.read("alignments").collect()}
    assert alignments.keys() == {"spider-train", "wikisql"}
    assert [(r.training_set, r.alignment) for r in night.windows[0].comparisons] == sorted(
        ((a.training_set, a.alignment) for a in alignments.values()), key=lambda pair: -pair[1]
    )
    assert any("only 4 templated statements" in warning for warning in alignments["wikisql"].warnings)


def texts_in(store: Path) -> str:
    """Every value of every Parquet file below a folder, and every other file as it is."""
    files = [path for path in store.rglob("*") if path.is_file() and path.suffix != ".crc"]
    tables = [str(ds.dataset(path).to_table().to_pylist()) for path in files if path.suffix == ".parquet"]
    return "\n".join(tables + [path.read_text("latin-1") for path in files if path.suffix != ".parquet"])


def test_no_text_reaches_a_table_unless_it_is_asked_for(
    spark: SparkSession, small_log: Path, small: tuple[Path, Night], tmp_path: Path
) -> None:
    assert "SELECT FROM WHERE =" in texts_in(small[0])
    assert SECRET not in texts_in(small[0])
    shared = tmp_path / "profiles"
    config = config_of(
        tmp_path / "store",
        small_log,
        f"{BERLIN}keep_rejected_sql: true\nprofile_store: '{shared}'\nmin_count: 2",
    )
    run_night(spark, config, AT.date())
    kept = Store(spark, tmp_path / "store").read("rejects_sql").select("reason", "sql", "executions").collect()
    assert sorted(map(tuple, kept)) == [("empty", "", 1), ("syntax_error", f"SELECT '{SECRET}' FROM WHERE (", 1)]
    assert load_profile("dwh", "canonical", shared).templates["executions"].to_pylist() == [3]


def test_too_many_rejects_fail_the_run_before_anything_is_written(
    spark: SparkSession, small_log: Path, tmp_path: Path
) -> None:
    config = config_of(tmp_path / "store", small_log, "max_reject_share: 0.2")
    message = r"of source 'dwh', day 2026-01-02, '.*%' were rejected \(empty 1, syntax_error 1\).* max_reject_share 0.2"
    with pytest.raises(AccountingError, match=message):
        run_night(spark, config, AT.date())
    assert not list((tmp_path / "store").rglob("*.parquet"))


def test_an_emptied_day_keeps_its_tables_and_a_filtered_one_loses_them(spark: SparkSession, tmp_path: Path) -> None:
    days = [AT - 24 * HOUR, AT]
    log = write_log(tmp_path / "log.parquet", [row(i, f"SELECT a{i} FROM t", day) for i, day in enumerate(days)])
    config = config_of(tmp_path / "store", log, "recompute_days: 2")
    run_night(spark, config, AT.date())
    store = Store(spark, tmp_path / "store")
    assert store.read("templates").count() == 2
    write_log(log, [row(1, "SELECT a FROM t, u")])
    night = run_night(spark, config, AT.date())
    assert any("The store has tables of 2026-01-01 from before; they are left" in warning for warning in night.warnings)
    assert {t.day.day: t.template for t in store.read("templates").collect()} == {
        1: "SELECT FROM",
        2: "SELECT FROM CROSS JOIN",
    }
    write_log(log, [row(1, "SELECT a FROM t", USER_NAME="svc_x")])
    night = run_night(spark, config_of(tmp_path / "store", log, BERLIN), AT.date())
    assert [t.day.day for t in store.read("templates").collect()] == [1]
    assert night.by_day[AT.date()].excluded == {"robots": 1}


# ---------------------------------------------------------------- SEDE by its dates


def test_sede_by_its_dates_through_backfill_and_nightly(spark: SparkSession, shared_data: Path, tmp_path: Path) -> None:
    log = tmp_path / "sede.parquet"
    source = shared_data / "targets" / "sede_val.jsonl"
    columns = ["--sql-column", "QueryBody", "--time-column", "CreationDate"]
    subprocess.run(
        [sys.executable, str(JOBS / "dated_log.py"), str(source), str(log), *columns], check=True, capture_output=True
    )
    assert pq.read_table(log).num_rows == 857
    config = config_of(tmp_path / "store", log, "target_window_days: 60\nmax_reject_share: 0.5")
    config = config.model_copy(update={"source": config.source.model_copy(update={"dialect": "tsql"})})
    (night,) = run_backfill(spark, config, dt.date(2015, 9, 1), dt.date(2015, 9, 30))
    assert night.run.accounting.rows_read == 30
    assert [window.day for window in night.windows] == sorted(night.by_day)
    assert len(night.windows) > 15
    last = night.windows[-1]
    assert last.target.statements == night.run.accounting.statements_found
    assert {row.training_set for row in last.comparisons} == {"spider-train", "wikisql"}
    later = run_night(spark, config, dt.date(2015, 10, 1))
    assert later.windows[0].target.templated >= last.target.templated


# ---------------------------------------------------------------- what is wrong before, during and after


def test_a_source_that_vanished(spark: SparkSession, copy: Path, undisturbed: Rows, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'.*gone.parquet'"):
        run_night(spark, config_of(copy, tmp_path / "gone.parquet"), D3)
    assert tables_of(spark, copy) == undisturbed


def test_profiles_are_looked_up_before_the_work(spark: SparkSession, tmp_path: Path) -> None:
    config = config_of(tmp_path / "store", tmp_path / "gone.parquet")
    with pytest.raises(ProfileError, match="Unknown profile 'spider-trian'"):
        run_night(spark, config.model_copy(update={"training_sets": ("spider-trian",)}), D1)
    with pytest.raises(ConfigError, match="'wikisql' is named in two roles"):
        run_night(spark, config.model_copy(update={"baselines": ("wikisql",)}), D1)
    assert not (tmp_path / "store").exists()


def test_tables_of_another_schema_version(
    spark: SparkSession, log: Path, copy: Path, undisturbed: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        for module in ("manifest", "snapshot"):
            patched.setattr(f"sqlalign.tables.{module}.SCHEMA_VERSION", 2)
        with pytest.raises(TableError, match="schema version '1' .*this sqlalign reads 2.*backfill --from 2025-03-03"):
            run_night(spark, config_of(copy, log, "recompute_days: 1"), D4)
    assert tables_of(spark, copy) == undisturbed


def test_a_store_that_is_a_file(spark: SparkSession, log: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(TableError, match="Cannot write store '.*store': no folder can be made there"):
        run_night(spark, config_of(tmp_path / "store", log), D3)


def mounted(folder: Path, *options: str) -> bool:
    """Whether a small disk could be mounted; that takes root."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)]
    return (
        os.geteuid() == 0 and bool(shutil.which("mount")) and not subprocess.run(mount, capture_output=True).returncode
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of less than a megabyte."""
    folder = tmp_path / "disk"
    if not mounted(folder, "size=900k"):
        pytest.skip("cannot mount a small disk here: it takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The folder at another place, where nothing can be written.

    The disk itself cannot always be made read-only: after a failed write Spark may hold its file open for a while.
    """
    view = folder.with_name("view")
    view.mkdir()
    subprocess.run(["mount", "--bind", str(folder), str(view)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(view)], check=True)
    yield view
    subprocess.run(["umount", "-l", str(view)], check=True)


def test_a_full_and_a_read_only_disk_leave_the_store_as_it_was(
    spark: SparkSession, log: Path, store: Path, undisturbed: Rows, small_disk: Path
) -> None:
    place = Path(shutil.copytree(store, small_disk / "store", ignore=shutil.ignore_patterns("*.crc")))
    filling = small_disk / "filling"
    left = shutil.disk_usage(small_disk).free
    filling.write_bytes(b"x" * max(0, left - 20_000))
    with pytest.raises(TableError, match="'.*disk/store': the disk is full. Free space"):
        run_night(spark, config_of(place, log), D3)
    assert tables_of(spark, place) == undisturbed
    with read_only(small_disk) as view:
        with pytest.raises(TableError, match="Cannot write store '.*view/store': there is no permission"):
            run_night(spark, config_of(view / "store", log), D3)
        assert tables_of(spark, view / "store") == undisturbed


def test_an_unforeseen_error_does_not_quote_the_query(
    spark: SparkSession, small_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hostile(sql: str, *_: str) -> None:
        raise ValueError(f"cannot read {sql}")

    monkeypatch.setattr(steps, "sandboxed_statements", hostile)
    with pytest.raises(RuntimeError, match="while reading and counting the log: .*ValueError") as raised:
        run_night(spark, config_of(tmp_path / "store", small_log), AT.date())
    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__


def test_our_own_errors_pass() -> None:
    with pytest.raises(InputError, match="as it is"), without_texts("testing"):
        raise InputError("as it is")


def test_spark_settings_are_set_and_a_refused_one_does_not_show_its_value(spark: SparkSession) -> None:
    base = "store: {path: s}\nsource: {name: dwh, input: i}\nspark_conf: "
    prepare_spark(spark, parse_config(base + "{sqlalign.test: geheim}"))
    assert spark.conf.get("sqlalign.test") == "geheim"
    with pytest.raises(ConfigError, match="'spark.sql.warehouse.dir' cannot be set once Spark runs") as raised:
        prepare_spark(spark, parse_config(base + "{spark.sql.warehouse.dir: geheim}"))
    assert "geheim" not in str(raised.value)
    spark.conf.unset("sqlalign.test")


# ---------------------------------------------------------------- accounts


def account(templated: int, rejected: int) -> Accounting:
    n = templated + rejected
    return Accounting(
        rows_read=n, parsed=templated, unparsable=rejected, statements_found=n, templated=templated,
        rejected={"truncated": rejected} if rejected else {},
    )  # fmt: skip


def test_accounts_add_up() -> None:
    total = summed([account(3, 1), account(2, 2), Accounting(rows_read=1, excluded={"dbt": 1})])
    total.check()
    assert (total.rows_read, total.templated, total.rejected, total.excluded) == (9, 5, {"truncated": 3}, {"dbt": 1})
    assert summed([]) == Accounting()


def test_a_share_of_rejects_is_that_of_the_run_or_of_a_day_with_many() -> None:
    check_rejects({D1: account(1, 1), D2: account(100, 0)}, 0.1, "dwh")
    check_rejects({D1: account(0, 0)}, 0, "dwh")
    with pytest.raises(AccountingError, match=r"day 2025-03-03, '50.0%' were rejected \(truncated 100\)"):
        check_rejects({D1: account(100, 100), D2: account(2000, 0)}, 0.1, "dwh")
    with pytest.raises(AccountingError, match="all its days together, '30.0%'"):
        check_rejects({D1: account(7, 3), D2: account(7, 3)}, 0.1, "dwh")
    with pytest.raises(AccountingError, match="day 2025-03-03, '50.0%'"):
        check_rejects({D1: account(1, 1)}, 0.1, "dwh")
