"""Every class of the installed sqlglot: how it is rendered, and what it calls itself.

The fixture holds a line a class: its name, how it is rendered, and for a function sqlglot's names for it. When sqlglot
changes, the test shows the lines that differ: decide about each (a new class needs a rendering, or stands in no query),
then run this file as a program to write the fixture anew.
Changed names alter no template by themselves, since ours are frozen; they say which calls arrive as another class.
"""

import difflib
from pathlib import Path

import pytest
from sqlglot import exp

from sqlalign.sql import renderings, rules
from sqlalign.sql.functions import BUILT_IN, FAMILY_OF_NAME, NAME_OF_CLASS, SECOND_NAMES
from sqlalign.sql.precedence import INFIX, NEGATABLE_INFIX
from sqlalign.sql.renderings import CANONICAL, WRITTEN
from sqlalign.sql.vocabulary import VOCABULARY

FIXTURE = Path(__file__).parents[1] / "fixtures" / "sqlglot_classes.tsv"
CLASSES = {
    name: kind for name, kind in vars(exp).items() if isinstance(kind, type) and issubclass(kind, exp.Expression)
}
# Parts of DDL and of scripts, bases of other classes, inner parts of JSON paths.
NOT_IN_A_QUERY = "not in a query"
# Can stand in a query, has no rendering of its own: OTHER ( … ), counted by name.
OTHER = "OTHER"


def test_every_class_is_rendered_as_the_fixture_says() -> None:
    expected = FIXTURE.read_text(encoding="utf-8").splitlines()
    found = _found(expected)
    changed = list(difflib.unified_diff(expected, found, "sqlglot_classes.tsv", "installed sqlglot", lineterm="", n=0))
    assert not changed, "\n".join(changed)


def _found(expected: list[str]) -> list[str]:
    """The fixture's lines as they would be now; what was decided about classes in no table stays."""
    decided = dict(line.split("\t")[:2] for line in expected)
    return ["\t".join([name, _how(name, decided), *_names(kind)]) for name, kind in sorted(CLASSES.items())]


def _how(name: str, decided: dict[str, str]) -> str:
    """How a class is rendered, by the tables; where they do not list it, what was decided."""
    kind = CLASSES[name]
    if kind not in CANONICAL:
        return decided[name] if decided.get(name) in (NOT_IN_A_QUERY, OTHER) else "undecided"
    if kind in INFIX and name not in renderings._BY_RULE:
        return f"infix {INFIX[kind][0]}"
    if kind in NEGATABLE_INFIX:
        return f"infix {NEGATABLE_INFIX[kind]}"
    if CANONICAL[kind] is rules.nothing:
        return "nothing"
    if name in renderings.TRANSPARENT or name in renderings.TRANSPARENT_TO_EXPRESSION:
        return "what stands in it"
    if name in renderings.PATTERNS and name not in renderings._BY_RULE:
        return "pattern"
    return f"function {NAME_OF_CLASS[name]}" if CANONICAL[kind] is rules.known_class else "rule"


def _names(kind: type[exp.Expression]) -> list[str]:
    return [" ".join(kind.sql_names())] if issubclass(kind, exp.Func) and kind.__name__ in NAME_OF_CLASS else []


def test_only_classes_of_sqlglot_are_listed() -> None:
    listed = {*renderings.PATTERNS, *renderings.TRANSPARENT, *renderings.DROPPED, *renderings._BY_RULE, *NAME_OF_CLASS}
    assert sorted(listed - set(CLASSES)) == []


def test_no_class_is_listed_twice() -> None:
    tables = [renderings.PATTERNS, renderings.TRANSPARENT, renderings.TRANSPARENT_TO_EXPRESSION, renderings.DROPPED]
    names = [name for table in (*tables, renderings._BY_RULE) for name in table]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_written_differs_in_a_handful() -> None:
    assert {kind.__name__ for kind in WRITTEN if WRITTEN[kind] is not CANONICAL[kind]} == {"Paren", "TryCast"}


# Our name for a class where it is not sqlglot's first, other than J_S_O_N for JSON and the like.
RENAMED = {"AIForecast", "ExplodingGenerateSeries", "MD5NumberLower64", "MD5NumberUpper64", "SHA1Digest", "SHA2Digest"}


def test_our_names_are_sqlglots_first() -> None:
    for name, ours in NAME_OF_CLASS.items():
        theirs = CLASSES[name].sql_names()[0]  # type: ignore[attr-defined]
        assert ours == theirs or name in RENAMED or ours.replace("_", "") == theirs.replace("_", ""), name


def test_every_further_name_of_a_function_is_known() -> None:
    for name, ours in NAME_OF_CLASS.items():
        for further in CLASSES[name].sql_names()[1:]:  # type: ignore[attr-defined]
            assert SECOND_NAMES.get(further) == ours, (name, further)


def test_names_have_one_meaning() -> None:
    assert SECOND_NAMES.keys() & BUILT_IN == set()
    assert set(SECOND_NAMES.values()) <= VOCABULARY
    assert {name for name in SECOND_NAMES if name in set(NAME_OF_CLASS.values())} == set()


@pytest.mark.parametrize("names", [BUILT_IN, set(NAME_OF_CLASS.values()), set(SECOND_NAMES), set(FAMILY_OF_NAME)])
def test_names_are_single_upper_case_words(names: set[str]) -> None:
    assert [name for name in names if name != name.upper() or len(name.split()) != 1] == []


if __name__ == "__main__":
    FIXTURE.write_text("\n".join(_found(FIXTURE.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")
