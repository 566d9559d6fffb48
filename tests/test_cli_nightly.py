"""The nightly commands as a user has them, and the tables as others read them: docs/tables.md in a plain session."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from sqlalign import cli
from sqlalign.jars import delta_jars
from sqlalign.report.tables import renewed
from sqlalign.schemas import TABLES

ROOT = Path(__file__).parents[1]
TEXTS = ["SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 2", "SELECT a, b FROM t", "USE x", "SELECT FROM ("]

Run = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def run(spark: SparkSession, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process: its exit code, stdout, and the lines of stderr."""

    def call(*arguments: object) -> tuple[int, str, list[str]]:
        code = cli.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err.splitlines()

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log of two days, 2026-01-01 and -02, and configurations for both formats."""
    folder = tmp_path_factory.mktemp("nightly")
    days = [dt.datetime(2026, 1, day, 12, tzinfo=dt.UTC) for day in (1, 2)]
    rows = [
        {
            "QUERY_ID": f"{day:%d}-{i}",
            "QUERY_TEXT": sql,
            "EXECUTION_STATUS": "SUCCESS",
            "START_TIME": day,
            "END_TIME": day,
        }
        for day in days
        for i, sql in enumerate(TEXTS)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "log.parquet")
    for form in ("parquet", "delta"):
        (folder / f"{form}.yaml").write_text(
            f"store: {{path: '{folder / form}', format: {form}}}\n"
            f"source: {{name: dwh, input: '{folder / 'log.parquet'}', layout: snowflake}}\n"
            "training_sets: [wikisql, spider-train]\nmax_reject_share: 0.3\nrecompute_days: 1\n"
        )
    return folder


@pytest.fixture(scope="module")
def filled(spark: SparkSession, folder: Path) -> Path:
    """The folder with the Parquet store of both days."""
    assert (
        cli.run(["backfill", "--config", str(folder / "parquet.yaml"), "--from", "2026-01-01", "--to", "2026-01-02"])
        == 0
    )
    return folder


def test_nightly_prints_where_every_row_went_and_the_ranking(run: Run, filled: Path) -> None:
    code, out, err = run("nightly", "--config", filled / "parquet.yaml", "--day", "2026-01-02")
    assert code == 0, err
    lines = [line.split() for line in out.splitlines()]
    assert ["2026-01-02", "5", "0", "0", "4", "1", "5", "3", "1", "1", "75.0", "%"] in lines
    assert ["rejected", "syntax_error", "1", "20.0", "%", "statements", "found"] in lines
    assert [line[0] for line in lines if line and line[0] in ("wikisql", "spider-train")]
    assert "is the best aligned with 'dwh'" in out
    assert "Warning: Only 2 of the 28 days of the window of 'dwh' are in the store." in out
    assert re.match(r" +\d+\.\d s  starting Spark$", err[0])
    assert err[-1].endswith("removing rows that nobody reads any more")
    assert "SELECT a" not in out + "".join(err)


def test_backfill_prints_the_alignment_day_by_day(run: Run, folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "nightly.yaml"
    config.write_text((folder / "parquet.yaml").read_text().replace(str(folder / "parquet"), str(tmp_path / "store")))
    arguments = ("--from", "2026-01-01", "--to", "2026-01-03", "--days-per-run", 1)
    code, out, err = run("backfill", "--config", config, *arguments)
    assert code == 0, err
    table = out[out.index("Alignment / coverage") :].splitlines()
    assert table[1].split() == ["window", "to", "days", "statements", "parsed", "spider-train", "wikisql"]
    assert [line.split()[:3] for line in table[2:4]] == [["2026-01-01", "1", "5"], ["2026-01-02", "2", "10"]]
    assert sum(" committed r" in line for line in err) == 2


def test_runs_lists_them_with_their_accounting(run: Run, filled: Path) -> None:
    code, out, _ = run("runs", "--store", filled / "parquet")
    assert code == 0
    assert out.splitlines()[-1].split()[1:9] == "dwh canonical 2 to 2026-01-02 2 to 2026-01-02".split()
    code, out, _ = run("runs", "--config", filled / "parquet.yaml", "--json")
    first = json.loads(out)[-1]
    assert (first["rows_read"], first["rejected"], first["days"]) == (
        10,
        {"syntax_error": 2},
        ["2026-01-01", "2026-01-02"],
    )
    assert first["by_day"]["2026-01-02"]["templated"] == 3
    assert first["table_rows"]["templates"] == 4


def test_vacuum_says_what_it_removed(run: Run, filled: Path) -> None:
    code, out, _ = run("vacuum", "--store", filled / "parquet", "--older-than-days", 3)
    assert (code, out) == (0, "Removed the rows of 0 runs\n")


FAULTY = """\
store: {path: s, fromat: delta}
source: {name: dwh}
rules: canonicle
max_n: many
segments: [rool]
"""


def test_five_faults_at_once_one_a_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "faulty.yaml").write_text(FAULTY)
    code, out, err = run("nightly", "--config", tmp_path / "faulty.yaml", "--day", "2026-01-01")
    assert (code, out) == (1, "")
    assert [re.search(r"faulty.yaml:(\d): ([\w.\[\]]+): ", line).groups() for line in err] == [  # type: ignore[union-attr]
        ("1", "store.fromat"),
        ("2", "source.input"),
        ("3", "rules"),
        ("4", "max_n"),
        ("5", "segments[0]"),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("nightly", "--config", "{}/nowhere.yaml", "--day", "2026-01-01"),
            1,
            "Configuration '.*nowhere.yaml' cannot be",
        ),
        (("nightly", "--config", "{}/parquet.yaml", "--day", "yesterday"), 2, "'yesterday' does not match the format"),
        (("nightly", "--config", "{}/parquet.yaml"), 2, "Missing option '--day'"),
        (
            ("nightly", "--config", "{}/parquet.yaml", "--day", "2025-01-01"),
            1,
            "No row of source 'dwh' ended on '2025-01",
        ),
        (("backfill", "--config", "{}/parquet.yaml", "--from", "2026-01-02", "--to", "2026-01-01"), 2, "is after --to"),
        (("runs",), 2, "Neither --config nor --store is given"),
        (("runs", "--store", "{}/nowhere"), 1, "There is no store at '.*nowhere'"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_else(
    run: Run, filled: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    found, out, err = run(*(argument.format(filled) for argument in arguments))
    assert (found, out) == (code, "")
    assert re.search(message, err[-1])
    assert not any("Traceback" in line for line in err)


# ---------------------------------------------------------------- docs/tables.md


def test_the_schemas_in_the_docs_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "tables.md").read_text()
    assert renewed(text) == text, "renew it with: python -m sqlalign.report.tables docs/tables.md"
    assert [line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")] == list(TABLES)


READER = """
import json, sys
from pyspark.sql import SparkSession

texts, options = json.loads(sys.argv[1]), json.loads(sys.argv[2])
builder = SparkSession.builder.master("local[1]")
for name, value in options.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
found = {}
for form, statements in texts.items():
    rows = [[list(map(str, row)) for row in spark.sql(sql).collect()] for sql in statements]
    found[form] = [found_rows for found_rows in rows if found_rows]
assert not any(name.startswith("sqlalign") for name in sys.modules)
print(json.dumps(found))
"""


def test_a_plain_spark_session_reads_the_tables_with_the_sql_of_the_docs(run: Run, filled: Path) -> None:
    statements = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "tables.md").read_text(), re.DOTALL)
    texts = {"parquet": [sql.replace("STORE", str(filled / "parquet")) for sql in statements]}
    options = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    jars = delta_jars()
    if jars:
        code, _, err = run("backfill", "--config", filled / "delta.yaml", "--from", "2026-01-01", "--to", "2026-01-02")
        assert code == 0, err
        in_delta = [sql.replace("parquet.`STORE", f"delta.`{filled / 'delta'}") for sql in statements]
        texts["delta"] = in_delta
        options |= {
            "spark.jars": ",".join(map(str, jars)),
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        }
    done = subprocess.run(
        [sys.executable, "-c", READER, json.dumps(texts), json.dumps(options)],
        env=os.environ | {"PYSPARK_PYTHON": sys.executable, "TZ": "UTC"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for form, (common, ranking, runs, days) in json.loads(done.stdout.splitlines()[-1]).items():
        assert [(template, n, d) for template, n, d, _ in common] == [
            ("SELECT FROM WHERE =", "4", "2"),
            ("SELECT , FROM", "2", "2"),
        ]
        assert [(day, place) for day, _, _, _, place in ranking] == [
            (f"2026-01-0{day}", str(place)) for day in (1, 2) for place in (1, 2)
        ]
        assert runs[-1][1:3] == ["2026-01-02", "10"], form
        assert [row[0] for row in days[:1] + days[-1:]] == ["2026-01-01", "2026-01-02"]
