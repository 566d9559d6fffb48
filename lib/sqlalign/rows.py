"""One text with its dialect → its statements: what the command line and the Spark step do alike for each row."""

from collections.abc import Iterable

from sqlalign.sql.dialects import is_known_dialect
from sqlalign.sql.key import key_of
from sqlalign.sql.template import Statement, template_statements


def reject(reason: str) -> Statement:
    """A text that gave nothing, for a reason known before it was parsed."""
    return Statement("", None, reason)


def row_key(sql: str, dialect: str) -> str:
    """The text's key; of an unknown dialect, whose rows are rejected in any case, the generic one's."""
    return key_of(sql, dialect if is_known_dialect(dialect) else "")


def row_statements(sql: str, dialect: str, rules: str) -> list[Statement]:
    """The statements of a row; one reject `unknown_dialect` where sqlglot has no such dialect."""
    if not is_known_dialect(dialect):
        return [reject("unknown_dialect")]
    return template_statements(sql, dialect, rules)


def row_outcome(statements: Iterable[Statement]) -> str:
    """What became of a row: `empty`, `parsed` (a statement of it is templated or of another kind), or `unparsable`."""
    reasons = {statement.reason for statement in statements}
    if reasons == {"empty"}:
        return "empty"
    return "parsed" if None in reasons else "unparsable"
