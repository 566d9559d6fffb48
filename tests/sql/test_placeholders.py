import pytest

from sqlalign.sql.placeholders import absorb, absorb_driver, has_placeholders, is_templated, normalise


@pytest.mark.parametrize(
    ("sql", "absorbed"),
    [
        ("a = {{ x }}", "a =  0 "),
        ("a = {{ x | default('}') }} AND b", "a =  0  AND b"),
        ("FROM {{ ref('t') }} AS x", "FROM  ph  AS x"),
        ("FROM {{ db }}.t", "FROM ph.t"),
        ("FROM db.{{ t }}", "FROM db.ph"),
        ("FROM t_{{ x }}_daily", "FROM t_ph_daily"),
        ("`{{ project }}.d.t`", "`ph.d.t`"),
        ("'{{ date }}'", "'ph'"),
        ("a = ${x}", "a =  0 "),
        ("${db}.t", "ph.t"),
        ("a = ##x##", "a =  0 "),
        ("a = ##x:int?5##", "a =  0 "),
        ("{# a comment #}SELECT 1", " SELECT 1"),
        ("{{ config(x) }} SELECT 1", "  SELECT 1"),
        ("{{ config(x) }}\n-- why\nWITH x", " \n-- why\nWITH x"),
        ("SELECT {{ f }}(a)", "SELECT  ph (a)"),
        ("a = $1 AND b = ? AND c = :x", "a = $1 AND b = ? AND c = :x"),
    ],
)
def test_absorbed_as_a_value_a_name_or_a_part_of_one(sql: str, absorbed: str) -> None:
    assert absorb(sql) == absorbed


@pytest.mark.parametrize(
    ("sql", "absorbed"),
    [
        ("b = %(x)s", "b =  0 "),
        ("b =%s", "b = 0 "),
        ("b IN (%s,%s)", "b IN ( 0 , 0 )"),
        ("b = &x", "b =  0 "),
        ("b = :'x'", "b =  0 "),
        ("b LIKE '%s'", "b LIKE '%s'"),
        ("x::'y'", "x::'y'"),
        ("a % s", "a % s"),
    ],
)
def test_parameters_of_drivers(sql: str, absorbed: str) -> None:
    assert absorb_driver(sql) == absorbed


@pytest.mark.parametrize(
    ("sql", "yes"),
    [
        ("SELECT {% if x %} a {% endif %}", True),
        ("{{ query(x) }}", True),
        ("  {{ query(x) }} ;\n", True),
        ("{{ a }} {{ b }}", True),
        ("-- note\n{{ query(x) }} /* x */", True),
        ("SELECT {{ x }}", False),
        ("SELECT 1 -- {% if %}", False),
        ("SELECT 1 {# {% if %} #}", False),
        ("SELECT {'a': 1}", False),
        ("SELECT 1", False),
        ("", False),
    ],
)
def test_templating_that_has_to_run_first(sql: str, yes: bool) -> None:
    assert is_templated(sql) is yes


@pytest.mark.parametrize(
    ("sql", "yes"),
    [("{{ x }}", True), ("${x}", True), ("##x##", True), ("{# x #}", True), ("$1 ? :x @p #t", False), ("{x}", False)],
)
def test_placeholders_that_no_dialect_reads(sql: str, yes: bool) -> None:
    assert has_placeholders(sql) is yes


def test_normalised_texts_keep_places_and_glue() -> None:
    sql = "SELECT {{ secret }} FROM a_${secret} WHERE b = ##secret## {# secret #}"
    assert normalise(sql) == "SELECT {{ x }} FROM a_${x} WHERE b = ##x##  "
    assert normalise(normalise(sql)) == normalise(sql)
    assert [*absorb(sql).split()] == [*absorb(normalise(sql)).split()]
