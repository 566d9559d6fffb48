"""What `sqlalign template` prints for a row: a line of text or a JSON object."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalign.sql.template import Statement


def text_line(_id: Any, statements: Sequence[Statement]) -> str:
    """The row's statements, joined by ` ; `."""
    return " ; ".join(map(_said, statements)) + "\n"


def _said(statement: Statement) -> str:
    """The template; `rejected: reason`; `(KIND)` for a statement that is no query."""
    if statement.template is not None:
        return statement.template
    if statement.reason is not None:
        return f"rejected: {statement.reason}"
    return f"({statement.kind.upper()})"


def json_line(id: Any, statements: Sequence[Statement]) -> str:
    """`{"id", "statements": [{"kind", "template", "reason", "repairs"}]}`; ASCII, so that any id can be written."""
    return json.dumps({"id": id, "statements": [_fields(statement) for statement in statements]}) + "\n"


def _fields(statement: Statement) -> dict[str, Any]:
    return {name: getattr(statement, name) for name in ("kind", "template", "reason", "repairs")}
