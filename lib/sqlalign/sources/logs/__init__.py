"""Query logs as warehouses export them: one module a warehouse, all with `read(rows, *, time_zone="UTC")`."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pyspark.sql import DataFrame

from sqlalign.errors import UsageError, did_you_mean
from sqlalign.sources.logs import bigquery, clickhouse, databricks, redshift, snowflake


class LogLayout(NamedTuple):
    """How one kind of log is told by its columns (lower case), how it is read, and what dialect its texts are in."""

    signature: frozenset[str]
    read: Callable[..., DataFrame]
    dialect: str


LOG_LAYOUTS: dict[str, LogLayout] = {
    "snowflake": LogLayout(snowflake.SIGNATURE, snowflake.read, "snowflake"),
    "bigquery": LogLayout(bigquery.SIGNATURE, bigquery.read, "bigquery"),
    "databricks": LogLayout(databricks.SIGNATURE, databricks.read, "databricks"),
    "redshift": LogLayout(redshift.SIGNATURE, redshift.read, "redshift"),
    "redshift_text": LogLayout(redshift.TEXT_SIGNATURE, redshift.read_text, "redshift"),
    "clickhouse": LogLayout(clickhouse.SIGNATURE, clickhouse.read, "clickhouse"),
}


def detect_log_layout(columns: Iterable[str]) -> str | None:
    """The one layout whose signature is among the columns (in any case), None where it is none or more than one."""
    names = {column.strip().lower() for column in columns}
    found = [name for name, layout in LOG_LAYOUTS.items() if layout.signature <= names]
    return found[0] if len(found) == 1 else None


def check_log_layout(name: str) -> LogLayout:
    """The layout of that name. Raises UsageError, with the nearest known name, where there is none."""
    if name not in LOG_LAYOUTS:
        known = ", ".join(LOG_LAYOUTS)
        raise UsageError(
            f"Unknown log layout '{name}'.{did_you_mean(name, LOG_LAYOUTS)} Set --layout to one of: {known}."
        )
    return LOG_LAYOUTS[name]


def read_log(rows: DataFrame, layout: str, *, time_zone: str = "UTC") -> DataFrame:
    """Exported rows of a log → the `queries` record (columns.LOG_RECORD), one row each, none dropped.

    Raises UsageError for an unknown layout or time zone, InputError where the layout's columns are missing.
    """
    return check_log_layout(layout).read(rows, time_zone=time_zone)
