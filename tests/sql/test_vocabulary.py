"""Nothing a user typed can reach a template: shown by the source, on poisoned trees, on real texts."""

import ast
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot.expressions import Expression
from sqlglot.tokens import TokenType

from sqlalign import sql as package
from sqlalign.sql.functions import UNKNOWN_FUNCTION, name_of_call
from sqlalign.sql.parse import parse, tokenize
from sqlalign.sql.split import split
from sqlalign.sql.statements import queries_of
from sqlalign.sql.template import template_statements
from sqlalign.sql.version import RULES
from sqlalign.sql.vocabulary import KEYWORDS, VOCABULARY
from sqlalign.sql.walk import Walker

SOURCES = Path(next(iter(package.__path__)))
CANARY = "zqxcanary"


def test_tokens_are_single_words_or_symbols() -> None:
    assert [t for t in VOCABULARY if not re.fullmatch(r"[A-Z_][A-Z0-9_]*|[^\sA-Za-z0-9'\"`;\\]+|\(\+\)", t)] == []


def test_keywords_are_the_words() -> None:
    assert {"SELECT", "COUNT", "NULL", "GROUP", "BY", "FUNC", "OTHER"} <= KEYWORDS <= VOCABULARY
    assert KEYWORDS & set("( ) [ ] , * = != < > || + - / % (+) -> :".split()) == set()


# Every place where the walker reads a string out of a tree or makes one, and why none of it is written.
LOOK_UPS = {
    "functions.name_of_call": "looked up in SECOND_NAMES and KNOWN_NAMES, else FUNC",
    "rules.aggregate_by_name": "the name goes to name_of_call",
    "rules.frame": "the word goes to _bound",
    "rules._bound": "looked up in FRAME_WORDS",
    "rules.from_clause": "compared with DUAL",
    "rules.for_clause": "compared with XML and JSON",
    "rules.time_travel": "compared with the names of versions",
    "joins._head": "only words of JOIN_WORDS are kept",
    "dates.anonymous": "looked up in FAMILY_OF_NAME, compared, or goes to name_of_call",
    "dates._is_one_code": "matched against a pattern of one code",
    "literals.is_now": "compared with 'now'",
    "literals._inside": "looked up in CONVERSIONS",
    "renderings._select_kind": "compared with STRUCT and VALUE",
    "renderings._by_class": "our own names look classes up, when the tables are made",
    "renderings._infix": "the rank goes into a pattern, when the tables are made",
    "walk.template": "joins tokens",
}
_READS = {"name", "sql", "text", "alias", "alias_or_name", "alias_column_names", "output_name", "named_selects"}
_READS |= {"key", "comments", "meta", "to_s", "format", "join", "upper", "lower", "title"}


def test_strings_of_a_tree_are_only_looked_up() -> None:
    found = set(_places_that_read_strings())
    assert found - LOOK_UPS.keys() == set(), "a new place reads a string: is it only looked up? then list it"
    assert LOOK_UPS.keys() - found == set(), "no longer there"


def _places_that_read_strings() -> Iterator[str]:
    for module in "rules joins dates patterns renderings walk functions literals precedence".split():
        tree = ast.parse((SOURCES / f"{module}.py").read_text(encoding="utf-8"))
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            if any(_reads_a_string(node) for node in ast.walk(function)):
                yield f"{module}.{function.name}"


def _reads_a_string(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in ("str", "repr", "format", "getattr")
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Attribute) and node.attr in _READS)


@pytest.mark.parametrize("rules", RULES)
def test_no_string_of_a_poisoned_tree_is_written(rules: str, all_golden: list[Any]) -> None:
    walked = 0
    for case in all_golden:
        for tree in _trees(case.sql, case.dialect):
            _poison(tree)
            for query in queries_of(tree):
                tokens = Walker(rules, case.dialect).template(query.tree, query.with_).text.split()
                assert VOCABULARY.issuperset(tokens), case.sql
                walked += 1
    assert walked > 1_000


def _trees(sql: str, dialect: str) -> Iterator[Expression]:
    for piece in split(tokenize(sql, dialect) or [], dialect):
        if (tree := parse(piece, sql, dialect)) is not None:
            yield tree


def _poison(tree: Expression) -> None:
    """Every string that an argument of a node holds becomes a canary."""
    for node in list(tree.walk()):
        for name, value in list(node.args.items()):
            if isinstance(value, str):
                node.args[name] = CANARY
            elif isinstance(value, list):
                node.args[name] = [CANARY if isinstance(part, str) else part for part in value]


def test_nothing_of_a_real_text_leaks(real_queries: list[tuple[str, str]]) -> None:
    @settings(max_examples=400, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(real_queries), st.randoms(use_true_random=False), st.sampled_from(RULES))
    def holds(query: tuple[str, str], rng: random.Random, rules: str) -> None:
        for statement in template_statements(_with_canaries(*query, rng), query[1], rules):
            assert statement.template is None or VOCABULARY.issuperset(statement.template.split())
            assert CANARY not in repr(statement).lower()

    holds()


def _with_canaries(sql: str, dialect: str, rng: random.Random) -> str:
    """The text with canaries for many of its names, strings, numbers, whatever the parser makes of it, and comments."""
    pieces, end = [], 0
    for token in tokenize(sql, dialect) or []:
        pieces += [sql[end : token.start], _canary(sql[token.start : token.end + 1], token.token_type, rng)]
        end = token.end + 1
    return f"/* {CANARY} */ {''.join(pieces)}{sql[end:]} -- {CANARY}"


def _canary(text: str, kind: TokenType, rng: random.Random) -> str:
    if rng.random() < 0.3:
        return text
    if kind in (TokenType.STRING, TokenType.IDENTIFIER) and len(text) > 1:
        return text[0] + CANARY + text[-1]
    if kind == TokenType.NUMBER:
        return "90210077"
    return CANARY if kind == TokenType.VAR and rng.random() < 0.5 else text


@pytest.mark.parametrize("name", ["my_udf", CANARY, "lower2", "__import__", "", "select", "öffnen"])
def test_a_function_nobody_knows_is_func(name: str) -> None:
    assert name_of_call(name) == UNKNOWN_FUNCTION


@given(st.text(max_size=30))
def test_any_name_of_a_function_gives_a_token(name: str) -> None:
    assert name_of_call(name) in VOCABULARY


def test_golden_templates_hold_only_the_vocabulary(all_golden: list[Any]) -> None:
    outside = Counter(
        token
        for case in all_golden
        for template in [*case.canonical, *(case.written or [])]
        for token in template.split()
        if token not in VOCABULARY
    )
    assert outside == Counter()
