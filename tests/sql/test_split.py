import pytest

from sqlalign.sql.parse import tokenize
from sqlalign.sql.split import split


def pieces(sql: str, dialect: str = "tsql") -> list[str]:
    """The text of each statement."""
    tokens = tokenize(sql, dialect) or []
    return [sql[piece[0].start : piece[-1].end + 1] for piece in split(tokens, dialect)]


def test_semicolons_separate_and_empty_statements_are_left_out() -> None:
    assert pieces(";; SELECT ';' ; /* ; */ SELECT 2;", "postgres") == ["SELECT ';'", "SELECT 2"]


def test_other_dialects_need_semicolons() -> None:
    assert len(pieces("SELECT 1 SELECT 2", "postgres")) == 1
    assert len(pieces("SELECT 1 SELECT 2", "tsql")) == len(pieces("SELECT 1 SELECT 2", "fabric")) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SELECT a FROM t", "SELECT b FROM u"),
        ("SELECT a INTO #x FROM t", "DROP TABLE #x"),
        ("DECLARE @x INT = 1", "SELECT @x"),
        ("DECLARE @x TABLE (a INT)", "INSERT INTO @x SELECT 1"),
        ("SET @x = 1", "UPDATE t SET a = @x"),
        ("USE shop", "EXEC p 1, 'select'"),
        ("INSERT INTO t (a) VALUES (1)", "DELETE FROM t WHERE a = 1"),
        ("INSERT INTO t SELECT a FROM u", "SELECT 1"),
        ("SELECT CASE WHEN a = 1 THEN 2 END FROM t", "SELECT 1"),
        ("WITH x AS (SELECT 1 AS a) SELECT a FROM x", "SELECT 2"),
        ("SELECT 1", "WITH x AS (SELECT 1 AS a) SELECT a FROM x"),
        ("SELECT a FROM t WHERE b IN (SELECT c FROM u)", "PRINT 'done'"),
        ("SELECT a FROM t UNION ALL SELECT a FROM u EXCEPT SELECT a FROM v", "SELECT 1"),
        ("UPDATE t SET a = (SELECT MAX(b) FROM u)", "SELECT 1"),
        (
            "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED THEN DELETE",
            "SELECT 1",
        ),
        ("CREATE TABLE #x (a INT)", "INSERT #x EXEC p"),
        ("SELECT a FROM t WITH (NOLOCK)", "SELECT 1"),
        ("SELECT [select], [from].[go] FROM [union]", "SELECT 1"),
        ("DECLARE c CURSOR FOR SELECT a FROM t", "OPEN c"),
        ("SELECT a FROM t FOR XML PATH('select')", "SELECT 1"),
    ],
)
def test_two_statements_of_tsql_without_a_semicolon(first: str, second: str) -> None:
    assert pieces(f"{first}\n{second}") == [first, second]


def test_go_separates_on_a_line_of_its_own() -> None:
    assert pieces("SELECT 1\nGO\nSELECT 2\nGO\n") == ["SELECT 1", "GO", "SELECT 2", "GO"]
    assert pieces("SELECT a AS go FROM t") == ["SELECT a AS go FROM t"]


def test_go_may_have_a_count() -> None:
    assert pieces("SELECT 1\nGO 3\nSELECT 2") == ["SELECT 1", "GO 3", "SELECT 2"]


def test_every_token_is_in_one_statement() -> None:
    sql = "IF @a = 1 BEGIN SELECT 1 END ELSE SELECT 2 WHILE 1 = 1 BEGIN SET @a = 2 BREAK END"
    tokens = tokenize(sql, "tsql") or []
    assert [token for piece in split(tokens, "tsql") for token in piece] == tokens


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT TOP 10 WITH TIES a FROM t ORDER BY a",
        "SELECT a FROM t FOR JSON AUTO, INCLUDE_NULL_VALUES",
    ],
)
def test_one_statement_is_not_split(sql: str) -> None:
    assert pieces(sql) == [sql]


@pytest.mark.parametrize("columns", ["", " (a)"])
def test_a_with_above_an_insert_is_not_split(columns: str) -> None:
    sql = f"WITH x AS (SELECT 1 AS a) INSERT INTO t{columns} SELECT a FROM x"
    assert pieces(sql) == [sql]
