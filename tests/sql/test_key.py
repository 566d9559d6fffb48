import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlalign.sql.guards import MAX_CHARACTERS
from sqlalign.sql.key import key_of
from sqlalign.sql.template import template_statements
from sqlalign.sql.version import RULES


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("SELECT  a\nFROM\tt", "select a from t"),
        ("select A from T -- x", "select a from t"),
        ("/* x */ SELECT a /* y */ FROM t", "select a from t"),
        ("SELECT a FROM t WHERE b = 'x'", "select a from t where b = '_'"),
        ("SELECT a FROM t WHERE b = 42 AND c = 4.2", "select a from t where b = 1 and c = 1"),
        ("SELECT a FROM t WHERE b IN ('x')", "select a from t where b in ('_')"),
        ("SELECT a FROM t WHERE b IN (c, 2)", "select a from t where b in (c, 1)"),
        ("INSERT INTO t VALUES (1, 'x'), (2, 'y')", "insert into t values (1, '_')"),
        ('SELECT "A b" FROM t', 'select "A b" from t'),
        ("SELECT a FROM {{ ref('orders') }}", "select a from {{ x }}"),
        ("SELECT a FROM t WHERE b = ##name:int?5##", "select a from t where b = ##x##"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(sql: str, key: str) -> None:
    assert key_of(sql) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "SELECT a FROM t WHERE b = 'x'",
            "SELECT a FROM t WHERE b = 'a much longer text'",
        ),
        ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 1.5e10"),
        ("SELECT a FROM t WHERE b IN (1, 2)", "SELECT a FROM t WHERE b IN (1, 2, 3, 4)"),
        pytest.param(
            "SELECT a FROM t WHERE b IN (1)",
            "SELECT a FROM t WHERE b IN (1, 2, 3, 4)",
        ),
        ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b =\n 'x' -- why"),
        pytest.param(
            "SELECT a FROM t WHERE b =\n '/'",
            "SELECT a FROM t WHERE b = 'x'",
        ),
        ("SELECT a FROM {{ x }}", "SELECT a FROM {{ ref('t') }}"),
    ],
)
def test_what_shares_a_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t", "SELECT b FROM t"),
        ("SELECT a FROM t", "SELECT a FROM u"),
        ("SELECT a AS x FROM t", "SELECT a AS y FROM t"),
        ("SELECT a FROM t", "SELECT DISTINCT a FROM t"),
        ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = '1'"),
        ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = -1"),
        ("SELECT STRFTIME('%Y', a) FROM t", "SELECT STRFTIME('%Y-%m', a) FROM t"),
        ("SELECT f(a, 'year') FROM t", "SELECT f(a, 'x') FROM t"),
        ('SELECT "a" FROM t', 'SELECT "A" FROM t'),
    ],
)
def test_what_a_key_tells_apart(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_case_is_kept_where_functions_are_told_apart_by_it() -> None:
    assert key_of("SELECT argMax(a, b) FROM T", "clickhouse") == "SELECT argMax(a, b) FROM T"


def test_a_text_whose_quotes_do_not_end_is_its_own_key() -> None:
    assert key_of(" SELECT 'x FROM t ") == "SELECT 'x FROM t"


def test_texts_that_are_too_long_share_a_key() -> None:
    keys = {key_of("SELECT " + "a" * (MAX_CHARACTERS + n)) for n in range(2)}
    assert len(keys) == 1
    assert [s.reason for s in template_statements(keys.pop())] == ["too_long"]


def _same_templates(sql: str, dialect: str, rules: str = "canonical") -> None:
    key = key_of(sql, dialect)
    of_text, of_key = template_statements(sql, dialect, rules), template_statements(key, dialect, rules)
    assert [(s.kind, s.template, s.reason) for s in of_text] == [(s.kind, s.template, s.reason) for s in of_key], key


def test_a_golden_case_and_its_key_have_one_template(golden: Any) -> None:
    _same_templates(golden.sql, golden.dialect)
    key = key_of(golden.sql, golden.dialect)
    assert key_of(key, golden.dialect) == key


def test_a_real_query_and_its_key_have_one_template(real_queries: list[tuple[str, str]]) -> None:
    sample = random.Random(1).sample(real_queries, 1_500)
    for sql, dialect in sample:
        for rules in RULES:
            _same_templates(sql, dialect, rules)


def test_a_key_is_its_own_key(real_queries: list[tuple[str, str]]) -> None:
    for sql, dialect in real_queries:
        key = key_of(sql, dialect)
        assert key_of(key, dialect) == key


def test_comments_and_literals_leave_a_key_unchanged(real_queries: list[tuple[str, str]]) -> None:
    plain = [(sql, d) for sql, d in real_queries if re.search(r"= '[a-z]{3,}'", sql) and "--" not in sql]

    @settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(plain), st.text("bcfgjknpqrvz", min_size=3, max_size=12))
    def holds(query: tuple[str, str], word: str) -> None:
        sql, dialect = query
        changed = re.sub(r"= '[a-z]{3,}'", f"= '{word}'", sql)
        assert key_of(f"/* {word} */ {changed} -- {word}", dialect) == key_of(sql, dialect)

    holds()
