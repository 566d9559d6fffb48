"""WikiSQL's texts → SQL. They come from web tables: an aggregate stands before its column without parentheses, and a
column's name may be anything (`TABLEalias0.GDP_(_BN_)_FIELD`, `INT'S_FIELD`)."""

import re

_AGGREGATE = re.compile(r"(?i)^(\s*SELECT\s+)(COUNT|MAX|MIN|SUM|AVG)\s+(?!\()(\S+)(?=\s+FROM\s)")
_FIELD = re.compile(r"(?<!\S)(TABLEalias\d+\.)?(\S*_FIELD)(?!\S)")
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def mend_wikisql(sql: str) -> str:
    """`SELECT COUNT C_FIELD` → `SELECT COUNT(C_FIELD)` (MAX, MIN, SUM, AVG too), odd column names quoted.

    Only texts of WikiSQL's own grammar change; mending twice is mending once.
    """
    quoted = _FIELD.sub(lambda field: (field[1] or "") + _quoted(field[2]), sql)
    return _AGGREGATE.sub(r"\1\2(\3)", quoted)


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
