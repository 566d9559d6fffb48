"""The Spark session: the one that is there, or a quiet local one on this environment's Python."""

import atexit
import importlib.resources
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pyspark.conf import SparkConf
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from sqlalign.errors import TableError
from sqlalign.jars import DELTA_PACKAGE, check_versions, delta_jars, jars_folder
from sqlalign.java import check_java

DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension"
DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog"
TIME_ZONE = {"spark.sql.session.timeZone": "UTC"}


def spark_session(app_name: str = "sqlalign", *, delta: bool = False, warehouse: Path | None = None) -> SparkSession:
    """The active session, untouched; else the one that the surroundings provide; else a local one.

    Under spark-submit, Databricks or Spark Connect nothing is set but the time zone, and that only where it is unset.
    `warehouse` is where a local session keeps managed tables (default: a folder that goes with the process).
    Raises SqlalignError where a local session finds no Java, TableError where `delta` is asked for and not to be had.
    """
    session = SparkSession.getActiveSession() or _provided_session() or _local_session(app_name, warehouse)
    if delta:
        check_delta(session)
    return session


def delta_available(session: SparkSession | None = None) -> bool:
    """Whether the session (default: the active one, or the one that spark_session would start) reads Delta tables."""
    session = session or SparkSession.getActiveSession()
    if session is None:
        return bool(delta_jars())
    return "DATABRICKS_RUNTIME_VERSION" in os.environ or _has_extension(session)


def check_delta(session: SparkSession) -> None:
    """Raises TableError, saying how to get them, where the session has no Delta tables."""
    if not delta_available(session):
        raise TableError(
            f"Delta tables are not available: the session's spark.sql.extensions lack '{DELTA_EXTENSION}'. Locally, "
            f"fetch its jars into '{jars_folder()}' with `python -m sqlalign.jars`; on a cluster, add --packages "
            f"{DELTA_PACKAGE} and set it. Or write Parquet."
        )


def local_options(warehouse: Path, jars: list[Path]) -> dict[str, str]:
    """The options of a local session; Delta's only where its jars are given."""
    cores = _cores()
    options = TIME_ZONE | {
        "spark.master": "local[*]",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.warehouse.dir": warehouse.resolve().as_uri(),
    }
    return options | (_delta_options(jars) if jars else {})


def _delta_options(jars: list[Path]) -> dict[str, str]:
    return {
        "spark.jars": ",".join(str(jar) for jar in jars),
        "spark.sql.extensions": DELTA_EXTENSION,
        "spark.sql.catalog.spark_catalog": DELTA_CATALOG,
        # made for big clusters: 50 partitions turn a small write into ten seconds
        "spark.databricks.delta.snapshotPartitions": "2",
    }


def _provided_session() -> SparkSession | None:
    """The session of spark-submit, Databricks or Connect; None where nobody provides one."""
    if "SPARK_REMOTE" in os.environ or "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return SparkSession.builder.getOrCreate()
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return None
    # a first SparkContext is what makes SparkConf see the options of spark-submit
    session = SparkSession.builder.getOrCreate()
    for option, value in TIME_ZONE.items():
        if not SparkConf().contains(option):
            session.conf.set(option, value)
    return session


def _local_session(app_name: str, warehouse: Path | None) -> SparkSession:
    _prepare_environment()
    _silence_query_context()
    jars = delta_jars()
    if jars:
        check_versions()
    builder = SparkSession.builder.appName(app_name)
    for option, value in _not_submitted(local_options(warehouse or _scratch_folder(), jars)).items():
        builder = builder.config(option, value)
    return builder.getOrCreate()


def _not_submitted(options: Mapping[str, str]) -> dict[str, str]:
    """Without those that PYSPARK_SUBMIT_ARGS sets: what the user gives there wins."""
    submitted = os.environ.get("PYSPARK_SUBMIT_ARGS", "")
    flags = {"spark.master": "--master", "spark.driver.memory": "--driver-memory", "spark.jars": "--jars"}
    return {k: v for k, v in options.items() if f"{k}=" not in submitted and flags.get(k, "\0") not in submitted}


def _prepare_environment() -> None:
    """What the JVM and the workers take from the environment; whatever the user has set stays."""
    os.environ["JAVA_HOME"] = str(check_java().home)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # another Spark brings its own configuration folder
    if "SPARK_HOME" not in os.environ:
        os.environ.setdefault("SPARK_CONF_DIR", str(importlib.resources.files("sqlalign") / "spark_conf"))


def _silence_query_context() -> None:
    """PySpark also prints each analysis error as a page of JSON; the exception says the same."""
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)


def _has_extension(session: SparkSession) -> bool:
    extensions = session.conf.get("spark.sql.extensions", "") or ""
    return DELTA_EXTENSION in extensions


def _scratch_folder() -> Path:
    scratch = tempfile.TemporaryDirectory(prefix="sqlalign-", ignore_cleanup_errors=True)
    atexit.register(scratch.cleanup)
    return Path(scratch.name)


def _cores() -> int:
    """The cores that this process may use: what local[*] takes."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
