"""What must not change a template, tried on real queries: names, literals, case, blanks, comments, parentheses, AS."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from sqlalign.sql.parse import parse, tokenize
from sqlalign.sql.template import template_statements
from sqlalign.sql.vocabulary import VOCABULARY

Mutation = Callable[[str, str, random.Random], str]

_QUOTES = {"bigquery": "``", "mysql": "``", "spark": "``", "hive": "``", "databricks": "``", "tsql": "[]"}
_COMPARISONS = (TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.GT, TokenType.LTE, TokenType.GTE, TokenType.LIKE)
_STRINGS = (TokenType.STRING, TokenType.NATIONAL_STRING)
_AFTER_AN_ALIAS = ("", ",", ")", "FROM", "JOIN", "ON", "WHERE", "LEFT", "INNER", "GROUP", "ORDER", "LIMIT")


def _spliced(sql: str, tokens: Sequence[Token], new: dict[int, str]) -> str:
    """The text with some tokens replaced, everything between them as it was."""
    pieces, end = [], 0
    for i, token in enumerate(tokens):
        pieces += [sql[end : token.start], new.get(i, sql[token.start : token.end + 1])]
        end = token.end + 1
    return "".join([*pieces, sql[end:]])


def _names(sql: str, dialect: str) -> dict[int, str]:
    """Places of the tokens that can only be names: identifiers of the tree that are no word of the vocabulary."""
    tokens = tokenize(sql, dialect) or []
    tree = parse(tokens, sql, dialect)
    if tree is None:
        return {}
    called = {t.text.upper() for t, after in zip(tokens, tokens[1:], strict=False) if after.text == "("}
    names = {str(node.this) for node in tree.find_all(exp.Identifier)}
    names = {n for n in names if n.isidentifier() and n.upper() not in VOCABULARY | called and len(n) > 2}
    return {i: t.text for i, t in enumerate(tokens) if t.token_type == TokenType.VAR and t.text in names}


def renamed(sql: str, dialect: str, rng: random.Random) -> str:
    """Each name another one."""
    new = {}
    for i, name in _names(sql, dialect).items():
        new[i] = f"{name}_{rng.choice('xyz')}{len(name)}"
    return _spliced(sql, tokenize(sql, dialect) or [], new)


def quoted(sql: str, dialect: str, rng: random.Random) -> str:
    """Some names in quotes."""
    opening, closing = _QUOTES.get(dialect, '""')
    new = {i: opening + name + closing for i, name in _names(sql, dialect).items() if rng.random() < 0.5}
    return _spliced(sql, tokenize(sql, dialect) or [], new)


def _compared(sql: str, dialect: str, other: Callable[[str, Token], str]) -> str:
    """The text with every literal after a comparison replaced."""
    tokens = tokenize(sql, dialect) or []
    new = {
        i: other(sql[t.start : t.end + 1], t)
        for i, t in enumerate(tokens)
        if i and tokens[i - 1].token_type in _COMPARISONS and t.token_type in (*_STRINGS, TokenType.NUMBER)
    }
    return _spliced(sql, tokens, new)


def other_literals(sql: str, dialect: str, rng: random.Random) -> str:
    """Every literal after a comparison another one."""
    return _compared(
        sql,
        dialect,
        lambda text, t: f"'k{rng.randrange(99)}'" if t.token_type in _STRINGS else str(rng.randrange(9**9)),
    )


def literals_in_parentheses(sql: str, dialect: str, rng: random.Random) -> str:
    """Every literal after a comparison in parentheses."""
    return _compared(sql, dialect, lambda text, t: f"({text})" if rng.random() < 0.5 else f"(({text}))")


def other_case(sql: str, dialect: str, rng: random.Random) -> str:
    """Every bare word in another case."""
    change = rng.choice([str.upper, str.lower, str.swapcase])
    tokens = tokenize(sql, dialect) or []
    spared = (*_STRINGS, TokenType.IDENTIFIER, TokenType.NUMBER)
    texts = {i: sql[t.start : t.end + 1] for i, t in enumerate(tokens) if t.token_type not in spared}
    return _spliced(sql, tokens, {i: change(text) for i, text in texts.items() if text.replace("_", "").isalnum()})


def _between(sql: str, dialect: str, fillings: Sequence[str], rng: random.Random) -> str:
    """The text with something else in every gap that is only blanks."""
    tokens = tokenize(sql, dialect) or []
    pieces, end = [], 0
    for token in tokens:
        gap = sql[end : token.start]
        pieces.append(rng.choice(fillings) if gap and not gap.strip() and "\n" not in gap and end else gap)
        pieces.append(sql[token.start : token.end + 1])
        end = token.end + 1
    return "".join([*pieces, sql[end:]])


def other_blanks(sql: str, dialect: str, rng: random.Random) -> str:
    """Other blanks between words."""
    return _between(sql, dialect, [" ", "  ", "\t", " \t "], rng)


def comments(sql: str, dialect: str, rng: random.Random) -> str:
    """Comments between words and around the text."""
    return "/* SELECT */ " + _between(sql, dialect, [" ", " /* FROM x; */ ", " -- JOIN '\n "], rng) + " -- ("


def without_as(sql: str, dialect: str, rng: random.Random) -> str:
    """Aliases without AS, but for the lists that demand it."""
    tokens = tokenize(sql, dialect) or []
    names = _names(sql, dialect)
    new: dict[int, str] = {}
    calls = [""]
    for i, token in enumerate(tokens[:-1]):
        if token.text == "(":
            calls.append(tokens[i - 1].text.upper() if i else "")
        elif token.text == ")":
            calls = calls[:-1] or [""]
        after = tokens[i + 2].text.upper() if i + 2 < len(tokens) else ""
        demanded = calls[-1] in ("REPLACE", "RENAME", "STRUCT")
        if token.text.upper() == "AS" and i + 1 in names and after in _AFTER_AN_ALIAS and not demanded:
            new[i] = ""
    return _spliced(sql, tokens, new)


MUTATIONS = [
    renamed,
    quoted,
    other_literals,
    literals_in_parentheses,
    other_case,
    other_blanks,
    comments,
    without_as,
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_template_is_unchanged_by(mutation: Mutation, real_queries: list[tuple[str, str]]) -> None:
    @settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(real_queries), st.randoms(use_true_random=False))
    def holds(query: tuple[str, str], rng: random.Random) -> None:
        sql, dialect = query
        before = template_statements(sql, dialect)
        if any(s.repairs or s.reason for s in before):
            return
        changed = mutation(sql, dialect, rng)
        after = template_statements(changed, dialect)
        assert [s.template for s in after] == [s.template for s in before], changed

    holds()
