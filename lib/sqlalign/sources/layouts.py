"""What a layout is: how a data set's files are told from others, and where in its rows the statements are."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sqlalign.errors import InputError


@dataclass(frozen=True)
class Layout:
    """A data set's layout. Example: BULL keeps its SQL in `sql_query`, beside `db_name`, in SQLite's dialect:

        Layout("bull", "sqlite", columns=("sql_query",), marks=({"sql_query", "db_name"},))

    dialect: what its texts are written in, unless the row or the user says otherwise. columns: where the text is; the
    first that the input has. marks: sets of fields; an input that has all of one set has this layout. more: further
    fields to read, name and type. is_text: a line is a row (`value`), and there are no fields. queries: rows → columns
    of the `queries` record, for layouts where the text does not simply stand in its column (called `sql` then).
    """

    name: str
    dialect: str
    columns: tuple[str, ...] = ()
    marks: tuple[frozenset[str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    type: str = "STRING"
    is_text: bool = False
    queries: Callable[[DataFrame], DataFrame] = lambda rows: rows

    def is_told_by(self, fields: Collection[str]) -> bool:
        """Whether the fields are those of this layout."""
        return any(mark <= set(fields) for mark in self.marks)

    def column_of(self, name: str, fields: Collection[str]) -> str:
        """The field that holds the text. Raises InputError where the input `name` has none of the layout's."""
        found = [column for column in self.columns if column in fields]
        if not found:
            wanted = " or ".join(f"'{column}'" for column in self.columns)
            raise InputError(
                f"Input '{name}' has no column {wanted}, which layout '{self.name}' reads; found: "
                f"{', '.join(fields) or 'none'}. Set --layout to another, or --sql-column with --layout table."
            )
        return found[0]

    def schema(self, column: str) -> str:
        """The fields to read, as DDL; all others are left unread, however wild they are."""
        fields = {column: self.type, "dialect": "STRING", **dict(self.more)}
        return ", ".join(f"{quoted(name)} {type}" for name, type in fields.items())


def quoted(name: str) -> str:
    """A column's name as it must be written where it holds blanks, dots or backticks."""
    return "`" + name.replace("`", "``") + "`"


def with_sql(rows: DataFrame, column: str) -> DataFrame:
    """The rows with the text's column called `sql`."""
    return rows if column == "sql" else rows.withColumnRenamed(column, "sql")


def with_executions(rows: DataFrame, column: str) -> DataFrame:
    """`executions` from a column of counts: none is 1, zero or less is excluded, what is no number is rejected."""
    given = F.col(quoted(column))
    number = given.try_cast("decimal(38,6)").try_cast("bigint")
    never = F.when(number < 1, "zero_executions")
    unread = F.when(given.isNotNull() & number.isNull(), "malformed_row")
    return (
        rows.withColumn("excluded", never)
        .withColumn("reject", F.coalesce("reject", unread))
        .withColumn("executions", F.greatest(F.coalesce(number, F.lit(1)), F.lit(1)))
    )
