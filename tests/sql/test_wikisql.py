import bz2
import json
from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ParseError, TokenError

from sqlalign.sql.wikisql import mend_wikisql


@pytest.mark.parametrize(
    ("sql", "mended"),
    [
        ("SELECT COUNT TABLEalias0.A_FIELD FROM TABLE ;", "SELECT COUNT(TABLEalias0.A_FIELD) FROM TABLE ;"),
        ("SELECT MAX A_FIELD FROM table ;", "SELECT MAX(A_FIELD) FROM table ;"),
        (
            "SELECT TABLEalias0.GDP_(_BN_)_FIELD FROM TABLE AS TABLEalias0 ;",
            'SELECT TABLEalias0."GDP_(_BN_)_FIELD" FROM TABLE AS TABLEalias0 ;',
        ),
        (
            "SELECT SUM INT'S_FIELD FROM table WHERE TOP-10_FIELD > var0 ;",
            'SELECT SUM("INT\'S_FIELD") FROM table WHERE "TOP-10_FIELD" > var0 ;',
        ),
        ('SELECT A_"B"_FIELD FROM table', 'SELECT "A_""B""_FIELD" FROM table'),
        ("SELECT COUNT(a) FROM t", "SELECT COUNT(a) FROM t"),
        ("", ""),
    ],
)
def test_mends_wikisqls_grammar_once(sql: str, mended: str) -> None:
    assert mend_wikisql(sql) == mended
    assert mend_wikisql(mended) == mended


def test_999_of_1000_real_texts_parse(shared_data: Path) -> None:
    with bz2.open(shared_data / "training_sets" / "wikisql.json.bz2", "rt") as opened:
        texts = [group["sql"][0] for group in json.load(opened)]
    assert len(texts) == 51159
    assert sum(map(_fails, texts)) <= len(texts) // 1000


def _fails(text: str) -> bool:
    try:
        sqlglot.parse(mend_wikisql(text), dialect="sqlite")
    except (ParseError, TokenError):
        return True
    return False
