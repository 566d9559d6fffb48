"""What all log layouts share: raw exported columns → typed columns of the record, and why a row does not count.

A row is never dropped. A row that is no counted execution carries the name of the rule in `excluded`; where several
rules hold, the order is: not an execution of its own (a script's parent, a start event), a duplicate, its outcome
(failed, canceled, unfinished), then the layout's own noise rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

from sqlalign.errors import InputError, UsageError, did_you_mean
from sqlalign.schemas import QUERIES
from sqlalign.sources.complete import complete

LOG_RECORD: dict[str, str] = {column.name: column.type for column in QUERIES}
"""Name → Spark type of every column a log layout returns, in this order."""

Rule = tuple[str, Column]
"""The name a row gets, and when. The first rule that holds wins; an unknown (null) condition does not hold."""

_DAY_ONLY = r"^(\d{4}-\d{2}-\d{2})$"
_WITHOUT_ZONE = r"^(\d{4}-\d{2}-\d{2}[ T][\d:.]+)$"
_NULL_TEXTS = ("", r"\N")


@dataclass(frozen=True)
class Export:
    """The rows of one exported log. Names of columns are matched without regard to case; `a.b` is field b of a record
    a, kept as a struct or as JSON text. Where several names are given, the first value that is not null counts."""

    rows: DataFrame
    layout: str
    time_zone: str = "UTC"

    def has(self, name: str) -> bool:
        """Whether the export has the column (or the field of a record)."""
        return self._find(name) is not None

    def require(self, *alternatives: str) -> None:
        """Raises InputError where the export has none of the columns."""
        if not any(self.has(name) for name in alternatives):
            names = " or ".join(f"'{name}'" for name in alternatives)
            raise InputError(
                f"The {self.layout} log has no column {names}. Found: {', '.join(self.rows.columns) or 'no columns'}. "
                f"Add it to the export (conf/exports/{self.layout.removesuffix('_text')}.sql shows the query), "
                "or set --layout to the layout the log really has."
            )

    def sql(self, name: str) -> Column:
        """The statement's text just as it was exported; `\\N`, what some exports write for null, is null."""
        text = self._present(name)
        return F.coalesce(*[F.when(t != r"\N", t) for t in (_as_text(c, k) for c, k in text)], _null("string"))

    def text(self, *names: str) -> Column:
        """A string without the padding of CHAR columns; "" and `\\N` are null. Records become JSON."""
        values = [F.trim(_as_text(c, kind)) for c, kind in self._present(*names)]
        return F.coalesce(*[F.when(~v.isin(*_NULL_TEXTS), v) for v in values], _null("string"))

    def whole_number(self, *names: str) -> Column:
        """A LONG; what is no number (or too large for one) is null."""
        return self.text(*names).try_cast("decimal(38,6)").try_cast("bigint")

    def flag(self, name: str) -> Column:
        """A BOOLEAN of true/false, t/f, yes/no, 1/0; null where there is none."""
        value = F.lower(self.text(name))
        return F.when(value.isin("true", "t", "yes", "y", "1"), True).when(value.isNotNull(), False)

    def instant(self, *names: str) -> Column:
        """A TIMESTAMP. Text and times without a zone of their own are read in the export's time zone, numbers as
        seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size. What is no time is null."""
        values = [_as_instant(c, kind, self.time_zone) for c, kind in self._present(*names)]
        return F.coalesce(*values, _null("timestamp"))

    @property
    def unreadable(self) -> Column:
        """Why `read_rows` could not read the row, null where it could."""
        return self.text("reject") if self.has("reject") else _null("string")

    def _present(self, *names: str) -> list[tuple[Column, T.DataType]]:
        return [found for name in names if (found := self._find(name)) is not None]

    def _find(self, name: str) -> tuple[Column, T.DataType] | None:
        head, _, path = name.partition(".")
        field = _field_of(self.rows.schema, head)
        return None if field is None else _descend(F.col(_quoted(field.name)), field.dataType, path)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _field_of(record: T.StructType, name: str) -> T.StructField | None:
    return next((field for field in record.fields if field.name.strip().lower() == name.lower()), None)


def _descend(column: Column, kind: T.DataType, path: str) -> tuple[Column, T.DataType] | None:
    if not path:
        return column, kind
    if isinstance(kind, T.StringType):
        return F.get_json_object(column, f"$.{path}"), kind
    head, _, rest = path.partition(".")
    field = _field_of(kind, head) if isinstance(kind, T.StructType) else None
    return None if field is None else _descend(column.getField(field.name), field.dataType, rest)


def _as_text(column: Column, kind: T.DataType) -> Column:
    if isinstance(kind, T.StructType | T.MapType | T.ArrayType):
        return F.to_json(column)
    return column.cast("string")


def _as_instant(column: Column, kind: T.DataType, time_zone: str) -> Column:
    if isinstance(kind, T.TimestampType):
        return column
    text = F.trim(column.cast("string"))
    if isinstance(kind, T.NumericType):
        return _epoch_instant(text)
    timed = F.regexp_replace(text, _DAY_ONLY, "$1 00:00:00")
    zoned = F.regexp_replace(timed, _WITHOUT_ZONE, f"$1 {time_zone}")
    return F.coalesce(zoned.try_cast("timestamp"), _epoch_instant(text))


def _epoch_instant(text: Column) -> Column:
    number = text.try_cast("double")
    to_micros = F.when(number < 1e11, 1e6).when(number < 1e14, 1e3).when(number < 1e17, 1.0).otherwise(1e-3)
    return F.timestamp_micros(F.round(number * to_micros).try_cast("bigint"))


def _null(kind: str) -> Column:
    return F.lit(None).cast(kind)


def check_time_zone(name: str) -> str:
    """The name itself. Raises UsageError where it is no IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        from zoneinfo import available_timezones

        raise UsageError(
            f"Unknown time zone '{name}'.{did_you_mean(name, {z.lower(): z for z in available_timezones()})} "
            "Set time_zone to an IANA name such as 'UTC' or 'Europe/Berlin'."
        ) from unknown
    return name


def first_rule(rules: Sequence[Rule]) -> Column:
    """The name of the first rule that holds, null where none does."""
    return F.coalesce(*[F.when(condition, F.lit(name)) for name, condition in rules], _null("string"))


def outcome_rules(
    status: Column,
    *,
    succeeded: Sequence[str],
    failed: Sequence[str],
    canceled: Sequence[str],
    unfinished: Sequence[str],
) -> list[Rule]:
    """What a status (in any case) says: nothing for success, else `failed`, `canceled`, `unfinished`; a status the
    layout does not know, or none, is `unknown_status`, so that a new one shows in the accounting."""
    known = F.lower(status)
    return [
        ("failed", known.isin(*failed)),
        ("canceled", known.isin(*canceled)),
        ("unfinished", known.isin(*unfinished)),
        ("unknown_status", F.coalesce(~known.isin(*succeeded), F.lit(True))),
    ]


def applied(repairs: Sequence[Rule]) -> Column:
    """ARRAY<STRING> with the names of all repairs whose condition holds."""
    named = F.array(*[F.when(condition, F.lit(name)) for name, condition in repairs], _null("string"))
    return F.filter(named, lambda name: name.isNotNull())


def log_record(
    export: Export,
    columns: dict[str, Column],
    *,
    no_execution: Sequence[Rule] = (),
    outcome: Sequence[Rule] = (),
    rejects: Sequence[Rule] = (),
    newest: Column | None = None,
) -> DataFrame:
    """The layout's columns as the LOG_RECORD, missing ones null: one row per row of the export.

    `no_execution` are rules for rows that are no executions of their own, `outcome` those for executions that do not
    count. Of rows with equal query_id and started_at one is kept: one that counts if there is one, then the one with
    the highest `newest` (default: ended_at); the others are `duplicate_row`.
    """
    without_end = ("no_end_time", columns["ended_at"].isNull())
    given = columns | {"source": F.lit(export.layout), "reject": F.coalesce(export.unreadable, first_rule(rejects))}
    rules = {
        "_no_execution": counts_unless(export.unreadable, first_rule(no_execution)),
        "_outcome": counts_unless(export.unreadable, first_rule([*outcome, without_end])),
        "_newest": columns["ended_at"] if newest is None else newest,
        "_digest": row_digest(export.rows),
    }
    return export.rows.select(*typed(given), *aliased(rules)).transform(with_excluded).transform(complete)


def typed(columns: dict[str, Column]) -> list[Column]:
    """The LOG_RECORD's columns, cast; those not given are null."""
    return [columns.get(name, F.lit(None)).cast(kind).alias(name) for name, kind in LOG_RECORD.items()]


def aliased(columns: dict[str, Column]) -> list[Column]:
    """Each expression under its name."""
    return [column.alias(name) for name, column in columns.items()]


def counts_unless(unreadable: Column, rule: Column) -> Column:
    """A row that could not be read is a reject; its empty columns must not make it look excluded."""
    return F.when(unreadable.isNull(), rule)


def with_excluded(rows: DataFrame) -> DataFrame:
    """`excluded` from the rules' columns and the duplicates; takes the rules' columns away."""
    duplicate = F.when(F.col("query_id").isNotNull() & F.col("_no_execution").isNull() & (_rank() > 1), "duplicate_row")
    excluded = F.coalesce("_no_execution", duplicate, "_outcome")
    return rows.withColumn("excluded", excluded).drop("_no_execution", "_outcome", "_newest", "_digest")


def row_digest(rows: DataFrame) -> Column:
    """A LONG that tells rows of an export apart. Of the raw columns: taken over the record's it would make the
    optimizer's constraints grow by powers of two as soon as logs are united."""
    return F.xxhash64(*[_hashable(F.col(_quoted(field.name)), field.dataType) for field in rows.schema.fields])


def _hashable(column: Column, kind: T.DataType) -> Column:
    return F.to_json(column) if "map<" in kind.simpleString() else column


def _rank() -> Column:
    """1 for the row to keep. Rows that tie are equal in every column, so it does not matter which one is kept."""
    same = Window.partitionBy("query_id", "started_at", "_no_execution")
    newest_first = [F.desc_nulls_last("_newest"), F.desc_nulls_last("ended_at"), F.col("_digest")]
    return F.row_number().over(same.orderBy(F.col("_outcome").isNotNull(), *newest_first))
