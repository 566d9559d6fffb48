"""Which layout an input has: by its fields, or by how its lines begin."""

import json
from collections.abc import Sequence

from pyspark.sql import SparkSession

from sqlalign.errors import InputError, UsageError, did_you_mean
from sqlalign.sources.files import Input
from sqlalign.sources.grouped import TEXT2SQL, WIKISQL
from sqlalign.sources.layouts import Layout
from sqlalign.sources.lines import COUNTED_LINES, LINES, SPIDER_SQL, detect_lines
from sqlalign.sources.logs import LOG_LAYOUTS, detect_log_layout
from sqlalign.sources.predictions import PREDICTION_LINES, PREDICTIONS
from sqlalign.sources.rows import column_names, header_of, unread_columns
from sqlalign.sources.table import TABLE
from sqlalign.sources.training_sets import (
    BIRD_JSON,
    BULL,
    EHRSQL,
    GRETEL,
    SEDE,
    SPIDER_JSON,
    SQL_CREATE_CONTEXT,
    SYNSQL,
)

_SAMPLE = 100

# The first whose mark fits is it: the more special ones stand before those whose fields they share.
_ROW_LAYOUTS = (WIKISQL, TEXT2SQL, EHRSQL, SPIDER_JSON, GRETEL, SYNSQL, BIRD_JSON, BULL, SQL_CREATE_CONTEXT, SEDE)
_ALL = (SPIDER_SQL, *_ROW_LAYOUTS, LINES, COUNTED_LINES, TABLE, PREDICTIONS)
LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in _ALL}
"""The layouts of data sets by name; those of logs are logs.LOG_LAYOUTS."""


def check_layout(name: str) -> str:
    """The name itself. Raises UsageError, with the nearest known one, where there is no such layout."""
    known = [*LAYOUTS, *LOG_LAYOUTS]
    if name not in known:
        hint = did_you_mean(name, known)
        raise UsageError(f"Unknown layout '{name}'.{hint} Set --layout to one of: {', '.join(known)}.")
    return name


def detect_layout(found: Input, fields: Sequence[str], kind: str, sql_column: str | None) -> str:
    """The name of the input's layout, or "table" where its fields are those of none.

    Answers of models and exported logs look like any table, so the kind decides about them. Raises InputError for a
    text whose lines do not begin statements.
    """
    if kind == "predictions":
        return PREDICTIONS.name
    if not fields:
        return _layout_of_lines(found).name
    if kind == "log" and (log := detect_log_layout(fields)) is not None:
        return log
    if sql_column is not None:
        return TABLE.name
    return next((layout.name for layout in _ROW_LAYOUTS if layout.is_told_by(fields)), TABLE.name)


def _layout_of_lines(found: Input) -> Layout:
    layout = detect_lines(found.head)
    if layout is None:
        raise InputError(
            f"Input '{found.name}' is a text whose lines do not each begin a statement. Set --layout lines if a line "
            f"is a statement all the same, or another of: {', '.join([*LAYOUTS, *LOG_LAYOUTS])}."
        )
    return layout


def lines_layout(name: str) -> Layout | None:
    """The form of a layout for plain text, None where it has fields."""
    layout = PREDICTION_LINES if name == PREDICTIONS.name else LAYOUTS.get(name)
    return layout if layout is not None and layout.is_text else None


def field_names(spark: SparkSession, found: Input) -> list[str]:
    """The input's fields in order; none for a text. Of JSON, those of the first 100 records."""
    if found.format == "text" or is_counted(found):
        return []
    if found.format in ("csv", "tsv"):
        return column_names(header_of(found.head, "\t" if found.format == "tsv" else ","))
    if found.format in ("json", "jsonl"):
        return _json_fields(found)
    return unread_columns(spark, found)


def is_counted(found: Input) -> bool:
    """Whether a .tsv is lines of count, tab, statement: it has no header then."""
    return found.format == "tsv" and detect_lines(found.head) is COUNTED_LINES


def _json_fields(found: Input) -> list[str]:
    records = _lines_of(found.head) if found.format == "jsonl" else _records_of(found.head)
    fields = {field: None for record in records if isinstance(record, dict) for field in record}
    if not fields:
        raise InputError(
            f"Input '{found.name}' holds no JSON object near its beginning. Check the file, or set --format."
        )
    return list(fields)


def _lines_of(head: str) -> list[object]:
    decoded = (_decoded(line, 0) for line in head.lstrip("\ufeff").splitlines()[:_SAMPLE])
    return [value for value, _ in filter(None, decoded)]


def _records_of(head: str) -> list[object]:
    """The first records of an array (or the one object), as far as the head holds them whole."""
    records: list[object] = []
    position = len(head) - len(head.lstrip("\ufeff \t\r\n["))
    while len(records) < _SAMPLE and (found := _decoded(head, position)) is not None:
        records.append(found[0])
        position = (
            found[1] + len(head[found[1] : found[1] + 100]) - len(head[found[1] : found[1] + 100].lstrip(", \t\r\n"))
        )
    return records


def _decoded(text: str, position: int) -> tuple[object, int] | None:
    """The JSON value at a place and where it ends; None where none is whole there."""
    try:
        return json.JSONDecoder().raw_decode(text, position)
    except (ValueError, RecursionError):
        return None
