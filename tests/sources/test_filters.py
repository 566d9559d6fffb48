"""Named filters: their description and its faults, what of a text they see, and which rows they take out."""

import pytest
from pydantic import ValidationError
from pyspark.sql import functions as F

from sqlalign.errors import ConfigError
from sqlalign.schemas import QUERIES
from sqlalign.sources import complete
from sqlalign.sources.filters import BUILT_IN, COMMENT_LIMIT, QueryFilter, apply_filters, comment_of, filters_of

DBT = '/* {"app": "dbt", "dbt_version": "1.8.0", "node_id": "model.shop.orders"} */\n'


@pytest.fixture
def queries(spark):
    """queries(row, ...): rows of the record from dictionaries, in order."""

    def make(*rows):
        names = [column.name for column in QUERIES if column.name in {key for row in rows for key in row}]
        values = [tuple(row.get(name) for name in names) for row in rows]
        return complete(spark.createDataFrame(values, ", ".join(f"`{name}` string" for name in names)).coalesce(1))

    return make


def excluded(queries, filters):
    """What `excluded` says of each row, in the order of query_id."""
    return [row.excluded for row in apply_filters(queries, filters).orderBy("query_id").collect()]


def test_a_match_is_exact_a_glob_or_a_regular_expression(queries):
    rows = queries(
        *[
            {"query_id": str(i), "user": user}
            for i, user in enumerate(["SVC_LOADER", "svc", "my_svc_x", "etl_12", "etl_x", "a.b", "axb", "a.b\n", None])
        ]
    )
    filters = [QueryFilter(name="f", column="user", matches=("svc_*", "/^etl_[0-9]+$/", "A.B"))]
    assert excluded(rows, filters) == ["f", None, None, "f", None, "f", None, None, None]


def test_a_question_mark_stands_for_one_character(queries):
    rows = queries(*[{"query_id": str(i), "role": role} for i, role in enumerate(["etl1", "etl", "etl12"])])
    assert excluded(rows, [QueryFilter(name="f", column="role", matches=("etl?",))]) == ["f", None, None]


def test_the_first_filter_that_hits_gives_the_name_and_older_names_stay(queries):
    rows = queries(
        {"query_id": "0", "user": "bob", "role": "etl"},
        {"query_id": "1", "user": "bob", "role": "etl", "excluded": "failed"},
        {"query_id": "2", "user": "ann", "role": "etl"},
        {"query_id": "3", "user": "ann", "role": "analyst"},
    )
    by_user = QueryFilter(name="bob", column="user", matches=("bob",))
    by_role = QueryFilter(name="etl", column="role", matches=("etl",))
    assert excluded(rows, [by_user, by_role]) == ["bob", "failed", "etl", None]
    assert excluded(rows, [by_role, by_user]) == ["etl", "failed", "etl", None]


def test_only_takes_out_what_does_not_match_and_what_has_no_value(queries):
    rows = queries(
        {"query_id": "0", "role": "ANALYST", "application": "hex"},
        {"query_id": "1", "role": "LOADER"},
        {"query_id": "2"},
        {"query_id": "3", "role": "ANALYST"},
    )
    filters = filters_of(
        only=[
            {"name": "analysts", "column": "role", "matches": ["analyst"]},
            {"name": "hex", "column": "application", "matches": ["hex"]},
        ]
    )
    assert excluded(rows, filters) == [None, "only:analysts", "only:analysts", "only:hex"]


def test_a_row_that_could_not_be_read_stays_a_reject(queries):
    rows = queries({"query_id": "0", "reject": "malformed_row"}, {"query_id": "1", "reject": "truncated"})
    assert excluded(rows, filters_of(only=[{"name": "f", "column": "role", "matches": ["x"]}])) == [None, "only:f"]


def test_filters_of_one_name_are_alternatives(queries):
    rows = queries({"query_id": "0", "user": "ann"}, {"query_id": "1", "role": "bi"}, {"query_id": "2", "user": "bob"})
    both = [{"name": "us", "column": "user", "matches": ["ann"]}, {"name": "us", "column": "role", "matches": ["bi"]}]
    assert excluded(rows, filters_of(only=both)) == [None, None, "only:us"]
    assert excluded(rows, filters_of(exclude=both)) == ["us", "us", None]


def test_rows_and_columns_stay_as_they_are(queries):
    rows = queries({"query_id": "0", "user": "bob", "sql": "SELECT 1"}, {"query_id": "1", "user": "bob"})
    filtered = apply_filters(rows, filters_of(exclude=["dbt", "looker"]))
    assert filtered.schema == rows.schema
    assert filtered.collect() == rows.collect()
    assert apply_filters(rows, []) is rows


@pytest.mark.parametrize(
    ("sql", "comment"),
    [
        ("/* head */ SELECT 1", "/* head "),
        ("  \n-- head\nSELECT 1", "-- head"),
        ("#standardSQL\n-- head\nSELECT 1", "-- head"),
        ("SELECT 1 /* tail */ ;\n", " tail */"),
        ("SELECT 1\n-- tail", "-- tail"),
        ("SELECT 1;\n  -- tail\n", "-- tail"),
        ("/* head */ SELECT 1\n/* tail */", "/* head \n tail */"),
        ("SELECT 1", ""),
        ("SELECT '/* x */' AS a", ""),
        ("SELECT a /* middle */ FROM t", ""),
        ("SELECT a -- middle\nFROM t", ""),
        ("/* never closed SELECT 1", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_comment_filter_sees_the_first_and_the_last_comment_only(spark, sql, comment):
    rows = spark.createDataFrame([(sql,)], "sql string")
    assert rows.select(comment_of(F.col("sql"))).first()[0] == comment


def test_a_runaway_comment_is_cut(spark):
    rows = spark.createDataFrame([("/*" + "x" * 100_000 + "*/ SELECT 1",)], "sql string")
    assert rows.select(F.length(comment_of(F.col("sql")))).first()[0] == COMMENT_LIMIT


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"sql": DBT + "SELECT 1"}, "dbt"),
        ({"sql": "SELECT 1\n" + DBT}, "dbt"),
        ({"sql": "SELECT 'app' AS x, '\"app\": \"dbt\"' AS y"}, None),
        ({"sql": "SELECT 1", "application": "dbt-snowflake"}, "dbt"),
        ({"sql": "SELECT 1", "application": "dbtlike"}, None),
        ({"sql": "SELECT 1", "query_tag": "dbt_invocation_id=7, team=finance"}, "dbt"),
        ({"sql": "-- Looker Query Context '{\"user_id\":7}'\nSELECT 1"}, "looker"),
        ({"sql": "SELECT 1", "query_tag": "looker-context-user_id=7"}, "looker"),
        ({"sql": 'SELECT 1\n/* { "tableau-query-origins": { "query-category": "Data" } } */'}, "tableau"),
        ({"sql": "SELECT 1", "application": "Tableau 2024.2"}, "tableau"),
        ({"sql": "-- Metabase:: userID: 1 queryType: MBQL queryHash: a\nSELECT 1"}, "metabase"),
        ({"sql": 'SELECT 1\n-- {"user":"@ann","url":"https://modeanalytics.com/shop/reports/1"}'}, "mode"),
        ({"sql": "SELECT 1", "application": "Apache Superset"}, "superset"),
        ({"sql": "INSERT INTO t SELECT 1", "statement_type": "INSERT"}, "etl_statements"),
        ({"sql": "CREATE TABLE t AS SELECT 1", "statement_type": "CREATE_TABLE_AS_SELECT"}, "etl_statements"),
        ({"sql": "SHOW TABLES", "statement_type": "SHOW"}, "client_generated"),
        ({"sql": "SELECT 1", "statement_type": "SELECT"}, None),
    ],
)
def test_built_in_filters(queries, row, name):
    assert excluded(queries({"query_id": "0"} | row), filters_of(exclude=list(BUILT_IN))) == [name]


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"name": "f", "column": "usr", "matches": ["x"]}, r"Filter 'f': unknown column 'usr'\. Did you mean 'user'\?"),
        ({"name": "f", "column": "user", "matches": []}, r"Filter 'f': matches is empty\."),
        ({"name": "f", "column": "user", "matches": ["//"]}, r"Filter 'f': the match '//' is empty\."),
        (
            {"name": "f", "column": "user", "matches": ["/a(/"]},
            r"Filter 'f': '/a\(/' is no regular expression: missing \)",
        ),
        ({"name": "f", "column": "user", "matches": ["/(?P<x>a)/"]}, r"Filter 'f': named groups"),
    ],
)
def test_faults_of_a_description_are_told(described, message):
    with pytest.raises(ValidationError, match=message):
        QueryFilter(**described)


def test_all_faults_are_told_at_once():
    with pytest.raises(ConfigError) as raised:
        filters_of(
            exclude=["dbtt", {"name": "f", "column": "usr", "matches": ["x"]}],
            only=[{"name": "g", "matches": ["x"]}, {"name": "h", "column": "user", "matches": ["x"], "mod": 1}],
        )
    assert str(raised.value).splitlines() == [
        "Unknown filter 'dbtt'. Did you mean 'dbt'? Built in are: dbt, looker, tableau, metabase, mode, superset, "
        "etl_statements, client_generated. Name one of them, or describe one with name, column and matches.",
        "Filter 'f': unknown column 'usr'. Did you mean 'user'? Set column to one of: user, role, application, "
        "database, schema, statement_type, query_tag, comment.",
        "Filter: 'column': Field required, found {'name': 'g', 'matches': ['x']}. "
        "Set name, column and matches of each filter.",
        "Filter: 'mod': Extra inputs are not permitted, found 1. Set name, column and matches of each filter.",
    ]
