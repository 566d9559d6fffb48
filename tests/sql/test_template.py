import logging

import pytest

from sqlalign.errors import UnknownDialect
from sqlalign.sql.dialects import check_dialect, is_known_dialect, known_dialects
from sqlalign.sql.template import Statement, template_statements
from sqlalign.sql.version import RULES

SQL = "SELECT a, COUNT(*) FROM t INNER JOIN u ON (t.i = u.i) WHERE b = 'x' GROUP BY a ORDER BY a ASC"


def test_a_statement_of_each_rule_set() -> None:
    canonical = "SELECT , COUNT ( * ) FROM JOIN ON = WHERE = GROUP BY ORDER BY"
    written = "SELECT , COUNT ( * ) FROM INNER JOIN ON ( = ) WHERE = GROUP BY ORDER BY ASC"
    assert template_statements(SQL) == [Statement("select", canonical)]
    assert template_statements(SQL, rules="written") == [Statement("select", written)]


def test_the_methods_own_example() -> None:
    sql = """SELECT "Free Meal Count (K-12)" / "Enrollment (K-12)" FROM frpm WHERE "County Name" = 'Alameda'
             ORDER BY (CAST("Free Meal Count (K-12)" AS REAL) / "Enrollment (K-12)") DESC LIMIT 1"""
    canonical, written = (template_statements(sql, "sqlite", rules)[0].template for rules in RULES)
    assert canonical == "SELECT / FROM WHERE = ORDER BY CAST ( ) / DESC LIMIT"
    assert written == "SELECT / FROM WHERE = ORDER BY ( CAST ( ) / ) DESC LIMIT"


@pytest.mark.parametrize("sql", ["", " \n", ";", "-- x", "/* x */;;"])
def test_no_statement_is_one_reject(sql: str) -> None:
    assert template_statements(sql) == [Statement("", None, "empty")]


def test_an_unknown_dialect_is_a_reject_and_not_raised() -> None:
    assert template_statements(SQL, "sparksql") == [Statement("", None, "unknown_dialect")]


def test_checking_a_dialect_names_the_nearest() -> None:
    assert check_dialect("") == ""
    assert check_dialect("spark") == "spark"
    with pytest.raises(UnknownDialect, match=r"Unknown dialect 'sparksql'.*'spark'.*--dialect"):
        check_dialect("sparksql")


def test_every_dialect_reads_a_plain_query() -> None:
    assert len(known_dialects()) >= 30
    assert all(is_known_dialect(name) for name in known_dialects())
    for dialect in set(known_dialects()) - {"prql", "dax", "solr", "tableau"}:
        assert template_statements("SELECT a FROM t WHERE b = 1", dialect)[0].template == "SELECT FROM WHERE =", dialect


@pytest.mark.parametrize("sql", ["SELECT secret FROM WHERE 'secret'", "ALTER secret 'secret'", "SELECT 'secret"])
def test_no_log_line_holds_a_text(sql: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        template_statements(sql, "postgres")
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "sql",
    [SQL, "SELECT FROM WHERE", "DROP TABLE t", "", "SELECT '", "{% if x %}", "SELECT a; DROP TABLE t; SELECT FROM,"],
)
def test_exactly_one_of_template_reason_and_kind(sql: str) -> None:
    for statement in template_statements(sql):
        other = statement.template is None and statement.reason is None
        assert (statement.template is not None) + (statement.reason is not None) + other == 1
        assert statement.kind or not other


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [("TABLE t", "postgres"), ("SEL a FROM t", "teradata")],
)
def test_every_statement_has_a_kind(sql: str, dialect: str) -> None:
    assert all(statement.kind for statement in template_statements(sql, dialect))
