"""The local session: quiet, on this environment's Python, with Delta where its jars are there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from sqlalign.errors import TableError
from sqlalign.jars import delta_jars
from sqlalign.spark import check_delta, delta_available, local_options, spark_session

LIB = str(Path(__file__).parents[1] / "lib")
QUIET = """
from pyspark.errors import PySparkException
from sqlalign.spark import spark_session
spark = spark_session()
print(spark.range(10).count())
for fails in (lambda: spark.range(1).selectExpr("nope"), lambda: spark.sql("SELECT raise_error('x')").collect()):
    try:
        fails()
    except PySparkException as error:
        print(type(error).__name__)
"""
SUBMITTED = """
from sqlalign.spark import spark_session
spark = spark_session()
print(spark.conf.get("spark.master"), spark.conf.get("spark.sql.session.timeZone"), spark.conf.get("spark.app.name"))
"""


def test_the_active_session_is_taken_as_it_is(spark: SparkSession) -> None:
    assert spark_session("another") is spark
    assert spark.conf.get("spark.app.name") == "sqlalign-tests"


def test_local_settings(spark: SparkSession, tmp_path: Path) -> None:
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.conf.get("spark.sql.ansi.enabled") == "true"
    assert "spark.jars" not in local_options(tmp_path, [])


def test_workers_run_this_python(spark: SparkSession) -> None:
    def executable(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for _ in batches:
            yield pa.RecordBatch.from_pydict({"path": [sys.executable]})

    found = spark.range(1).mapInArrow(executable, "path string").collect()
    assert {row["path"] for row in found} == {os.environ["PYSPARK_PYTHON"]}


def test_delta_is_written_and_read(spark: SparkSession, tmp_path: Path) -> None:
    if not delta_jars():
        pytest.skip("Delta's jars are not fetched: make install")
    assert delta_available()
    path = str(tmp_path / "table")
    spark.range(5).write.format("delta").save(path)
    assert spark.read.format("delta").load(path).count() == 5


def test_without_delta_the_message_says_how_to_get_it(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlalign.spark.DELTA_EXTENSION", "not.there")
    with pytest.raises(TableError, match=r"'not\.there'.*python -m sqlalign\.jars"):
        check_delta(spark)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in an empty folder with this environment activated, outside this process's session."""
    inherited = {name: os.environ[name] for name in ("HOME", "JAVA_HOME") if name in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = inherited | {"PATH": path, "PYTHONPATH": LIB}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_a_local_session_is_silent_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run([sys.executable, "-c", QUIET], tmp_path)
    assert done.stderr == ""
    assert done.stdout.split() == ["10", "AnalysisException", "SparkRuntimeException"]
    assert list(tmp_path.iterdir()) == []


def test_spark_submit_decides_on_the_master(tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(SUBMITTED)
    done = run(["spark-submit", "--master", "local[1]", "--name", "mine", str(script)], tmp_path)
    assert done.stdout.split() == ["local[1]", "UTC", "mine"], done.stderr
