"""What is too large to be given to the parser: one hostile text must not hurt a run.

The parser recurses: it raises RecursionError on some hundred nested brackets and takes the whole process with it on
some ten thousand. So nesting is counted on the tokens, before it sees them.
"""

from collections.abc import Sequence

from sqlglot.tokens import Token, TokenType

MAX_CHARACTERS = 2_000_000
MAX_TOKENS = 300_000
MAX_DEPTH = 200

TOO_LONG, TOO_MANY_TOKENS, TOO_DEEP = "too_long", "too_many_tokens", "too_deep"

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
# One after another, each of these opens a level of its own.
_PREFIX = {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.ARROW}


def text_fault(sql: str) -> str | None:
    """`too_long` for a text of more than MAX_CHARACTERS characters."""
    return TOO_LONG if len(sql) > MAX_CHARACTERS else None


def tokens_fault(tokens: Sequence[Token]) -> str | None:
    """`too_many_tokens` or `too_deep`, by a linear scan."""
    if len(tokens) > MAX_TOKENS:
        return TOO_MANY_TOKENS
    depth = prefixes = 0
    for token in tokens:
        kind = token.token_type
        if kind in _OPENING:
            depth += 1
        elif kind in _CLOSING:
            depth = max(0, depth - 1)
        prefixes = prefixes + 1 if kind in _PREFIX else 0
        if depth + prefixes > MAX_DEPTH:
            return TOO_DEEP
    return None
