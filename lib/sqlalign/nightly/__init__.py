"""The nightly job: a day of a warehouse's log in, its tables out, in one commit.

    config = read_config("conf/nightly.yaml")
    night = run_night(spark_session(), config, dt.date(2026, 1, 31))
    night.windows[0].comparisons    # the ranking of the training sets

`sqlalign nightly`, `sqlalign backfill` and jobs/*.py are thin shells around it.
"""

from sqlalign.nightly.job import Night, prepare_spark, run_backfill, run_night
from sqlalign.nightly.windows import Window, window_profile

__all__ = ["Night", "Window", "prepare_spark", "run_backfill", "run_night", "window_profile"]
