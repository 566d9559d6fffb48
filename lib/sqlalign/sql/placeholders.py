"""Placeholders of templating tools: absorbed where they stand for a value or a name, a reject where for structure."""

import re

# {{ x }}, ${x}, ##x##, and the psycopg and printf styles; {# #} is a comment.
# Each stops where the next of its kind begins, so that a text of openings alone costs no square of its length.
_COMMENT = re.compile(r"\{#(?:[^#{]|#(?!\})|\{(?!#))*#\}")
_BLOCK = re.compile(r"\{%(?:[^%{]|%(?!\})|\{(?!%))*%\}")
_MACRO = re.compile(r"\{\{(?:[^{}'\"]|'[^'{]*'|\"[^\"{]*\"|\{[^{}]*\}|\}(?!\}))*\}\}")
_ALWAYS = re.compile(_MACRO.pattern + r"|\$\{[^{}\n]*\}|##[A-Za-z_][^#\n]{0,200}##", re.S)
_DRIVER = re.compile(r"%\(\w+\)s|(?<![\w)\]\"'`%])\s%s\b|(?<=[(,=<>])%s\b|&&?\w+\.?|(?<!:):'\w+'|(?<!:):\"\w+\"")
_SQL_COMMENT = re.compile(r"--[^\n]*|/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/")
_NAME_FOLLOWS = re.compile(
    r"(?i)\b(?:from|join|into|table|update|view|as|using|overwrite|exists|schema|database|use|on|by|select|distinct)\s*$"
)
_STATEMENT_FOLLOWS = re.compile(
    r"(?i)\s*(?:--[^\n]*\n\s*)*(?:select|with|insert|create|merge|delete|update|declare|\(|\{\{|;)"
)
_GLUE = re.compile(r"[\w.`\"'$@\-\]\[]")

NAME, VALUE = "ph", "0"


def is_templated(sql: str) -> bool:
    """Whether a templating tool has to run before the text is SQL: control blocks, or nothing but macros."""
    if "{" not in sql:
        return False
    text = _SQL_COMMENT.sub(" ", _COMMENT.sub(" ", sql))
    if _BLOCK.search(text):
        return True
    return "{{" in text and not _MACRO.sub("", text).strip("; \n\t\r")


def has_placeholders(sql: str) -> bool:
    """Whether the text holds placeholders that no dialect reads itself."""
    return bool(_ALWAYS.search(sql) or _COMMENT.search(sql))


def normalise(sql: str) -> str:
    """The text with the inside of each placeholder taken out, its place and glue kept; the tool's comments are gone."""
    if "{" not in sql and "##" not in sql:
        return sql
    text = _BLOCK.sub("{% x %}", _COMMENT.sub(" ", sql))
    return _ALWAYS.sub(lambda m: {"{": "{{ x }}", "$": "${x}", "#": "##x##"}[m[0][0]], text)


def absorb(sql: str, as_names: bool = False) -> str:
    """The text with each placeholder in the shape of a value, or of a name where a name must stand.

    Glued to a neighbour it becomes a part of that name; before a statement (dbt's `{{ config(…) }}`) it is dropped.
    """
    return _replace(_ALWAYS, _COMMENT.sub(" ", sql), as_names)


def absorb_driver(sql: str) -> str:
    """The text with the parameters of database drivers and clients (`%s`, `%(x)s`, `&x`, `:'x'`) as values."""
    return _replace(_DRIVER, sql, False)


def _replace(pattern: re.Pattern[str], sql: str, as_names: bool) -> str:
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(sql):
        pieces += [sql[end : match.start()], _stand_in(sql, match, as_names)]
        end = match.end()
    return "".join([*pieces, sql[end:]])


def _stand_in(sql: str, match: re.Match[str], as_names: bool) -> str:
    before, after = sql[max(0, match.start() - 200) : match.start()], sql[match.end() : match.end() + 200]
    if (before and _GLUE.match(before[-1])) or (after and _GLUE.match(after[0])):
        return NAME
    if len(sql) - len(sql.lstrip()) == match.start() and _STATEMENT_FOLLOWS.match(after):
        return " "
    if as_names or _NAME_FOLLOWS.search(before) or after.lstrip().startswith("("):
        return f" {NAME} "
    return f" {VALUE} "
