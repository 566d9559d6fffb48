"""Texts made to hurt: each is templated or rejected with a reason. Inputs are bounded; nothing is timed."""

import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlalign.sql.guards import MAX_CHARACTERS, MAX_DEPTH, MAX_TOKENS
from sqlalign.sql.key import key_of
from sqlalign.sql.template import template_statements

DEEP = {
    "parentheses": lambda n: f"SELECT {'(' * n}1{')' * n}",
    "subqueries": lambda n: "SELECT * FROM (" * n + "SELECT 1" + ")" * n,
    "conditions": lambda n: f"SELECT 1 FROM t WHERE {'(a = 1 AND ' * n}b = 2{')' * n}",
    "calls": lambda n: f"SELECT {'ABS(' * n}a{')' * n}",
    "cases": lambda n: f"SELECT {'CASE WHEN a THEN ' * n}1{' END' * n}",
    "cases without an end": lambda n: f"SELECT {'CASE WHEN a THEN ' * n}1",
    "nots": lambda n: f"SELECT {'NOT ' * n}a",
    "signs": lambda n: f"SELECT {'- ' * n}a",
    "signs of bits": lambda n: f"SELECT {'~' * n}a",
    "arrays": lambda n: f"SELECT {'[' * n}1{']' * n}",
    "structs": lambda n: f"SELECT {chr(123) * n}'a': 1{chr(125) * n}",
    "open parentheses": lambda n: "(" * n,
    "exists": lambda n: f"SELECT 1 WHERE {'EXISTS (SELECT 1 WHERE ' * n}a{')' * n}",
    "joins": lambda n: f"SELECT 1 FROM {'(' * n}t{' JOIN u ON a = b)' * n}",
    "ctes": lambda n: "WITH x AS (" * n + "SELECT 1" + ") SELECT 1" * n,
    "lambdas": lambda n: f"SELECT f({'x -> ' * n}x)",
    "types": lambda n: f"SELECT CAST(a AS {'ARRAY<' * n}INT{'>' * n})",
    "cast chains": lambda n: f"SELECT a{'::int' * n}",
    "powers": lambda n: f"SELECT a{' ^ b' * n}",
    "intervals": lambda n: f"SELECT {'INTERVAL ' * n}'1' DAY",
    "explains": lambda n: f"{'EXPLAIN ' * n}SELECT 1",
    "priors": lambda n: f"SELECT {'PRIOR ' * n}a",
    "distincts": lambda n: f"SELECT {'DISTINCT ' * n}a",
    "begins": lambda n: f"{'BEGIN ' * n}SELECT 1{' END' * n}",
    "ifs": lambda n: f"{'IF a = 1 ' * n}SELECT 1",
    "else ifs": lambda n: f"SELECT {'CASE WHEN a THEN 1 ELSE ' * n}0{' END' * n}",
    "betweens": lambda n: f"SELECT a{' BETWEEN 1 AND 2' * n}",
    "brackets": lambda n: f"SELECT a{'[1]' * n}",
    "dots": lambda n: f"SELECT a{'.b' * n}",
    "operators without operands": lambda n: "! = " * n,
    "jsons": lambda n: f"SELECT a{' -> 1' * n}",
}
# What the guards do not count: here the parser's own recursion ends the process.
UNCOUNTED = ["types", "intervals", "operators without operands"]


@pytest.mark.parametrize(("shape", "dialect"), list(product(DEEP, ["", "bigquery", "tsql", "snowflake", "duckdb"])))
def test_depth_ends_in_a_template_or_a_reason(shape: str, dialect: str) -> None:
    for n in (50, MAX_DEPTH - 2, MAX_DEPTH + 1, 1_000):
        sql = DEEP[shape](n)
        statements = template_statements(sql, dialect)
        assert statements
        assert all((s.template is not None) + (s.reason is not None) <= 1 for s in statements)
        key_of(sql, dialect)


@pytest.mark.parametrize("shape", [shape for shape in DEEP if shape not in (*UNCOUNTED, "cast chains")])
def test_ten_thousand_levels_do_no_harm(shape: str) -> None:
    sql = DEEP[shape](10_000)
    assert template_statements(sql)
    key_of(sql)


@pytest.mark.parametrize("shape", UNCOUNTED)
def test_thirty_thousand_levels_do_no_harm(shape: str) -> None:
    program = "import sys; from sqlalign.sql.template import template_statements; template_statements(sys.stdin.read())"
    done = subprocess.run([sys.executable, "-c", program], input=DEEP[shape](30_000), text=True, capture_output=True)
    assert done.returncode == 0


@pytest.mark.parametrize("shape", ["parentheses", "subqueries", "calls", "cases", "nots", "exists", "ctes"])
def test_what_is_too_deep_never_reaches_the_parser(shape: str) -> None:
    assert [s.reason for s in template_statements(DEEP[shape](MAX_DEPTH + 2))] == ["too_deep"]


@pytest.mark.parametrize("shape", ["parentheses", "conditions", "calls", "cases", "joins"])
def test_a_hundred_levels_are_templated(shape: str) -> None:
    (statement,) = template_statements(DEEP[shape](100))
    assert statement.template


WIDE = {
    "ors": (lambda n: "SELECT 1 FROM t WHERE a = 1" + " OR a = 1" * n, 20_000),
    "ands": (lambda n: "SELECT 1 FROM t WHERE a = 1" + " AND a = 1" * n, 20_000),
    "sums": (lambda n: "SELECT a" + " + a" * n, 20_000),
    "concatenations": (lambda n: "SELECT a" + " || a" * n, 20_000),
    "unions": (lambda n: "SELECT 1" + " UNION ALL SELECT 1" * n, 3_000),
    "joins": (lambda n: "SELECT 1 FROM t" + " JOIN u ON a = b" * n, 3_000),
    "columns": (lambda n: "SELECT a" + ", a" * n, 50_000),
    "literals": (lambda n: "SELECT 1 FROM t WHERE a IN (0" + ", 1" * n + ")", 100_000),
    "rows": (lambda n: "INSERT INTO t VALUES (1)" + ", (1)" * n, 30_000),
    "branches": (lambda n: "SELECT CASE" + " WHEN a THEN 1" * n + " END", 20_000),
    "common tables": (lambda n: "WITH x AS (SELECT 1)" + ", y AS (SELECT 1)" * n + " SELECT 1", 3_000),
}


@pytest.mark.parametrize("shape", WIDE)
def test_long_lists_and_chains_are_templated(shape: str) -> None:
    make, n = WIDE[shape]
    (statement,) = template_statements(make(n))
    assert statement.reason is None
    assert statement.template is not None or statement.kind == "insert"


def test_a_long_list_of_literals_leaves_one_slot() -> None:
    make, n = WIDE["literals"]
    assert template_statements(make(n))[0].template == "SELECT FROM WHERE IN ( )"


def test_statements_many_as_they_are_keep_their_number() -> None:
    assert len(template_statements("SELECT 1;" * 5_000)) == 5_000


def test_what_is_too_long_or_has_too_many_tokens() -> None:
    assert [s.reason for s in template_statements("x" * (MAX_CHARACTERS + 1))] == ["too_long"]
    assert [s.reason for s in template_statements("SELECT " + "a," * MAX_TOKENS)] == ["too_many_tokens"]


@pytest.mark.parametrize(
    "sql",
    [
        "\x00",
        "SELECT \x00 FROM t",
        "\ud800",
        "SELECT '\ud800' FROM t",
        "\ufeffSELECT a FROM t",
        "SELECT a FROM t\x1a",
        "'",
        '"',
        "`",
        "/*",
        "/* /* */",
        "--",
        ";" * 1_000,
        "$$",
        "$x$",
        "{{",
        "}}",
        "{%",
        "${",
        "##",
        "\\",
        "SELECT 'a\\",
        "🦆" * 1_000,
        "SELECT " + "9" * 100_000,
        "SELECT 1e999999999",
        "SELECT 0x",
        "SELECT a FROM " + "x." * 200 + "t",
        "SELECT " + "a" * 1_000_000,
        "SELECT '" + "a" * 1_000_000 + "'",
        "-" * 100_000,
        "(" * 100_000,
        ")" * 100_000,
        "SELECT 1 /*" * 10_000,
        "{{ x }}" * 10_000,
        "##x## " * 10_000,
        "${x}" * 10_000,
        "SELECT '" + "it's " * 5_000,
        "1,000 " * 10_000,
        "! = " * 500,
        " " * 1_000_000,
        "\n" * 300_000,
        "SELECT %(x)s" + " %s" * 5_000,
        "{" * 1_000,
        "{{" * 1_000,
        "{#" * 1_000,
        "insert overwrite directory " * 200,
        "(@x int," * 5_000,
        "GO\n" * 20_000,
        "\n\nThe answer" * 5_000,
    ],
    ids=lambda sql: repr(sql[:20]),
)
@pytest.mark.parametrize("dialect", ["", "tsql", "bigquery"])
def test_odd_texts_end_in_statements(sql: str, dialect: str) -> None:
    assert template_statements(sql, dialect)
    key_of(sql, dialect)


_WORDS = "SELECT FROM WHERE ( ) , * = 'x' \" ` 1 a t JOIN ON AS CASE END WITH ; -- /* */ {{ x }} ${y} $1 ? : [ ] NOT IN"


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=40), st.sampled_from(["", "tsql", "mysql", "snowflake"]))
def test_any_words_end_in_statements(words: list[str], dialect: str) -> None:
    statements = template_statements(" ".join(words), dialect)
    assert statements
    assert all((s.template is not None) + (s.reason is not None) <= 1 for s in statements)


@given(st.text(max_size=200), st.sampled_from(["", "tsql", "clickhouse", "oracle"]))
def test_any_text_ends_in_statements(sql: str, dialect: str) -> None:
    assert template_statements(sql, dialect)
    key_of(sql, dialect)
