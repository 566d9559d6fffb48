"""Every golden case, under both rule sets."""

from collections import Counter
from typing import Any

from sqlalign.sql.template import template_statements


def test_golden_cases(golden: Any) -> None:
    statements = template_statements(golden.sql, golden.dialect)
    assert [s.template for s in statements if s.template is not None] == golden.canonical
    assert [s.reason for s in statements if s.reason] == golden.reasons
    assert sorted({name for s in statements for name in s.repairs}) == sorted(golden.repairs)
    assert sorted({name for s in statements for name in s.unknown}) == sorted(golden.unknown)
    if golden.kinds is not None:
        assert [s.kind for s in statements] == golden.kinds
    if golden.written is not None:
        written = template_statements(golden.sql, golden.dialect, rules="written")
        assert [s.template for s in written if s.template is not None] == golden.written


def test_a_title_stands_once(all_golden: list[Any]) -> None:
    texts = Counter((case.title, case.dialect, case.sql) for case in all_golden)
    assert [key for key, n in texts.items() if n > 1] == []
