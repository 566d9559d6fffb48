"""Any input → its rows as they are, with a column `reject` that marks those that could not be read."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from sqlalign.errors import InputError
from sqlalign.sources.files import Input, find_input, first_line, start_of

MALFORMED = "malformed_row"
_CORRUPT = "_corrupt_record"
_JSON: dict[str, bool | str] = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT}
# Without pruning, whether a line is malformed does not depend on the columns that a query happens to use.
_CSV: dict[str, bool | str] = {
    **_JSON,
    "header": True,
    "multiLine": True,
    "quote": '"',
    "escape": '"',
    "columnPruning": False,
}
_ABOUT_FILES = re.compile(
    "FAILED_READ_FILE|CANNOT_READ_FILE|PATH_NOT_FOUND|FileNotFound|EOFException|AccessControl|URISyntax"
)


def read_rows(
    spark: SparkSession, input: str, *, format: str | None = None, schema: str | StructType | None = None
) -> DataFrame:
    """The input's rows, each with all its columns and `reject` (null, or "malformed_row"); no row is lost.

    input: a file, a folder, a pattern, a URI, `catalog:db.table`, or a table's bare name. Text may be .gz or .bz2.
    format: one of files.FORMATS where it cannot be told from content and extension. CSV has a header and quotes as in
    RFC 4180 (values over several lines, "" for a quote); its columns are strings. A text gives one column `value`.
    schema: DDL or StructType of the JSON fields wanted; without it Spark infers all of them by reading the input once
    more. For other formats it selects columns by name and casts them; absent ones are null.

    Raises InputError for an input that is missing, empty, damaged, or of no known format. What Spark notices only when
    the rows are used (a damaged file in the middle) comes as Spark's own error: see `reading`.
    """
    found = find_input(spark, input, format)
    return rows_of(spark, found, schema)


def rows_of(spark: SparkSession, found: Input, schema: str | StructType | None = None) -> DataFrame:
    """As read_rows, for an input that was found already."""
    wanted = cast(StructType, StructType.fromDDL(schema)) if isinstance(schema, str) else schema
    try:
        with reading(found.name):
            rows = _read(spark, found, wanted)
            is_empty = _is_empty(found, rows)
    except PySparkException as error:
        raise _unreadable(found.name, error) from error
    if is_empty:
        raise InputError(f"Input '{found.name}' holds no rows. Set INPUT to one that does.")
    return rows.drop("_is_cut")


def unread_columns(spark: SparkSession, found: Input) -> list[str]:
    """The names of the columns of a table or a binary format, without reading rows. Raises InputError as read_rows."""
    try:
        with reading(found.name):
            return [name for name in _read(spark, found, None).columns if name != "reject"]
    except PySparkException as error:
        raise _unreadable(found.name, error) from error


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turns what Spark says about an unreadable file into an InputError of one line that names the input.

    Spark reads when rows are used, so whoever runs an action on the rows wraps it in this. Other errors pass through.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        if not _ABOUT_FILES.search(str(error)):
            raise
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> InputError:
    return InputError(f"Input '{name}' cannot be read: {_cause(error)} Check the file, or set INPUT or --format.")


def _cause(error: Exception) -> str:
    """Spark's own words, shortened: the last cause of a failed task says more than its first line."""
    text = str(error)
    causes = re.findall(r"^Caused by: [\w.$]+: (.+)$", text, re.MULTILINE) or re.findall(
        r"^: [\w.$]+: (.+)$", text, re.MULTILINE
    )
    return (causes[-1] if causes else first_line(error))[:300].strip().rstrip(".") + "."


def _read(spark: SparkSession, found: Input, schema: StructType | None) -> DataFrame:
    reader = spark.read.option("ignoreCorruptFiles", False).option("recursiveFileLookup", found.nested)
    if found.format == "json" or found.format == "jsonl":
        return _json(reader, found, schema)
    if found.format in ("csv", "tsv"):
        rows = _csv(reader, found)
    elif found.format == "text":
        rows = _lines(reader, found)
    elif found.format == "table":
        rows = _with_reject(spark.read.table(found.location))
    else:
        rows = _with_reject(reader.format(found.format).option("mergeSchema", True).load(found.location))
    return rows if schema is None else _conformed(rows, schema)


def _json(reader: DataFrameReader, found: Input, schema: StructType | None) -> DataFrame:
    options: dict[str, bool | str] = {**_JSON, "multiLine": found.format == "json"}
    if schema is None and "\\" in found.location and found.format == "json":
        # Spark reads many-line files a second way to infer their schema, and that way takes the name for a pattern.
        raise InputError(
            f"Input '{found.name}' has one of []{{}}*?^\\ in its name. Rename it, or name the layout with --layout."
        )
    try:
        wanted = schema or reader.options(**options).json(found.location).schema
    except AnalysisException as error:
        if error.getCondition() == "COLUMN_ALREADY_EXISTS":
            raise InputError(
                f"Input '{found.name}' has fields that differ in case only: {first_line(error)} Name the layout with "
                "--layout or the field with --sql-column."
            ) from error
        raise
    if set(wanted.names) <= {_CORRUPT}:
        raise InputError(
            f"Input '{found.name}' holds no JSON object that can be read. Check the file, or set --format."
        )
    rows = reader.options(**options).schema(_with_corrupt(wanted)).json(found.location)
    if found.format == "json":
        # Spark makes one malformed row of a whole array that is cut somewhere: hundreds of rows would be one.
        is_cut = F.ltrim(_CORRUPT).startswith("[") & _depends_on(rows)
        return _with_reject(rows.withColumn("_is_cut", F.coalesce(is_cut, F.lit(False))))
    return _with_reject(rows)


def _is_empty(found: Input, rows: DataFrame) -> bool:
    """Whether there is no row. Raises InputError for a JSON array that is cut: all its rows would count as one."""
    if "_is_cut" not in rows.columns:
        return rows.isEmpty()
    counts = rows.agg(F.count("*").alias("rows"), F.count_if("_is_cut").alias("cut")).first()
    if counts is not None and counts["cut"]:
        raise InputError(
            f"Input '{found.name}' is a JSON array that is cut or damaged. Write it again, or as an object a line."
        )
    return counts is None or not counts["rows"]


def _csv(reader: DataFrameReader, found: Input) -> DataFrame:
    separator = "\t" if found.format == "tsv" else ","
    _check_equal_headers(found, separator)
    names = column_names(header_of(found.head, separator))
    schema = StructType([StructField(name, StringType()) for name in names])
    rows = reader.options(**_CSV, sep=separator).schema(_with_corrupt(schema)).csv(found.location)
    return _with_reject(rows)


def header_of(text: str, separator: str) -> list[str]:
    """The first record of a CSV text."""
    return next(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator), [])


def column_names(header: list[str]) -> list[str]:
    """Usable names: an empty one is `_cN` by its place from 0, repeated ones (in any case) get their place too."""
    times = Counter(name.lower() for name in header)
    return [
        f"{name or '_c'}{place}" if not name or times[name.lower()] > 1 else name for place, name in enumerate(header)
    ]


def _check_equal_headers(found: Input, separator: str) -> None:
    """Spark reads CSV by position: a folder whose files order their columns differently would be read wrongly."""
    headers: dict[tuple[str, ...], str] = {}
    for file in found.files:
        if file.stat().st_size:
            headers.setdefault(tuple(header_of(start_of(file).decode("utf-8", "replace"), separator)), file.name)
    if len(headers) > 1:
        one, other = list(headers.values())[:2]
        raise InputError(
            f"Input '{found.name}' has files with different headers: '{one}', '{other}'. "
            "Set INPUT to one of them at a time."
        )


def _lines(reader: DataFrameReader, found: Input) -> DataFrame:
    """One row a line. A lone carriage return does not end a line, so that rows are what `wc -l` counts."""
    rows = reader.option("lineSep", "\n").text(found.location)
    return _with_reject(rows.select(F.regexp_replace("value", "^\ufeff|\r$", "").alias("value")))


def _with_corrupt(schema: StructType) -> StructType:
    fields = [StructField(f.name, f.dataType, True) for f in schema.fields if f.name != _CORRUPT]
    return StructType([*fields, StructField(_CORRUPT, StringType(), True)])


def _with_reject(rows: DataFrame) -> DataFrame:
    """The rows with `reject` in the place of Spark's column for what it could not read."""
    if _CORRUPT not in rows.columns:
        return rows.withColumn("reject", F.lit(None).cast("string"))
    reject = F.when(F.col(_CORRUPT).isNotNull() & _depends_on(rows), F.lit(MALFORMED))
    return rows.withColumn("reject", reject).drop(_CORRUPT)


def _depends_on(rows: DataFrame) -> Column:
    """Always true, but uses every column: Spark refuses to read the corrupt record alone, and finds a value of the
    wrong type only in columns that are used."""
    return F.size(F.array(*[F.col(f"`{name}`").isNull() for name in rows.columns])) > 0


def _conformed(rows: DataFrame, schema: StructType) -> DataFrame:
    present = {name.lower(): name for name in rows.columns}
    if not present.keys() & {field.name.lower() for field in schema.fields}:
        wanted, found = ", ".join(schema.names), ", ".join(rows.columns[:-1])
        raise InputError(f"Input has none of the columns '{wanted}', only: {found}. Set --layout or --sql-column.")
    columns = []
    for field in schema.fields:
        name = present.get(field.name.lower())
        value = F.col(f"`{name}`").try_cast(field.dataType) if name else F.lit(None).cast(field.dataType)
        columns.append(value.alias(field.name))
    return rows.select(*columns, "reject")
