"""The commit rule in SQL, for those who read the tables without sqlalign."""

from collections.abc import Sequence

from sqlalign.tables.formats import TableFormat, sql_name

_READER = """\
WITH covered AS (
  SELECT source, rules, explode({days}) AS day, struct(committed_at, run_id) AS commit
  FROM {runs}
),
latest AS (
  SELECT source, rules, day, max(commit).run_id AS run_id
  FROM covered
  GROUP BY source, rules, day
)
SELECT {columns}
FROM {table} AS t
JOIN latest AS l ON t.run_id = l.run_id AND t.source = l.source AND t.day = l.day
"""


def reader_sql(form: TableFormat, place: str, table: str, columns: Sequence[str], windows: bool) -> str:
    """The committed, latest rows of a table as one SELECT over its files, for `spark.sql` or a view's definition."""
    return _READER.format(
        days="window_days" if windows else "days",
        runs=sql_name(form, f"{place}/runs"),
        table=sql_name(form, f"{place}/{table}"),
        columns=", ".join(f"t.`{name}`" for name in columns),
    )
