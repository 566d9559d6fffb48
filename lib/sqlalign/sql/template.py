"""TEMPORARY STUB (lead is writing the real one)."""
import re
from typing import NamedTuple
import sqlglot
class Statement(NamedTuple):
    kind: str
    template: str | None
    reason: str | None = None
    repairs: tuple[str, ...] = ()
def template_statements(sql: str, dialect: str = "", rules: str = "canonical") -> list[Statement]:
    if not sql.strip(" \n\t;"):
        return [Statement("", None, "empty")]
    try:
        trees = sqlglot.parse(sql, dialect=dialect)
    except Exception:
        return [Statement("", None, "syntax_error")]
    out = []
    for t in trees:
        if t is None: continue
        if t.key in ("select", "union", "except", "intersect"):
            words = re.findall(r"[A-Z]+|[(),*=<>/+-]", t.sql(identify=True).upper())
            out.append(Statement("select", " ".join(w for w in words if w in VOCABULARY)))
        elif t.key in ("column", "alias"):
            out.append(Statement(t.key, None, "not_a_statement"))
        else:
            out.append(Statement(t.key, None))
    return out
from sqlalign.sql.vocabulary import VOCABULARY  # noqa
