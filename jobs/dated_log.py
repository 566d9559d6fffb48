"""Write queries that have a date as a warehouse's log, so that the nightly job can go through them day by day.

    python jobs/dated_log.py ../shared/data/targets/sede_val.jsonl sede.parquet \\
        --sql-column QueryBody --time-column CreationDate

The output has the columns of Snowflake's QUERY_HISTORY that matter: a row a query, ended when it was made, successful.
In the configuration set source.layout to snowflake and source.dialect to what the queries are written in (here tsql).
For SEDE, whose 857 queries spread over ten years: target_window_days: 365 and max_reject_share: 0.3, then

    sqlalign backfill --config sede.yaml --from 2010-05-27 --to 2020-12-08 --days-per-run 1000
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("QUERY_ID", pa.string()),
        ("QUERY_TEXT", pa.string()),
        ("EXECUTION_STATUS", pa.string()),
        ("START_TIME", pa.timestamp("us", tz="UTC")),
        ("END_TIME", pa.timestamp("us", tz="UTC")),
    ]
)


def log_rows(lines: Iterator[str], sql_column: str, time_column: str) -> Iterator[dict[str, Any]]:
    """JSON lines → rows of the log."""
    for number, line in enumerate(lines):
        row = json.loads(line)
        at, sql = instant(row[time_column]), row[sql_column]
        yield dict(zip(SCHEMA.names, (f"q{number}", sql, "SUCCESS", at, at), strict=True))


def instant(text: str) -> dt.datetime:
    """An ISO time, its hour of one digit or two; without a zone it is in UTC."""
    time = dt.datetime.fromisoformat(re.sub(r"[ T](\d):", r" 0\1:", text))
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


@click.command()
@click.argument("input", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--sql-column", default="sql", show_default=True, help="The field of the text.")
@click.option("--time-column", required=True, help="The field of the time, in ISO 8601.")
def main(input: Path, output: Path, sql_column: str, time_column: str) -> None:
    """Write the JSON lines of INPUT as a query log to OUTPUT (Parquet)."""
    with input.open(encoding="utf-8") as lines:
        log = pa.Table.from_pylist(list(log_rows(lines, sql_column, time_column)), schema=SCHEMA)
    pq.write_table(log, output)
    click.echo(f"{output}: {log.num_rows:,} queries", err=True)


if __name__ == "__main__":
    main()
