"""Where an input is, what format it has, and what its beginning looks like. Reads no row."""

import bz2
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sqlalign.errors import InputError, UsageError, did_you_mean

FORMATS = ("parquet", "delta", "csv", "tsv", "json", "jsonl", "text", "table")
"""What `--format` takes. `json` is one array (or one object) over many lines, `jsonl` an object a line, `text` a line a
row, `table` a table of the catalog."""

CATALOG_PREFIX = "catalog:"
HEAD_BYTES = 4 << 20
_HEAD_LINES = 200
_COMPRESSED: dict[bytes, tuple[str, Callable[..., IO[Any]]]] = {
    b"\x1f\x8b": (".gz", gzip.open),
    b"BZh": (".bz2", bz2.open),
}
_UNREADABLE = {
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\xfd7zXZ": "xz",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
}
_BY_EXTENSION = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".sql": "text",
    ".txt": "text",
}


class Input(NamedTuple):
    """An input that exists.

    name: as the user wrote it, for messages. location: what Spark is given (glob characters escaped) or the table's
    name. format: one of FORMATS. head: the beginning of its (first) file as text, "" for tables and binary formats.
    files: its files where they are on this machine, else empty. nested: whether files lie in plain subfolders.
    """

    name: str
    location: str
    format: str
    head: str = ""
    files: tuple[Path, ...] = ()
    nested: bool = False


def find_input(spark: SparkSession, name: str, format: str | None = None) -> Input:
    """What `name` stands for: a file, a folder, a pattern, a URI, or a table (`catalog:db.table`, or a bare name).

    Raises UsageError for an unknown format, InputError for what is missing, empty, or of no known format.
    """
    if format is not None and format not in FORMATS:
        raise UsageError(
            f"Unknown format '{format}'.{did_you_mean(format, FORMATS)} Set --format to one of: {', '.join(FORMATS)}."
        )
    if name.startswith(CATALOG_PREFIX) or format == "table":
        return _catalog_table(spark, name)
    if not name.strip():
        raise InputError("Input '' is empty. Set INPUT to a file, a folder or catalog:TABLE.")
    path = Path(name.removeprefix("file://"))
    if path.exists():
        return _local(name, path.absolute(), format)
    if re.fullmatch(r"\w+(\.\w+){0,2}", name) and spark.catalog.tableExists(name):
        return Input(name, name, "table")
    return _remote(spark, name, format)


def _catalog_table(spark: SparkSession, name: str) -> Input:
    table = name.removeprefix(CATALOG_PREFIX)
    try:
        exists = spark.catalog.tableExists(table)
    except AnalysisException as error:
        raise InputError(
            f"Input '{name}' is no table's name: {first_line(error)} Set INPUT to catalog:DATABASE.TABLE."
        ) from error
    if not exists:
        raise InputError(
            f"Table '{table}' was not found in the catalog. Set INPUT to a table that SHOW TABLES lists, or to a file."
        )
    return Input(name, table, "table")


def _local(name: str, path: Path, format: str | None) -> Input:
    if path.is_dir() and (path / "_delta_log").is_dir():
        return Input(name, escape_glob(path), format or "delta")
    files = _data_files(path) if path.is_dir() else [path]
    filled = [file for file in files if file.stat().st_size > 0]
    if not files:
        raise InputError(
            f"Input '{name}' is a folder without data files. Set INPUT to a file or to a folder that holds some."
        )
    if not filled:
        raise InputError(f"Input '{name}' is empty (0 bytes). Set INPUT to a file that holds rows.")
    if path.is_file() and path.name.startswith(("_", ".")):
        raise InputError(f"Input '{name}' begins with '{path.name[0]}', and Spark skips such files. Rename it.")
    if colon := next((file.name for file in files if ":" in file.name), None):
        raise InputError(
            f"Input '{name}' has a colon in the name '{colon}', which Hadoop's paths cannot have. Rename it."
        )
    formats = {file: format or _format_of(file) for file in filled}
    if len(set(formats.values())) > 1:
        found = ", ".join(f"'{file.name}' is {found}" for file, found in _first_of_each(formats).items())
        raise InputError(
            f"Input '{name}' mixes formats: {found}. Set INPUT to a folder of one format, or set --format."
        )
    first, found = next(iter(formats.items()))
    nested = any(
        file.parent != path and "=" not in str(file.relative_to(path).parent) for file in files if path.is_dir()
    )
    return Input(name, escape_glob(path), found, _head(first, found), tuple(files), nested)


def _data_files(folder: Path) -> list[Path]:
    """Files below a folder as Spark sees them: nothing under a name that begins with `_` or `.`, sorted."""
    below = (file for file in folder.rglob("*") if file.is_file())
    return sorted(f for f in below if not any(part.startswith(("_", ".")) for part in f.relative_to(folder).parts))


def _first_of_each(formats: dict[Path, str]) -> dict[Path, str]:
    return {file: found for found, file in {found: file for file, found in reversed(formats.items())}.items()}


def escape_glob(path: Path) -> str:
    """The path with glob characters escaped: Spark takes every path for a pattern."""
    return re.sub(r"([\\\[\]{}*?^])", r"\\\1", str(path))


def _format_of(file: Path) -> str:
    """A local file's format by its first bytes, then by its extension. Raises InputError where neither tells."""
    start = start_of(file)
    if start.startswith(b"PAR1"):
        return "parquet"
    for magic, what in _UNREADABLE.items():
        if start.startswith(magic):
            raise InputError(
                f"Input '{file}' is a {what} file. Convert it to one of: {', '.join(FORMATS[:-1])} (also .gz, .bz2)."
            )
    if b"\x00" in start[:4096] and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            f"Input '{file}' is a binary file of no known format. Set --format to one of: {', '.join(FORMATS)}."
        )
    return format_of_text(str(file), start.decode("utf-8", "replace"))


def format_of_text(name: str, head: str) -> str:
    """The format of a text by its beginning and its file name's extension. Raises InputError where neither tells."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes if suffix.lower() not in (".gz", ".bz2")]
    by_extension = _BY_EXTENSION.get(suffixes[-1] if suffixes else "")
    if by_extension in ("csv", "tsv", "text", "jsonl"):
        return by_extension
    if by_extension == "parquet":
        raise InputError(
            f"Input '{name}' is no Parquet file: it does not begin with PAR1. Write it again, or set --format."
        )
    start = head.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return "json"
    if start.startswith("{"):
        first = start.split("\n", 1)[0].rstrip()
        return "jsonl" if first.endswith("}") else "json"
    if by_extension == "json":
        raise InputError(f"Input '{name}' is no JSON: it begins with neither '[' nor '{{'. Set --format to what it is.")
    raise InputError(
        f"The format of input '{name}' cannot be told from its name or content. "
        f"Set --format to one of: {', '.join(FORMATS)}."
    )


def _opener(file: Path) -> Callable[..., IO[Any]]:
    with file.open("rb") as opened:
        magic = opened.read(3)
    for start, (extension, opener) in _COMPRESSED.items():
        if magic.startswith(start):
            if file.suffix.lower() != extension:
                raise InputError(
                    f"Input '{file}' is compressed, but not named so, as Spark needs. Rename it to end in {extension}."
                )
            return opener
        if file.suffix.lower() == extension:
            raise InputError(
                f"Input '{file}' is named {extension}, but it is not compressed so. Rename it or compress it again."
            )
    return open


def start_of(file: Path, size: int = 1 << 16) -> bytes:
    """The first bytes of a local file, decompressed. Raises InputError where it is damaged or misnamed."""
    opener = _opener(file)
    try:
        with opener(file, "rb") as opened:
            return bytes(opened.read(size))
    except (EOFError, OSError) as error:
        raise InputError(
            f"Input '{file}' cannot be read: {error}. Write it again or set INPUT to a whole file."
        ) from error


def _head(file: Path, format: str) -> str:
    return "" if format in ("parquet", "delta") else start_of(file, HEAD_BYTES).decode("utf-8-sig", "replace")


def _remote(spark: SparkSession, name: str, format: str | None) -> Input:
    """An input that this machine does not see: Spark looks for it (a URI, a pattern, a path on a server)."""
    by_extension = format or _BY_EXTENSION.get(Path(name.removesuffix(".gz").removesuffix(".bz2")).suffix.lower())
    if by_extension in ("parquet", "delta"):
        return Input(name, name, by_extension)
    try:
        lines = (
            spark.read.text(name, recursiveFileLookup=True)
            .select(F.substring("value", 1, HEAD_BYTES))
            .limit(_HEAD_LINES)
            .collect()
        )
    except PySparkException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            raise InputError(
                f"Input '{name}' was found neither as a file or folder nor as a table. Set INPUT to one that exists."
            ) from error
        raise InputError(f"Input '{name}' cannot be read: {first_line(error)} Set INPUT or --format.") from error
    head = "\n".join(line[0] for line in lines)
    if not head.strip():
        raise InputError(f"Input '{name}' is empty. Set INPUT to a file that holds rows.")
    if head.startswith("PAR1"):
        return Input(name, name, "parquet")
    return Input(name, name, format or format_of_text(name, head), head)


def first_line(error: Exception) -> str:
    """The first line of an error's text, ended by a full stop."""
    return str(error).strip().split("\n", 1)[0].rstrip(".") + "."
