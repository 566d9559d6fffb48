"""Rows around the template: the lines that the command line reads, and what became of a row whatever it came from."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO, NamedTuple, NoReturn

from sqlalign.sql.dialects import is_known_dialect
from sqlalign.sql.key import key_of
from sqlalign.sql.template import Statement, reject


def row_key(sql: str, dialect: str) -> str:
    """The text's key; of an unknown dialect, whose rows are rejected in any case, the generic one's."""
    return key_of(sql, dialect if is_known_dialect(dialect) else "")


def row_outcome(statements: Iterable[Statement]) -> str:
    """What became of a row: `empty`, `parsed` (a statement of it is templated or of another kind), or `unparsable`."""
    reasons = {statement.reason for statement in statements}
    if reasons == {"empty"}:
        return "empty"
    return "parsed" if None in reasons else "unparsable"


class Row(NamedTuple):
    """A line of an input: its text, or the one statement that says why there is none."""

    id: Any
    sql: str
    dialect: str
    rejected: Sequence[Statement] = ()


MALFORMED = Row(None, "", "", (reject("malformed_row"),))


def read_lines(file: BinaryIO, dialect: str) -> Iterator[Row]:
    """A row for each line, in order: a text or, where the first character of all is `{`, a JSON object.

    Lines end with a line feed only. Bytes that are no UTF-8 and lone surrogates become U+FFFD, which no parser dies of.
    """
    first = next(file, b"").removeprefix(b"\xef\xbb\xbf")
    is_json = first.startswith(b"{")
    for line in chain([first] if first else [], file):
        text = line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        yield _json_row(text, dialect) if is_json else Row(None, text, dialect)


def _json_row(line: str, dialect: str) -> Row:
    """A row from a JSON object with `sql` (text or null) and a plain `id`; `malformed_row` for anything else."""
    try:
        row = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return MALFORMED
    if not isinstance(row, dict) or isinstance(row.get("id"), dict | list):
        return MALFORMED
    sql, own_dialect = row.get("sql", 0), row.get("dialect")
    if not isinstance(sql, str | None) or not isinstance(own_dialect, str | None):
        return MALFORMED._replace(id=row.get("id"))
    return Row(row.get("id"), _encodable(sql or ""), dialect if own_dialect is None else own_dialect)


def _no_number(constant: str) -> NoReturn:
    """NaN and Infinity are not JSON, and could not be written back as the row's id."""
    raise ValueError(f"'{constant}' is not JSON")


def _encodable(text: str) -> str:
    """The text with lone surrogates replaced: JSON can spell them, UTF-8 and the parser cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
