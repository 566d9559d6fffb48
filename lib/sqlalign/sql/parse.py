"""Tokens and trees, through sqlglot, so that no text can raise, recurse without end or reach a log."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.expressions import Expression
from sqlglot.tokens import Token, TokenType

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
    """The tokens of a text, or None where a quote or comment does not end.

    After a word it takes for a command (EXPLAIN, DECLARE, …) sqlglot makes one string of all that follows; here that is
    tokens too, since it may hold a query.
    """
    try:
        tokens = _dialect(dialect).tokenize(sql)
        for i in range(len(tokens) - 1, 0, -1):
            if _is_swallowed(tokens[i - 1], tokens[i], sql):
                tokens[i : i + 1] = _tokens_between(tokens[i - 1].end + 1, tokens[i].end + 1, sql, dialect)
        return tokens
    except (SqlglotError, ValueError, IndexError):
        return None


def is_hive_of_athena(tokens: Sequence[Token]) -> bool:
    """Whether sqlglot has read a text of Athena as Hive's DDL; else it is Trino's SQL."""
    return bool(tokens) and tokens[0].token_type == TokenType.HIVE_TOKEN_STREAM


def without_marker(tokens: list[Token]) -> list[Token]:
    """The tokens without the one that only says so, which stands for no text."""
    return tokens[1:] if is_hive_of_athena(tokens) else tokens


_COMMANDS = {TokenType.COMMAND, TokenType.REPLACE, TokenType.EXECUTE, TokenType.FETCH, TokenType.SHOW, TokenType.RENAME}


def is_command(tokens: Sequence[Token]) -> bool:
    """Whether sqlglot takes the statement for a command, whose rest it does not parse."""
    return tokens[0].token_type in _COMMANDS


def _is_swallowed(command: Token, rest: Token, sql: str) -> bool:
    follows = command.token_type in _COMMANDS and rest.token_type == TokenType.STRING
    return follows and rest.text == sql[command.end + 1 : rest.end + 1].strip()


def _tokens_between(start: int, end: int, sql: str, dialect: str) -> list[Token]:
    """The tokens of a part of a text, at their places in the whole."""
    lines = sql.count("\n", 0, start)
    return [
        Token(t.token_type, t.text, t.line + lines, t.col, t.start + start, t.end + start, list(t.comments))
        for t in _dialect(dialect).tokenize(sql[start:end])
    ]


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
