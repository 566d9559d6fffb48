"""sqlglot without its compiled modules gives the same templates."""

import json
import subprocess
import sys
from typing import Any

import pytest
from sqlglot import parser

from sqlalign.sql.template import template_statements

# Each module of sqlglot lies there twice, as Python and compiled; a finder that knows only Python comes first.
PROGRAM = """
import json, sys
from importlib.machinery import FileFinder, SourceFileLoader

class OnlyPython:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] != "sqlglot":
            return None
        for folder in path or sys.path:
            spec = FileFinder(folder, (SourceFileLoader, [".py"])).find_spec(name)
            if spec is not None:
                return spec
        return None

sys.meta_path.insert(0, OnlyPython())
from sqlglot import parser, tokenizer_core
from sqlalign.sql.template import template_statements
assert parser.__file__.endswith(".py") and tokenizer_core.__file__.endswith(".py")
for line in sys.stdin:
    sql, dialect = json.loads(line)
    print(json.dumps([list(s[:3]) for s in template_statements(sql, dialect)]))
"""


@pytest.fixture(scope="session")
def compiled() -> None:
    """Skips where sqlglot is not compiled: then there is nothing to compare."""
    if parser.__file__ is None or parser.__file__.endswith(".py"):
        pytest.skip("this sqlglot has no compiled modules")


def _pure(texts: list[tuple[str, str]]) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _compare(texts: list[tuple[str, str]]) -> None:
    found = _pure(texts)
    assert len(found) == len(texts)
    for (sql, dialect), pure in zip(texts, found, strict=True):
        assert [list(s[:3]) for s in template_statements(sql, dialect)] == pure, sql


def test_golden_cases(compiled: None, all_golden: list[Any]) -> None:
    _compare([(case.sql, case.dialect) for case in all_golden])


def test_real_queries(compiled: None, real_queries: list[tuple[str, str]]) -> None:
    _compare(real_queries[::6])
