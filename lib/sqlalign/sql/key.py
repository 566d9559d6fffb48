"""A text's key: what is left when comments, literals, case and white space are taken out. Itself parsable SQL.

Texts with one key have one template: each distinct key is parsed once, and only keys are shuffled. So a literal is
reduced to the nearest one with the same meaning to a parser, not dropped: `'%Y'` is a part of a date, `'%Y-%m'` is not.
The number of distinct keys behind a template is its `shapes`.
"""

import re
from collections.abc import Sequence

from sqlglot.tokens import Token, TokenType

from sqlalign.sql.guards import MAX_CHARACTERS, text_fault
from sqlalign.sql.parse import tokenize, without_marker
from sqlalign.sql.placeholders import normalise
from sqlalign.sql.split import T_SQL
from sqlalign.sql.wikisql import mend_wikisql

_STRINGS = {
    TokenType.STRING,
    TokenType.NATIONAL_STRING,
    TokenType.RAW_STRING,
    TokenType.HEREDOC_STRING,
    TokenType.BYTE_STRING,
}
_NUMBERS = {TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING}
_LITERALS = _STRINGS | _NUMBERS | {TokenType.NULL}

# Words a parser looks for inside a string: units and parts of dates, and date formats of a single code.
_MEANINGFUL = frozenset(
    """
    now epoch year years quarter month months week isoweek day days dow isodow doy hour hours minute minutes
    second seconds millisecond microsecond century decade millennium dayofweek dayofyear weekday yearofweek YYYY
    YYY YY Y yyyy yyy yy y IYYY RRRR MM M MON MONTH Mon Month MMM MMMM DD D dd d DY DAY Dy Day ddd dddd HH HH24
    HH12 hh H h MI mi mm m SS ss s Q q W WW IW ww w E EE EEE EEEE a AM PM J DDD TZ
    """.split()
)
_ONE_CODE = re.compile(r"%-?[A-Za-z]")
_AMOUNT = re.compile(r"\s*[-+]?\d+(?:\.\d+)?\s+[A-Za-z]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|0[xX][0-9a-fA-F]+")
_NUMERIC = re.compile(r"\s*[-+]?\d+(?:\.\d+)?\s*")
# T-SQL's FORMAT takes a format with one of these for a date's, another for a number's.
_DATE_LETTER = re.compile(r"[dDmMyYhHsS]")
_THREE_DIGITS = re.compile(r"\d{3}")
_NO_GAP_BEFORE = {TokenType.R_PAREN, TokenType.COMMA, TokenType.SEMICOLON}
_PROSE = re.compile(r"[A-Z][a-z]+\b|#")
_UNLOAD = re.compile(r"(?is)\s*(?:\(\s*)?(?:unload|exec|execute|prepare)\b")

TOO_LONG_KEY = " " * (MAX_CHARACTERS + 1)


def key_of(sql: str, dialect: str = "") -> str:
    """The key of a text. A text whose quotes do not end is its own key; all that are too long share one."""
    if text_fault(sql):
        return TOO_LONG_KEY
    text = normalise(sql)
    tokens = tokenize(text, dialect)
    if (
        tokens is None
        or _UNLOAD.match(text)
        or _quotes_inside_words(text, tokens)
        or mend_wikisql(sql) != sql
        or _overlap(tokens)
    ):
        return sql.strip()
    return _joined(text, _without_data(without_marker(tokens)), dialect)


def _quotes_inside_words(text: str, tokens: Sequence[Token]) -> bool:
    """Whether a string ends in the middle of a word: then a quote is broken, and mending needs the text."""
    return any(
        t.token_type in _STRINGS and t.end + 1 < len(text) and (text[t.end + 1].isalnum() or text[t.end + 1] == "_")
        for t in tokens
    )


def _overlap(tokens: Sequence[Token]) -> bool:
    """Whether the tokenizer made two tokens of one place (Hive's `10L` is a cast): then places say nothing."""
    return any(after.start <= before.end for before, after in zip(tokens, tokens[1:], strict=False))


def _joined(text: str, tokens: Sequence[Token], dialect: str) -> str:
    fold_case = dialect != "clickhouse"
    formats = _inside_format(tokens) if dialect in T_SQL else frozenset()
    pieces: list[str] = []
    end = -1
    for i, token in enumerate(tokens):
        gap = _gap(text[end + 1 : token.start], token, tokens[i - 1] if i else None) if pieces else ""
        before = tokens[i - 2 : i] if i > 1 else ()
        pieces += [gap, _reduced(text, token, before, fold_case and gap != "\n\n", i in formats)]
        end = token.end
    return "".join(pieces)


def _inside_format(tokens: Sequence[Token]) -> frozenset[int]:
    """Places of the arguments of T-SQL's FORMAT, which is another function for a date's format than for a number's."""
    inside: set[int] = set()
    calls: list[str] = []
    for i, token in enumerate(tokens):
        if token.token_type == TokenType.L_PAREN:
            calls.append(tokens[i - 1].text.lower() if i else "")
        elif token.token_type == TokenType.R_PAREN and calls:
            calls.pop()
        elif calls and calls[-1] == "format":
            inside.add(i)
    return frozenset(inside)


def _gap(between: str, token: Token, before: Token | None) -> str:
    """What separates two tokens: nothing, a blank, or the line break a separator of batches or prose needs."""
    if not between or token.token_type in _NO_GAP_BEFORE:
        return ""
    if "\n" in between:
        if _stands_alone(token) or (before is not None and _stands_alone(before)):
            return "\n"
        if re.search(r"\n\s*\n", between) and _PROSE.match(token.text):
            return "\n\n"
    return " "


def _stands_alone(token: Token) -> bool:
    """Whether a token may separate batches where it stands on a line of its own."""
    return token.token_type not in _LITERALS and token.text.upper() in ("GO", "/")


def _reduced(text: str, token: Token, before: Sequence[Token], fold_case: bool, is_format: bool) -> str:
    kind = token.token_type
    if kind in _STRINGS:
        return _reduced_string(token.text, is_format)
    if kind in _NUMBERS:
        if _continues_a_number(text, token, before):
            return "000"
        broken = text[token.end + 1 : token.end + 2] == "."
        return token.text if kind == TokenType.NUMBER and (broken or not _NUMBER.fullmatch(token.text)) else "1"
    written = text[token.start : token.end + 1]
    quoted = kind == TokenType.IDENTIFIER or not fold_case
    return written if quoted else written.lower()


def _reduced_string(content: str, is_format: bool) -> str:
    if content in _MEANINGFUL or content.lower() in _MEANINGFUL or _ONE_CODE.fullmatch(content):
        return f"'{content}'"
    if _AMOUNT.match(content):
        return "'1 day'"
    if _NUMERIC.fullmatch(content):
        return "'1'"
    return "'_d_'" if is_format and _DATE_LETTER.search(content) else "'_'"


def _continues_a_number(text: str, token: Token, before: Sequence[Token]) -> bool:
    """Whether this is the `000` of `1,000`: glued to a comma that is glued to a number."""
    return (
        len(before) == 2
        and before[0].token_type == TokenType.NUMBER
        and before[1].token_type == TokenType.COMMA
        and before[0].end + 1 == before[1].start
        and before[1].end + 1 == token.start
        and _THREE_DIGITS.fullmatch(text[token.start : token.end + 1]) is not None
    )


def _without_data(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with each list of literals after IN cut to one, and rows of literals after VALUES to the first."""
    kept: list[Token] = []
    i = 0
    while i < len(tokens):
        kept.append(tokens[i])
        i += 1
        if tokens[i - 1].token_type == TokenType.IN and (end := _end_of_literals(tokens, i)):
            kept += [tokens[i], tokens[i + 1], tokens[end]]
            i = end + 1
        elif tokens[i - 1].token_type == TokenType.VALUES and (end := _end_of_literals(tokens, i)):
            kept += tokens[i : end + 1]
            i = _end_of_rows(tokens, end + 1)
    return kept


def _end_of_literals(tokens: Sequence[Token], start: int) -> int:
    """The place of the bracket that ends `( literal , literal … )` at start; 0 where something else stands there."""
    if start + 2 >= len(tokens) or tokens[start].token_type != TokenType.L_PAREN:
        return 0
    for i in range(start + 1, len(tokens)):
        expected = _LITERALS if (i - start) % 2 else {TokenType.COMMA, TokenType.R_PAREN}
        if tokens[i].token_type not in expected:
            return 0
        if tokens[i].token_type == TokenType.R_PAREN:
            return i
    return 0


def _end_of_rows(tokens: Sequence[Token], start: int) -> int:
    """Where further rows `, ( literals )` end."""
    while start < len(tokens) and tokens[start].token_type == TokenType.COMMA:
        end = _end_of_literals(tokens, start + 1)
        if not end:
            return start
        start = end + 1
    return start
