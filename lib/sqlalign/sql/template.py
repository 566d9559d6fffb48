"""A text of SQL into the templates of its statements: the whole way on one screen.

    text → guards → placeholders → tokens → statements → tree (mended if need be) → queries → templates

Never raises for a bad text: what cannot be templated is a statement with a reason.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

from sqlglot import exp
from sqlglot.expressions import Expression
from sqlglot.tokens import Token

from sqlalign.sql.dialects import is_known_dialect
from sqlalign.sql.guards import TOO_MANY_TOKENS, text_fault, tokens_fault
from sqlalign.sql.key import key_of
from sqlalign.sql.parse import is_command, is_hive_of_athena, parse, tokenize, without_marker
from sqlalign.sql.placeholders import absorb, has_placeholders, is_templated
from sqlalign.sql.repairs import REPAIRS, SISTERS, without_query_store_prefix
from sqlalign.sql.split import T_SQL, split
from sqlalign.sql.statements import (
    CONTROL,
    HOLDERS,
    OTHERS,
    QUERY_KINDS,
    Query,
    embedded_queries,
    is_statement,
    kind_of,
    queries_of,
)
from sqlalign.sql.vocabulary import VOCABULARY
from sqlalign.sql.walk import Walker

EMPTY, SYNTAX_ERROR, NOT_A_STATEMENT = "empty", "syntax_error", "not_a_statement"
TEMPLATED_SQL, UNKNOWN_DIALECT, UNCLOSED_QUOTE = "templated_sql", "unknown_dialect", "unclosed_quote"
OUTSIDE_VOCABULARY, UNEXPECTED_TREE = "outside_vocabulary", "unexpected_tree"


class Statement(NamedTuple):
    """One query of a statement, or a statement that holds none.

    Exactly one holds: `template` is set; `reason` says why there is none; both are None and `kind` says what the
    statement is. `repairs` names what was mended before it could be read, `unknown` the classes rendered as OTHER.
    """

    kind: str
    template: str | None
    reason: str | None = None
    repairs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class _Reading(NamedTuple):
    """A statement's tree and where it came from."""

    kind: str
    queries: list[Query] | None
    repairs: tuple[str, ...] = ()


def template_statements(sql: str, dialect: str = "", rules: str = "canonical") -> list[Statement]:
    """The templates of a text's statements, in order.

    `dialect` is one of sqlglot's ("" is its generic one), `rules` "canonical" or "written". A text without any
    statement gives one reject with the reason `empty`.
    """
    if not is_known_dialect(dialect):
        return [reject(UNKNOWN_DIALECT)]
    if fault := text_fault(sql):
        return [reject(fault)]
    if is_templated(sql):
        return [reject(TEMPLATED_SQL)]
    text = absorb(sql) if has_placeholders(sql) else sql
    return _read(text, dialect, rules, templated="{{" in sql) or [reject(EMPTY)]


def reject(reason: str) -> Statement:
    """A text that gave nothing, and why."""
    return Statement("", None, reason)


def _read(text: str, dialect: str, rules: str, templated: bool) -> list[Statement]:
    tokens, mended, repairs = _tokens(text, dialect)
    if tokens is None:
        return [reject(UNCLOSED_QUOTE)]
    if tokens_fault(tokens) == TOO_MANY_TOKENS:
        # a long list of literals is data: what is left of it in the key may do
        mended = key_of(mended, dialect)
        tokens = tokenize(mended, dialect) or []
    if fault := tokens_fault(tokens):
        return [reject(fault)]
    if dialect == "athena":
        dialect, tokens = ("hive" if is_hive_of_athena(tokens) else "trino"), without_marker(tokens)
    statements = []
    for piece in split(tokens, dialect):
        statements += _templates_of(piece, mended, repairs, dialect, rules, templated)
    return statements


def _templates_of(
    piece: Sequence[Token], text: str, repairs: tuple[str, ...], dialect: str, rules: str, templated: bool
) -> list[Statement]:
    """The templates of one statement; a tree of a shape that no rule expects is a reject, not an exception."""
    try:
        reading = _statement(piece, text, dialect)
        reason = SYNTAX_ERROR if reading.kind and len(piece) > 1 else NOT_A_STATEMENT
        return _templates(reading, TEMPLATED_SQL if templated else reason, repairs, dialect, rules)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        return [reject(UNEXPECTED_TREE)]


def _tokens(text: str, dialect: str) -> tuple[list[Token] | None, str, tuple[str, ...]]:
    """The tokens of a text, of the mended text if a quote does not end, with what was mended."""
    if dialect in T_SQL and (shorter := without_query_store_prefix(text)) != text:
        return tokenize(shorter, dialect), shorter, ("query_store_prefix",)
    tokens = tokenize(text, dialect)
    if tokens is not None:
        return tokens, text, ()
    for mended, repairs in _mended(text):
        if (tokens := tokenize(mended, dialect)) is not None:
            return tokens, mended, repairs
    return None, text, ()


def _mended(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The text after each further repair that changes it, with the names of all repairs so far."""
    repairs: tuple[str, ...] = ()
    for name, repair in REPAIRS.items():
        changed = repair(text)
        if changed != text:
            text, repairs = changed, (*repairs, name)
            yield text, repairs


def _statement(tokens: Sequence[Token], text: str, dialect: str) -> _Reading:
    """The queries of one statement; None where it cannot be read."""
    tree = parse(tokens, text, dialect)
    kind = kind_of(tokens, tree)
    if _readable(tree):
        return _Reading(kind, queries_of(tree))
    if kind in HOLDERS | CONTROL and kind not in QUERY_KINDS:
        inner = embedded_queries(tokens, text, dialect)
        if inner:
            return _Reading(kind, inner)
    if kind in OTHERS | CONTROL or (kind not in QUERY_KINDS and (type(tree) is exp.Command or is_command(tokens))):
        return _Reading(kind or "command", [])
    return _mended_statement(kind, text[tokens[0].start : tokens[-1].end + 1], dialect)


def _readable(tree: Expression | None) -> TypeGuard[Expression]:
    return tree is not None and type(tree) is not exp.Command and is_statement(tree)


def _mended_statement(kind: str, text: str, dialect: str) -> _Reading:
    """The first reading that a repair, or a sister dialect, makes possible."""
    for mended, repairs in _mended(text):
        if (tree := _tree(mended, dialect)) is not None:
            return _Reading(kind or _kind(mended, dialect, tree), queries_of(tree), repairs)
    for sister in SISTERS.get(dialect, ()):
        if (tree := _tree(text, sister)) is not None:
            return _Reading(kind or _kind(text, sister, tree), queries_of(tree), (f"read_as_{sister}",))
    return _Reading(kind, None)


def _tree(text: str, dialect: str) -> Expression | None:
    tokens = tokenize(text, dialect)
    if not tokens or tokens_fault(tokens):
        return None
    tree = parse(tokens, text, dialect)
    return tree if _readable(tree) else None


def _kind(text: str, dialect: str, tree: Expression) -> str:
    return kind_of(tokenize(text, dialect) or [], tree)


def _templates(reading: _Reading, reason: str, repairs: tuple[str, ...], dialect: str, rules: str) -> list[Statement]:
    repairs = (*repairs, *reading.repairs)
    if reading.queries is None:
        return [Statement(reading.kind, None, reason)]
    if not reading.queries:
        return [Statement(reading.kind, None, None, repairs)]
    return [_template(query, reading.kind, repairs, dialect, rules) for query in reading.queries]


def _template(query: Query, kind: str, repairs: tuple[str, ...], dialect: str, rules: str) -> Statement:
    template = Walker(rules, dialect).template(query.tree, query.with_)
    if not VOCABULARY.issuperset(template.text.split()):
        return Statement(kind, None, OUTSIDE_VOCABULARY, repairs)
    return Statement(kind, template.text, None, repairs, tuple(sorted(template.unknown)))
