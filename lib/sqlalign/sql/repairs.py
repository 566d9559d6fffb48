"""Texts broken in a known way, mended: each repair has a name, is counted, and never touches a text that parses."""

import re
from collections.abc import Callable

from sqlalign.sql.placeholders import absorb, absorb_driver, has_placeholders
from sqlalign.sql.wikisql import mend_wikisql

# Quotes, blanks and brackets of word processors and other scripts, and what SQL has in their place.
_TYPOGRAPHIC = str.maketrans(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u00a0\u2212\uff0c\uff1b\uff08\uff09", "'''\"\"\" -,;()", "\u200b\ufeff"
)
_SPACED_OPERATOR = re.compile(r"!\s+=|<\s+>|<\s+=|>\s+=")
_INNER_QUOTE = re.compile(r"(?<=\w)'(?=\w)")
_THOUSANDS = re.compile(r"(?<![\w.,'\"])\d{1,3}(?:,\d{3})+(?![\w,'\"])")
_QUERY_STORE = re.compile(r"^\s*\(\s*@\w+[^()]*(?:\([^()]*\)[^()]*)*\)\s*(?=[A-Za-z(])")
_GO = re.compile(r"(?im)^[ \t]*go(?:[ \t]+\d+)?[ \t]*;?[ \t]*$")
_FENCE = re.compile(r"```\w*")
_TRAILING_COMMA = re.compile(r",\s*(?=(?:from|where|group|order|having|limit|\))\b|\))", re.I)
_PROSE = re.compile(r"\n[ \t\r]*\n(?=[ \t\r\n]{0,20}(?:[A-Z][a-z]+\b[^\n]*|#[^\n]*)(?:\n|$)).*", re.S)
_DIRECTORY = re.compile(
    r"(?is)\binsert\s+overwrite\s+(?:local\s+)?directory\s+(?:'[^']*'|\"[^\"]*\"|\S+)?(?:(?!\binsert\b).)*?(?=\b(?:select|with|from)\b)"
)


def _spaced_operator(sql: str) -> str:
    return _SPACED_OPERATOR.sub(lambda m: "".join(m[0].split()), sql)


def _inner_quote(sql: str) -> str:
    return _INNER_QUOTE.sub("''", sql)


def _thousands(sql: str) -> str:
    return _THOUSANDS.sub(lambda m: m[0].replace(",", ""), sql)


_ASSIGNMENT = re.compile(r"(@\w+\s*)[-+*/%&|^](=)")
_PARENTHESES = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_ROWSET = re.compile(
    rf"(?i)\b(openrowset|openxml|openjson|containstable|freetexttable)\s*{_PARENTHESES}(?:\s*with\s*(?:{_PARENTHESES}|\w+))?"
)
_INTO = re.compile(
    r"(?is)\binto\s+(?:(?:outfile|dumpfile)\s+'[^']*'(?:\s+(?:fields|columns|lines)\b(?:(?!\bfrom\b)[^;])*)?"
    r"|@\w+(?:\s*,\s*@?\w+)*)"
)
_CACHE_HINT = re.compile(r"(?i)\bsql_(?:no_)?cache\b")


def without_query_store_prefix(sql: str) -> str:
    """Query Store's `(@p1 int, …)` in front of the text it records is no SQL."""
    return _QUERY_STORE.sub("", sql)


# In the order in which they are tried, each on top of those before it.
REPAIRS: dict[str, Callable[[str], str]] = {
    "typographic_characters": lambda sql: sql.translate(_TYPOGRAPHIC),
    "spaced_operator": _spaced_operator,
    "stray_go": lambda sql: _GO.sub("", sql),
    "code_fence": lambda sql: _FENCE.sub("", sql),
    "driver_parameter": absorb_driver,
    "wikisql_grammar": mend_wikisql,
    "thousands_separator": _thousands,
    "quote_inside_word": _inner_quote,
    "placeholder_as_name": lambda sql: absorb(sql, as_names=True) if has_placeholders(sql) else sql,
    "compound_assignment": lambda sql: _ASSIGNMENT.sub(r"\1\2", sql),
    "rowset_function": lambda sql: _ROWSET.sub(r"\1()", sql),
    "select_into_variable": lambda sql: _INTO.sub(" ", sql),
    "cache_hint": lambda sql: _CACHE_HINT.sub(" ", sql),
    "insert_directory": lambda sql: _DIRECTORY.sub("", sql),
    "trailing_comma": lambda sql: _TRAILING_COMMA.sub(" ", sql),
    "trailing_prose": lambda sql: _PROSE.sub("", sql),
}

# Dialects whose users' texts are often filed under the other's name.
SISTERS = {
    "hive": ("spark", "trino"),
    "spark": ("hive", "databricks"),
    "databricks": ("spark", "hive"),
    "athena": ("trino", "hive"),
    "trino": ("presto",),
    "presto": ("trino",),
    "redshift": ("postgres",),
    "materialize": ("postgres",),
    "fabric": ("tsql",),
    "": ("postgres", "mysql", "duckdb"),
}
