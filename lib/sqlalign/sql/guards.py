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
# Types that hold types: ARRAY<STRUCT<…
_NESTED_TYPES = {TokenType.ARRAY, TokenType.STRUCT, TokenType.MAP, TokenType.NULLABLE, TokenType.LIST, TokenType.NESTED}
# After one of these no operator waits for its operand. A run of others (NOT NOT …, - - …) is as deep as it is long.
_ENDS_A_RUN = {
    TokenType.VAR,
    TokenType.IDENTIFIER,
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.R_PAREN,
    TokenType.R_BRACKET,
    TokenType.COMMA,
    TokenType.SEMICOLON,
    TokenType.STAR,
    TokenType.NULL,
    TokenType.TRUE,
    TokenType.FALSE,
    TokenType.PLACEHOLDER,
    TokenType.PARAMETER,
}


def text_fault(sql: str) -> str | None:
    """`too_long` for a text of more than MAX_CHARACTERS characters."""
    return TOO_LONG if len(sql) > MAX_CHARACTERS else None


def tokens_fault(tokens: Sequence[Token]) -> str | None:
    """`too_many_tokens` or `too_deep`, by a linear scan."""
    if len(tokens) > MAX_TOKENS:
        return TOO_MANY_TOKENS
    depth = angles = run = 0
    before = None
    for token in tokens:
        kind = token.token_type
        if kind in _OPENING:
            depth += 1
        elif kind in _CLOSING:
            depth = max(0, depth - 1)
        elif kind == TokenType.LT and before in _NESTED_TYPES:
            angles += 1
        elif kind == TokenType.GT:
            angles = max(0, angles - 1)
        run = 0 if kind in _ENDS_A_RUN or kind in _OPENING else run + 1
        if depth + angles + run > MAX_DEPTH:
            return TOO_DEEP
        before = kind
    return None
