"""The tables as Markdown, from schemas.py: `python -m sqlalign.report.tables docs/tables.md` renews the file."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalign.schemas import DAY_TABLES, SEGMENTS, TABLES, WINDOW_TABLES, Column

BEGIN, END = "<!-- generated from lib/sqlalign/schemas.py -->", "<!-- end of what is generated -->"


def schemas_markdown() -> str:
    """A section for each table: what a run replaces of it, its columns with their types and meanings."""
    return "\n\n".join(_section(name, columns) for name, columns in TABLES.items())


def _section(name: str, columns: Sequence[Column]) -> str:
    rows = [f"| `{c.name}` | {c.type} | {c.meaning.replace('|', chr(92) + '|')} |" for c in columns]
    head = ["| column | type | meaning |", "|---|---|---|"]
    return "\n".join([f"### {name}", "", _kind(name), "", *head, *rows])


def _kind(name: str) -> str:
    if name == "templates":
        return f"By day. Columns that `segments` names follow, as STRING; it may name {', '.join(SEGMENTS)}."
    if name in DAY_TABLES:
        return "By day."
    return "By window: `day` is its last day." if name in WINDOW_TABLES else "A row a committed run; it is the commit."


def renewed(text: str) -> str:
    """A text with the part between the two marks replaced."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n\n{schemas_markdown()}\n\n{END}", text)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
