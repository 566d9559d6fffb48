"""Which day a row of a log belongs to: the one on which its execution ended."""

import datetime as dt
from collections.abc import Collection

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

UNDATED = "no_time"
"""What excludes a row that has no time at all."""


def only_days(queries: DataFrame, days: Collection[dt.date], time_zone: str = "UTC") -> DataFrame:
    """The rows of these days and those without any time, with `day`, and the times that templates are seen at.

    A row without an end (it still ran when the log was written) belongs to the day of its start. One without either
    belongs to no day: its `day` is null, and it is excluded as whatever kept it from counting, or as `no_time`, so that
    it is counted once and never parsed.
    """
    dated = queries.withColumn("day", _day_of(_time(), time_zone))
    kept = dated.where(F.col("day").isNull() | F.col("day").isin(*sorted(days)))
    undated = F.when(F.col("day").isNull(), F.coalesce("reject", F.lit(UNDATED)))
    return kept.withColumns(
        {"excluded": F.coalesce("excluded", undated), "first_seen_at": _time(), "last_seen_at": _time()}
    )


def first_and_last_day(queries: DataFrame, time_zone: str = "UTC") -> tuple[dt.date | None, dt.date | None]:
    """The days of the first and the last row; None where no row has a time. Reads all rows."""
    day = _day_of(_time(), time_zone)
    ends = queries.agg(F.min(day).alias("first"), F.max(day).alias("last")).first()
    return (None, None) if ends is None else (ends["first"], ends["last"])


def _time() -> Column:
    return F.coalesce("ended_at", "started_at")


def _day_of(instant: Column, time_zone: str) -> Column:
    """The date of an instant in a time zone, whatever the session's own time zone is."""
    seconds = F.unix_seconds(F.from_utc_timestamp(instant, time_zone))
    return F.date_from_unix_date(F.floor(seconds / 86_400).cast("int"))
