"""The only place that reads and writes tables: Parquet or Delta, one commit for many tables.

Every table is written under its run's id (a folder or partition `run_id=…`). The run's row in `runs`, written last and
whole, is the commit. Readers see committed runs only: for each source, rules and day, the latest one.

    store = Store(spark, "store", "parquet")
    run = store.begin(source="snowflake", rules="canonical", max_n=15, days=[day], window_days=[day])
    run.write("templates", templates)
    run.commit(accounting, config_digest=digest)
    store.read("templates", source="snowflake").show()
"""

from sqlalign.tables.manifest import RunRow
from sqlalign.tables.run import Run
from sqlalign.tables.snapshot import Snapshot
from sqlalign.tables.store import Store

__all__ = ["Run", "RunRow", "Snapshot", "Store"]
