"""Tokens and trees, through sqlglot, so that no text can raise, recurse without end or reach a log."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.expressions import Expression
from sqlglot.tokens import Token

# It prints the text of what it does not know. Private text must not reach a log line.
logging.getLogger("sqlglot").disabled = True

# Enough for MAX_DEPTH levels of the pure-Python parser; the compiled one needs far less.
_RECURSION_LIMIT = 20_000


@cache
def _dialect(name: str) -> Dialect:
    return Dialect.get_or_raise(name)


@contextmanager
def _room_to_recurse() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def tokenize(sql: str, dialect: str) -> list[Token] | None:
    """The tokens of a text, or None where a quote or comment does not end."""
    try:
        return _dialect(dialect).tokenize(sql)
    except (SqlglotError, ValueError, IndexError):
        return None


def parse(tokens: Sequence[Token], sql: str, dialect: str) -> Expression | None:
    """The tree of one statement's tokens, or None where they cannot be read.

    sqlglot's parsers raise more than its own errors on texts they were not made for, so every exception counts as
    "cannot be read"; the caller turns that into a reject with a reason.
    """
    parser = _dialect(dialect).parser(error_level=ErrorLevel.IMMEDIATE)
    try:
        with _room_to_recurse():
            trees = parser.parse(list(tokens), sql)
    except Exception:
        return None
    tree = trees[0] if len(trees) == 1 else None
    return tree if isinstance(tree, Expression) else None
