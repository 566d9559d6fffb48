import pytest
import sqlglot
from sqlglot import exp

from sqlalign.sql.vocabulary import VOCABULARY
from sqlalign.sql.walk import Walker, is_plain_pair


def test_a_class_nobody_knows_is_other_and_counted() -> None:
    query = sqlglot.parse_one("SELECT a FROM t WHERE b = 1")
    parts = [exp.column("a"), sqlglot.parse_one("b + c")]
    query.expressions[0].replace(exp.AddConstraint(expressions=parts))
    template = Walker("canonical", "").template(query)
    assert template.text == "SELECT OTHER ( , + ) FROM WHERE ="
    assert template.unknown == {"AddConstraint": 1}


def test_walking_leaves_the_tree_as_it_was() -> None:
    query = sqlglot.parse_one("SELECT a, (b) FROM t, u WHERE NOT (c IN ((1), 2)) ORDER BY 1 LIMIT 3")
    before = query.copy()
    Walker("canonical", "").template(query)
    assert query == before


def test_depth_is_no_danger() -> None:
    condition: exp.Expression = exp.column("a")
    for _ in range(5_000):
        condition = exp.Paren(this=exp.Not(this=condition))
    text = Walker("written", "").template(exp.Select(expressions=[condition])).text
    assert text.split() == ["SELECT", *["(", "NOT"] * 5_000, *[")"] * 5_000]


@pytest.mark.parametrize(
    ("sql", "plain"),
    [("(SELECT 1)", True), ("(SELECT 1) LIMIT 1", False), ("((SELECT 1))", True), ("(a)", True), ("a", False)],
)
def test_a_plain_pair(sql: str, plain: bool) -> None:
    assert is_plain_pair(sqlglot.parse_one(sql)) is plain


def test_with_of_the_statement_stands_before_its_query() -> None:
    insert = sqlglot.parse_one("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", dialect="postgres")
    template = Walker("canonical", "postgres").template(insert.expression, insert.args["with_"])
    assert template.text == "WITH ( SELECT ) SELECT * FROM"
    assert VOCABULARY.issuperset(template.text.split())
