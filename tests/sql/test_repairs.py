import pytest

from sqlalign.sql.dialects import is_known_dialect
from sqlalign.sql.parse import parse, tokenize
from sqlalign.sql.repairs import REPAIRS, SISTERS
from sqlalign.sql.template import template_statements


@pytest.mark.parametrize(
    ("name", "sql", "mended"),
    [
        ("typographic_characters", "b = ‘x’ − 1", "b = 'x' - 1"),
        ("typographic_characters", "SELECT\u00a0a，b；", "SELECT a,b;"),
        ("spaced_operator", "a ! = 1 AND b < > 2 AND c >  = 3", "a != 1 AND b <> 2 AND c >= 3"),
        ("stray_go", "SELECT 1\nGO\n", "SELECT 1\n\n"),
        ("stray_go", "SELECT a AS go", "SELECT a AS go"),
        ("code_fence", "```sql\nSELECT 1\n```", "\nSELECT 1\n"),
        ("thousands_separator", "a > 1,000 AND b < 2,345,678", "a > 1000 AND b < 2345678"),
        ("thousands_separator", "f(1, 000) AND '1,000'", "f(1, 000) AND '1,000'"),
        ("thousands_separator", "IN (1,2,3,10,200)", "IN (1,2,3,10,200)"),
        ("quote_inside_word", "b = 'Women's Cup'", "b = 'Women''s Cup'"),
        ("wikisql_grammar", "SELECT COUNT a FROM t", "SELECT COUNT(a) FROM t"),
        ("trailing_comma", "SELECT a, FROM t", "SELECT a FROM t"),
        ("trailing_prose", "SELECT 1\n\nThis gives one.", "SELECT 1"),
        ("trailing_prose", "SELECT 1\n\nFROM t", "SELECT 1\n\nFROM t"),
        ("driver_parameter", "a = %(x)s", "a =  0 "),
    ],
)
def test_what_a_repair_does(name: str, sql: str, mended: str) -> None:
    assert " ".join(REPAIRS[name](sql).split()) == " ".join(mended.split())


@pytest.mark.parametrize("name", REPAIRS)
def test_mending_twice_is_mending_once(name: str, real_queries: list[tuple[str, str]]) -> None:
    for sql, _ in real_queries[:1_500]:
        once = REPAIRS[name](sql)
        assert REPAIRS[name](once) == once


def test_what_parses_is_never_mended(real_queries: list[tuple[str, str]]) -> None:
    for sql, dialect in real_queries:
        statements = template_statements(sql, dialect)
        if len(statements) == 1 and statements[0].repairs:
            tree = parse(tokenize(sql, dialect) or [], sql, dialect)
            assert tree is None or statements[0].reason or dialect in SISTERS or _only_a_command(sql, dialect), sql


def _only_a_command(sql: str, dialect: str) -> bool:
    tree = parse(tokenize(sql, dialect) or [], sql, dialect)
    return type(tree).__name__ == "Command"


def test_repairs_are_shown_with_the_template() -> None:
    (statement,) = template_statements("SELECT a FROM t WHERE b ! = 1 AND c > 1,000 AND", "postgres")
    assert (statement.reason, statement.repairs) == ("syntax_error", ())
    (statement,) = template_statements("SELECT a FROM t WHERE b ! = 1 OR c BETWEEN 1,000 AND 2,000", "postgres")
    assert statement.template == "SELECT FROM WHERE != OR BETWEEN AND"
    assert statement.repairs == ("spaced_operator", "thousands_separator")


def test_sisters_are_dialects() -> None:
    assert all(is_known_dialect(name) for name in {*SISTERS, *(d for sisters in SISTERS.values() for d in sisters)})
