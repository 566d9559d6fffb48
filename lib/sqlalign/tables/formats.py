"""How Parquet and Delta append the rows of a run, read some runs, and remove some.

Parquet: each run has a folder of its own, so that writers share nothing and a run's row appears as one renamed file.
Delta: one table partitioned by run, one append per run.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import UsageError, did_you_mean
from sqlalign.tables.faults import is_conflict

_LISTING = "spark.sql.sources.parallelPartitionDiscovery.parallelism"
_ATTEMPTS = 6

SCRATCH = "_scratch"
"""The folder of a store for rows that a run writes only to read them back; Parquet in every store."""


class TableFormat(Protocol):
    """What a table format can do. `table` is the table's path, without a scheme for a local one."""

    name: str

    def append(self, rows: DataFrame, table: str, run_id: str) -> None:
        """Write a run's rows, which become visible whole or not at all."""

    def load(self, spark: SparkSession, table: str, run_ids: Sequence[str] | None) -> DataFrame:
        """The rows of these runs, or of all, with the column `run_id` last."""

    def remove(self, spark: SparkSession, table: str, run_ids: Sequence[str]) -> None:
        """Remove the runs' rows from the storage."""


class Parquet:
    """A folder for each run."""

    name = "parquet"

    def append(self, rows: DataFrame, table: str, run_id: str) -> None:
        """Write a run's rows. Raises AnalysisException where the run has rows in the table already."""
        rows.write.mode("errorifexists").parquet(run_folder(table, run_id))

    def load(self, spark: SparkSession, table: str, run_ids: Sequence[str] | None) -> DataFrame:
        """The rows of these runs; runs are merged by column name."""
        reader = spark.read.option("basePath", table).option("mergeSchema", "true")
        return reader.parquet(*([table] if run_ids is None else [run_folder(table, run_id) for run_id in run_ids]))

    def remove(self, spark: SparkSession, table: str, run_ids: Sequence[str]) -> None:
        """Remove the runs' folders; on an object store, all rows in them, since Spark cannot remove a folder there."""
        for folder in (run_folder(table, run_id) for run_id in run_ids):
            if Path(folder).is_dir():
                shutil.rmtree(folder)
            elif not Path(table).is_dir():
                rows = spark.read.parquet(folder)
                spark.createDataFrame([], rows.schema).write.mode("overwrite").parquet(folder)


class Delta:
    """A table partitioned by run."""

    name = "delta"

    def append(self, rows: DataFrame, table: str, run_id: str) -> None:
        """Append a run's rows; again, where another run created the table or changed its columns meanwhile."""
        writer = rows.withColumn("run_id", F.lit(run_id)).write.format("delta").mode("append")
        _again_on_conflict(lambda: writer.partitionBy("run_id").option("mergeSchema", "true").save(table))

    def load(self, spark: SparkSession, table: str, run_ids: Sequence[str] | None) -> DataFrame:
        """The rows of these runs."""
        rows = spark.read.format("delta").load(table)
        return rows if run_ids is None else rows.where(F.col("run_id").isin(*run_ids))

    def remove(self, spark: SparkSession, table: str, run_ids: Sequence[str]) -> None:
        """Delete the runs' rows; their files, and those of killed writers, go after Delta's own retention, a week."""
        listed = ", ".join(f"'{run_id}'" for run_id in run_ids)
        delete = f"DELETE FROM {sql_name(self, table)} WHERE run_id IN ({listed})"
        _again_on_conflict(lambda: spark.sql(delete).collect())
        with _few_listing_tasks(spark):
            spark.sql(f"VACUUM {sql_name(self, table)}").collect()


FORMATS: dict[str, TableFormat] = {"parquet": Parquet(), "delta": Delta()}


def table_format(name: str) -> TableFormat:
    """The format of that name. Raises UsageError for an unknown one."""
    if name not in FORMATS:
        hint = did_you_mean(name, FORMATS)
        raise UsageError(f"Unknown table format '{name}'.{hint} Set store.format to parquet or delta.")

    return FORMATS[name]


def run_folder(table: str, run_id: str) -> str:
    """The folder of a run's rows; the name is read as a partition by Spark, Arrow, DuckDB and others."""
    return f"{table}/run_id={run_id}"


def sql_name(form: TableFormat, table: str) -> str:
    """The table's name in Spark SQL, e.g. "delta.`/data/store/runs`"."""
    return f"{form.name}.`{table.replace('`', '``')}`"


def _again_on_conflict(append: Callable[[], object]) -> None:
    for attempt in range(1, _ATTEMPTS):
        try:
            append()
        except Exception as error:
            if not is_conflict(error):
                raise
            time.sleep(0.2 * attempt)
        else:
            return
    append()


@contextmanager
def _few_listing_tasks(spark: SparkSession) -> Iterator[None]:
    """Delta lists a table's files in as many tasks as this setting says: 10,000, half a minute for a few files."""
    before = spark.conf.get(_LISTING) or "10000"
    spark.conf.set(_LISTING, "16")
    try:
        yield
    finally:
        spark.conf.set(_LISTING, before)
