import pytest

from sqlalign.sql.parse import parse, tokenize
from sqlalign.sql.statements import CONTROL, HOLDERS, OTHERS, QUERY_KINDS, is_statement, kind_of, queries_of
from sqlalign.sql.template import template_statements


def kinds(sql: str, dialect: str = "postgres") -> list[str]:
    """The kind of each statement."""
    return [statement.kind for statement in template_statements(sql, dialect)]


def test_the_lists_of_kinds_do_not_overlap() -> None:
    assert OTHERS.isdisjoint(HOLDERS | QUERY_KINDS)
    assert CONTROL.isdisjoint(HOLDERS | QUERY_KINDS | OTHERS)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "select"),
        ("(SELECT 1)", "select"),
        ("((SELECT 1) UNION SELECT 2)", "select"),
        ("WITH x AS (SELECT 1) SELECT * FROM x", "select"),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "insert"),
        ("WITH x AS (SELECT 1) UPDATE t SET a = 1 FROM x", "update"),
        ("WITH x AS (SELECT 1) DELETE FROM t USING x", "delete"),
        ("VALUES (1)", "values"),
        ("INSERT INTO t VALUES (1)", "insert"),
        ("CREATE TABLE t (a INT)", "create"),
        ("Drop Table t", "drop"),
        ("alter table t add column b int", "alter"),
        ("GRANT anything AT all TO anyone", "grant"),
        ("VACUUM FULL t", "vacuum"),
        ("/* x */ BEGIN", "begin"),
    ],
)
def test_the_kind_is_the_first_keyword(sql: str, kind: str) -> None:
    tokens = tokenize(sql, "postgres") or []
    assert kind_of(tokens, parse(tokens, sql, "postgres")) == kind


@pytest.mark.parametrize("verb", ["SELECT", "INSERT", "CREATE", "MERGE", "UPDATE", "DELETE", "WITH"])
def test_what_could_hold_a_query_and_cannot_be_read_is_a_reject(verb: str) -> None:
    (statement,) = template_statements(f"{verb} ( + = ) ( nonsense ,,", "postgres")
    assert (statement.kind, statement.reason) == (verb.lower(), "syntax_error")


@pytest.mark.parametrize("verb", ["ALTER", "DROP", "GRANT", "SHOW", "USE", "ANALYZE", "TRUNCATE", "COMMENT", "VACUUM"])
def test_what_cannot_hold_a_query_is_counted_by_kind(verb: str) -> None:
    (statement,) = template_statements(f"{verb} ( + = ) ( nonsense ,,", "postgres")
    assert (statement.kind, statement.template, statement.reason) == (verb.lower(), None, None)


@pytest.mark.parametrize(
    ("sql", "yes"),
    [
        ("SELECT 1", True),
        ("FROM t", True),
        ("(SELECT 1)", True),
        ("VALUES (1)", True),
        ("DROP TABLE t", True),
        ("hello world", False),
        ("hello", False),
        ("a = 1", False),
        ("f(x)", False),
        ("(a, b)", False),
        ("1", False),
        ("a, b", False),
        ("CAST(a AS INT)", False),
        ("NOT a", False),
        ("a.b.c", False),
        ("INTERVAL '1 day'", False),
    ],
)
def test_an_expression_is_no_statement(sql: str, yes: bool) -> None:
    tree = parse(tokenize(sql, "duckdb") or [], sql, "duckdb")
    assert (tree is not None and is_statement(tree)) is yes


@pytest.mark.parametrize(
    ("sql", "queries"),
    [
        ("SELECT a FROM (SELECT b FROM t) x", 1),
        ("SELECT 1 UNION SELECT 2", 1),
        ("INSERT INTO t SELECT 1", 1),
        ("INSERT INTO t VALUES ((SELECT 1), (SELECT 2))", 2),
        ("UPDATE t SET a = (SELECT 1) WHERE b IN (SELECT 2) OR c = (SELECT (SELECT 3))", 3),
        ("DELETE FROM t WHERE EXISTS (SELECT 1)", 1),
        ("MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN MATCHED AND t.b > (SELECT 2) THEN DELETE", 2),
        ("CREATE VIEW v AS SELECT 1", 1),
        ("CREATE TABLE t (a INT)", 0),
        ("INSERT INTO t VALUES (1)", 0),
    ],
)
def test_outermost_queries_of_a_statement(sql: str, queries: int) -> None:
    tree = parse(tokenize(sql, "postgres") or [], sql, "postgres")
    assert tree is not None
    assert len(queries_of(tree)) == queries


def test_a_bad_statement_leaves_its_neighbours() -> None:
    statements = template_statements("SELECT a FROM t; SELECT FROM WHERE; DROP TABLE t; hello world; SELECT b FROM u")
    assert [s.kind for s in statements] == ["select", "select", "drop", "", "select"]
    assert [s.reason for s in statements] == [None, "syntax_error", None, "not_a_statement", None]
    assert [s.template for s in statements] == ["SELECT FROM", None, None, None, "SELECT FROM"]


def test_control_flow_is_counted_by_kind() -> None:
    sql = "DECLARE @i INT = 0 WHILE @i < 3 BEGIN SET @i = @i + 1 IF @i = 2 PRINT 'x' ELSE EXEC p END RETURN"
    assert kinds(sql, "tsql") == "declare while begin set if print else exec end return".split()
