import pytest

from sqlalign.sql.functions import CONVERSIONS, FAMILY_OF_NAME, KNOWN_NAMES, NAME_OF_CLASS, SECOND_NAMES, name_of_call
from sqlalign.sql.template import template_statements
from sqlalign.sql.vocabulary import VOCABULARY


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("julianday", "JULIANDAY"),
        ("JulianDay", "JULIANDAY"),
        ("substr", "SUBSTRING"),
        ("ceiling", "CEIL"),
        ("len", "LENGTH"),
        ("SUM", "SUM"),
        ("my_sum", "FUNC"),
    ],
)
def test_name_of_an_anonymous_call(name: str, token: str) -> None:
    assert name_of_call(name) == token


def test_every_name_a_call_can_get_is_in_the_vocabulary() -> None:
    assert KNOWN_NAMES | set(SECOND_NAMES.values()) | {"FUNC"} <= VOCABULARY


def test_families_are_classes_of_sqlglot_or_rules() -> None:
    assert set(FAMILY_OF_NAME.values()) & set(NAME_OF_CLASS) <= {"Coalesce"}


# In Postgres TO_TIMESTAMP of one argument counts seconds.
@pytest.mark.parametrize("name", sorted(CONVERSIONS))
def test_a_conversion_of_a_literal_is_a_literal(name: str) -> None:
    for dialect in ("snowflake", "clickhouse", *(["postgres"] if name != "TO_TIMESTAMP" else [])):
        (statement,) = template_statements(f"SELECT a FROM t WHERE b = {name}('2024-01-01') AND c > 1", dialect)
        assert statement.template == "SELECT FROM WHERE = AND >", dialect


@pytest.mark.parametrize("name", sorted(name for name, family in FAMILY_OF_NAME.items() if family == "DateTrunc"))
def test_a_truncation_by_any_name_is_one(name: str) -> None:
    (statement,) = template_statements(f"SELECT {name}('month', a) FROM t", "clickhouse")
    assert statement.template == "SELECT DATE_TRUNC ( ) FROM"


def test_a_qualified_call_is_the_users_whatever_its_last_name() -> None:
    for name in ("lower", "sum", "json_each", "date_trunc"):
        (statement,) = template_statements(f"SELECT x.{name}(a), y.x.{name}(a, b) FROM t", "bigquery")
        assert statement.template == "SELECT FUNC ( ) , FUNC ( , ) FROM", name
