"""The one way in: an input of any layout → the `queries` record."""

from collections.abc import Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import InputError, UsageError
from sqlalign.profile import KINDS, check_choice
from sqlalign.sources.complete import complete
from sqlalign.sources.detect import LAYOUTS, check_layout, detect_layout, field_names, lines_layout
from sqlalign.sources.files import Input, find_input
from sqlalign.sources.layouts import Layout, quoted, with_sql
from sqlalign.sources.logs import LOG_LAYOUTS, read_log
from sqlalign.sources.predictions import ANSWER_COLUMNS, PREDICTIONS, is_bare_json, read_bare_json
from sqlalign.sources.rows import rows_of
from sqlalign.sources.table import SQL_COLUMNS, TABLE, sql_column_of
from sqlalign.sql.dialects import check_dialect


class Source(NamedTuple):
    """An input that was told: the layout it has, the dialect of rows without their own, and its queries, unread yet."""

    layout: str
    dialect: str
    queries: DataFrame


def read_queries(
    spark: SparkSession,
    input: str,
    *,
    kind: str = "queries",
    layout: str | None = None,
    dialect: str | None = None,
    sql_column: str | None = None,
    executions_column: str | None = None,
    format: str | None = None,
    time_zone: str = "UTC",
) -> DataFrame:
    """The input's rows as the `queries` record. Options and errors: see open_source, which also says what it found."""
    return open_source(
        spark,
        input,
        kind=kind,
        layout=layout,
        dialect=dialect,
        sql_column=sql_column,
        executions_column=executions_column,
        format=format,
        time_zone=time_zone,
    ).queries


def open_source(
    spark: SparkSession,
    input: str,
    *,
    kind: str = "queries",
    layout: str | None = None,
    dialect: str | None = None,
    sql_column: str | None = None,
    executions_column: str | None = None,
    format: str | None = None,
    time_zone: str = "UTC",
) -> Source:
    """Finds out what the input is, and how its rows become the `queries` record: one row for each row, none dropped.

    kind: one of profile.KINDS; predictions are cleaned, a log's layout is looked for among the logs'. layout: one of
    LAYOUTS or LOG_LAYOUTS, told from the input where it is None. dialect: of rows without a `dialect` of their own, in
    the place of the layout's. sql_column: for layouts "table" and "predictions"; executions_column: for "table", where
    `executions` is the usual name. time_zone: of a log's times that have none.

    Example: open_source(spark, "dev.json", kind="training_set").layout == "bird_json"

    Raises UsageError for an unknown kind, layout, dialect or format, InputError for an input that cannot be read so.
    What is wrong within the rows shows when they are used: wrap that in `reading`.
    """
    check_choice("kind", kind, KINDS)
    check_dialect(dialect or "")
    if layout is not None:
        check_layout(layout)
    found = find_input(spark, input, format)
    if _is_bare(found, layout, kind):
        return _source(lines_layout(PREDICTIONS.name) or PREDICTIONS, read_bare_json(spark, found), dialect)
    fields = [] if layout is not None and LAYOUTS.get(layout, TABLE).is_text else field_names(spark, found)
    name = layout or detect_layout(found, fields, kind, sql_column)
    if name in LOG_LAYOUTS:
        return _open_log(spark, found, name, dialect, time_zone)
    _check_columns_fit(name, sql_column, executions_column)
    if not fields:
        return _open_text(spark, found, name, dialect)
    return _open_table(spark, found, LAYOUTS[name], fields, dialect, sql_column, executions_column)


def _is_bare(found: Input, layout: str | None, kind: str) -> bool:
    is_answers = layout == PREDICTIONS.name or (layout is None and kind == "predictions")
    return is_answers and found.format in ("json", "jsonl") and is_bare_json(found.head)


def _check_columns_fit(layout: str, sql_column: str | None, executions_column: str | None) -> None:
    """Raises UsageError where a column is named for a layout that has its own."""
    with_columns = {
        "--sql-column": (sql_column, ("table", "predictions")),
        "--executions-column": (executions_column, ("table",)),
    }
    for option, (value, layouts) in with_columns.items():
        if value is not None and layout not in layouts:
            raise UsageError(
                f"{option} '{value}' does not go with layout '{layout}'. Set --layout to: {' or '.join(layouts)}."
            )


def _open_log(spark: SparkSession, found: Input, layout: str, dialect: str | None, time_zone: str) -> Source:
    queries = read_log(rows_of(spark, found), layout, time_zone=time_zone)
    if dialect is not None:
        queries = queries.withColumn("dialect", F.lit(dialect))
    return Source(layout, LOG_LAYOUTS[layout].dialect if dialect is None else dialect, complete(queries))


def _open_text(spark: SparkSession, found: Input, name: str, dialect: str | None) -> Source:
    layout = lines_layout(name)
    if layout is None:
        raise InputError(
            f"Input '{found.name}' is a text without columns, layout '{name}' has some. Set --layout to one of: "
            f"{', '.join(each for each in LAYOUTS if lines_layout(each))}; or set --format."
        )
    return _source(layout, rows_of(spark, found._replace(format="text")), dialect)


def _open_table(
    spark: SparkSession,
    found: Input,
    layout: Layout,
    fields: Sequence[str],
    dialect: str | None,
    sql_column: str | None,
    executions_column: str | None,
) -> Source:
    if layout.columns:
        column = layout.column_of(found.name, fields)
    else:
        usual = ANSWER_COLUMNS if layout is PREDICTIONS else SQL_COLUMNS
        column = sql_column_of(found.name, fields, sql_column, usual)
    schema = layout.schema(column)
    if executions_column is None:
        return _source(layout, with_sql(rows_of(spark, found, schema), column), dialect)
    sql_column_of(found.name, fields, executions_column)
    rows = rows_of(spark, found, f"{schema}, {quoted(executions_column)} STRING")
    counted = rows.withColumn("executions", F.col(quoted(executions_column)))
    return _source(layout, with_sql(counted, column), dialect)


def _source(layout: Layout, rows: DataFrame, dialect: str | None) -> Source:
    """The layout's own step, then the record. A row's own dialect goes before the user's, that before the layout's."""
    default = layout.dialect if dialect is None else dialect
    own = F.lower(F.trim("dialect")) if "dialect" in rows.columns else F.lit(None).cast("string")
    queries = layout.queries(rows.withColumn("dialect", F.coalesce(own, F.lit(default))))
    return Source(layout.name, default, complete(queries))
