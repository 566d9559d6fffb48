import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlalign.sql.predictions import CUTS, clean_prediction

SQL = "SELECT a FROM t WHERE b = 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "error",
        "I'm sorry, I cannot tell.",
        "With regards to the values, select another one.",
        SQL,
        SQL + ";",
        f"  {SQL} ;\n\n",
        "SELECT\ta\tFROM t",
        f"({SQL}) UNION ({SQL})",
        f"WITH x AS ({SQL}) SELECT * FROM x",
        "VALUES (1, 2)",
        "SELECT a FROM t WHERE b = 'x;y'",
        'SELECT "a;b" FROM t',
        "SELECT a FROM t -- c;d",
        "/* c;d */ SELECT a FROM t",
        "SELECT a FROM t WHERE b &lt; 1",
        "SELECT a FROM t WHERE b = = 1\nGROUP BY c",
    ],
)
def test_leaves_a_lone_statement_and_what_is_no_sql(text: str) -> None:
    assert clean_prediction(text, "sqlite") == (text, ())


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        (f"{SQL}; SELECT 2", ("after_statement",)),
        (f"{SQL}; -- the singer's", ("after_statement",)),
        (f"{SQL} \\end{{code}} Comment: x; y", ("after_statement",)),
        (f"{SQL}</s>", ("after_statement",)),
        (f"```sql {SQL}```", ("code_fence",)),
        (f"```\n{SQL}\n```", ("code_fence",)),
        (f"```sql\n{SQL}", ("code_fence",)),
        (f"Sure:\n```sql\n{SQL}\n```\nIt returns a.", ("code_fence", "chatter")),
        (f"Here is the query: {SQL}", ("chatter",)),
        (f"[SOL] {SQL}", ("chatter",)),
        (f"<think>SELECT 2?</think>\n{SQL}", ("chatter",)),
        (f"{SQL}\n\nThis query returns a.", ("chatter",)),
        (f"**Query**\n\n{SQL}\n\n**Explanation** it returns a", ("chatter",)),
        (f"Here:\n```sql\n{SQL}; -- one\n```", ("code_fence", "chatter", "after_statement")),
    ],
)
def test_cuts_what_is_around_the_statement(text: str, cuts: tuple[str, ...]) -> None:
    sql, found = clean_prediction(text, "sqlite")
    assert (sql.strip(), found) == (SQL, cuts)


def test_backslash_escapes_only_where_the_dialect_has_them() -> None:
    text = r"SELECT 'it\'; x'; SELECT 2"
    assert clean_prediction(text, "mysql").sql == r"SELECT 'it\'; x'"
    assert clean_prediction(text, "sqlite").sql == r"SELECT 'it\'"


def test_unknown_dialect_counts_as_generic() -> None:
    assert clean_prediction("SELECT 1; x", "no such") == ("SELECT 1", ("after_statement",))


@given(st.text(alphabet="SELECT FROMab1;'\"`-/*()\n\t$[]", max_size=80))
def test_gives_a_part_of_the_text_and_known_cuts(text: str) -> None:
    sql, cuts = clean_prediction(text, "postgres")
    assert sql in text
    assert set(cuts) <= set(CUTS)
    assert cuts or sql == text
