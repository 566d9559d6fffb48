"""Spark's errors about storage, told in one line that names the store and the setting."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalign.errors import SqlalignError, TableError

_CONFLICT = re.compile(
    r"DELTA_CONCURRENT|DELTA_PROTOCOL_CHANGED|DELTA_METADATA_CHANGED|DELTA_TABLE_ALREADY_EXISTS"
    r"|Concurrent\w*Exception|MetadataChangedException|ProtocolChangedException"
)
_ABSENT = re.compile(
    r"\[PATH_NOT_FOUND\]|\[DELTA_TABLE_NOT_FOUND\]|\[DELTA_MISSING_DELTA_TABLE|\[UNABLE_TO_INFER_SCHEMA\]"
)

# What storage says, as a pattern over the whole chain of causes → what it means and which setting mends it.
_REBUILD = "rebuild with: sqlalign backfill --from DAY --to DAY"
_DAMAGED = r"FAILED_READ_FILE|CANNOT_READ_FILE_FOOTER|is not a Parquet file|DELTA_FILE_NOT_FOUND|FileNotFoundException"
_ANY = (
    (
        r"Permission denied|AccessDenied|Access Denied|AccessControl|Read-only file system|Operation not permitted",
        "there is no permission. Grant it to the job's user, or set store.path to another",
    ),
    (
        r"DATA_SOURCE_NOT_FOUND\W+.*\bdelta\b|Failed to find the data source: delta|DELTA_CONFIGURE_SPARK_SESSION",
        "this Spark session has no Delta. Fetch Delta's jars with make install, or set store.format to parquet",
    ),
    (
        r"CANNOT_MERGE_SCHEMAS|DELTA_FAILED_TO_MERGE_FIELDS|DELTA_MERGE_INCOMPATIBLE",
        f"its files are of different schemas. Set store.path to a new folder and {_REBUILD}",
    ),
    (
        r"No FileSystem for scheme|UnsupportedFileSystemException|ClassNotFoundException: Class \S*FileSystem",
        "this Spark session cannot reach such a path. Add the storage's jars to it, or set store.path to another",
    ),
)
READING = ((_DAMAGED, f"files of it are damaged or gone. Set store.path to a new folder and {_REBUILD}"), *_ANY)
WRITING = (
    (
        r"No space left on device|Disk quota exceeded|not enough space|ENOSPC",
        "the disk is full. Free space there or in Spark's local folder (spark.local.dir), or set store.path to another",
    ),
    (
        r"Mkdirs failed|DELTA_CANNOT_CREATE_LOG_PATH|ParentNotDirectoryException|Not a directory|FileExistsError",
        "no folder can be made there. Let the job's user write there, or set store.path to another",
    ),
    (r"PATH_ALREADY_EXISTS", "the run has written it before. A run writes each table once"),
    (_DAMAGED, "files that the run reads are damaged or gone. Check source.input"),
    *_ANY,
)


def is_conflict(error: BaseException) -> bool:
    """Whether another writer's commit to the same Delta table came between."""
    return bool(_CONFLICT.search(str(error)))


def is_absent(error: BaseException) -> bool:
    """Whether the path holds no table."""
    return bool(_ABSENT.search(str(error)))


@contextmanager
def told_plainly(doing: str, faults: tuple[tuple[str, str], ...]) -> Iterator[None]:
    """Raises TableError for what storage can do to us while `doing`; another error goes on: it may be a bug."""
    try:
        yield
    except SqlalignError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        meaning = next((meaning for pattern, meaning in faults if re.search(pattern, text)), None)
        if meaning is None:
            raise
        raise TableError(f"{doing}: {meaning}.") from error
