"""What a parsed statement is: its kind, and the queries it holds."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import exp
from sqlglot.expressions import Expression
from sqlglot.tokens import Token, TokenType

from sqlalign.sql.guards import tokens_fault
from sqlalign.sql.parse import parse, tokenize
from sqlalign.sql.walk import is_plain_pair


class Query(NamedTuple):
    """An outermost query, and the WITH clause of the statement around it (WITH … INSERT … SELECT)."""

    tree: Expression
    with_: Expression | None = None


QUERY_KINDS = frozenset("select sel with values from table pivot unpivot (".split())
# Kinds that can hold a query: one of these that cannot be read is a reject.
HOLDERS = frozenset("insert create merge update delete declare explain replace".split()) | QUERY_KINDS
# Control flow of scripts, and commands that may hold a query: counted by kind whether or not the parser knows them.
CONTROL = frozenset(
    """
    if else elseif elsif when while begin end loop for foreach repeat until case return leave iterate continue break
    goto print raise raiserror throw signal resignal waitfor open close fetch deallocate go commit rollback savepoint
    start exception call exec do assert set let copy export unload execute prepare cache refresh describe desc cursor
    """.split()
)
# Kinds that cannot hold a query: counted by kind even where the parser cannot read them.
OTHERS = frozenset(
    """
    alter drop grant revoke deny show use truncate rename comment analyze vacuum optimize msck add list put get remove
    rm ls lock unlock kill pragma attach detach reset discard cluster reindex checkpoint check repair load install
    uninstall undrop abort notify listen unlisten flush purge preload handler help shutdown restore backup save bulk
    dbcc clear uncache undo audit noaudit flashback associate disassociate sync exchange system watch delimiter source
    connect disconnect quit exit echo spool define undefine column whenever prompt security reassign import enable
    disable suspend resume move convert generate compute invalidate summarize
    """.split()
)
KINDS = QUERY_KINDS | HOLDERS | CONTROL | OTHERS


def kind_of(tokens: Sequence[Token], tree: Expression | None) -> str:
    """The statement's first keyword in lower case; that of the statement itself where WITH stands before it."""
    words = [t.text.lower().split()[0] for t in tokens[:64] if t.text not in ("(", "") and not t.text.isspace()]
    first = words[0] if words else ""
    if first != "with" or tree is None:
        is_assignment = len(words) > 1 and words[1] == ":="
        return "set" if is_assignment else first if first in KINDS else ""
    verbs = {exp.Insert: "insert", exp.Update: "update", exp.Delete: "delete", exp.Merge: "merge", exp.Create: "create"}
    return verbs.get(type(tree), "select")


def is_statement(tree: Expression) -> bool:
    """Whether a tree is a statement, not an expression that happens to parse (prose does)."""
    inner = tree
    while type(inner) in (exp.Subquery, exp.Paren):
        inner = inner.this
    if type(inner) is exp.Select:
        return bool(inner.expressions or inner.args.get("from_") or inner.args.get("kind"))
    if isinstance(inner, exp.Query | exp.Values | exp.DDL | exp.DML):
        return type(inner) is not exp.Table
    return not isinstance(
        inner,
        exp.Condition
        | exp.Alias
        | exp.Aliases
        | exp.Identifier
        | exp.Table
        | exp.Tuple
        | exp.Star
        | exp.Func
        | exp.Var
        | exp.Placeholder
        | exp.Parameter
        | exp.DataType
        | exp.Ordered
        | exp.Interval
        | exp.Kwarg,
    )


def queries_of(tree: Expression) -> list[Query]:
    """The outermost queries of a statement, in the order of its parts; none for a statement that holds none.

    VALUES alone is a query (DuckDB's PIVOT too), VALUES of an INSERT is not. A WITH above an INSERT belongs to the
    query inside it.
    """
    if is_query(tree) or type(_unpaired(tree)) in (exp.Values, exp.Pivot):
        return [Query(tree)]
    if isinstance(tree, exp.Insert | exp.Create) and is_query(tree.args.get("expression")):
        rest = [child for name, child in tree.args.items() if name not in ("expression", "with_")]
        return [Query(_unpaired(tree.args["expression"]), tree.args.get("with_")), *_inside(rest)]
    return _inside([tree])


def is_query(node: object) -> bool:
    """Whether a node is a SELECT or a set operation, in however many parentheses."""
    return isinstance(node, Expression) and isinstance(_unpaired(node), exp.Select | exp.SetOperation | exp.Subquery)


def _unpaired(node: Expression) -> Expression:
    """A node without the pairs of parentheses around it; a pair with clauses of its own stays if it holds a query."""
    while type(node) is exp.Paren or (type(node) is exp.Subquery and (is_plain_pair(node) or not is_query(node.this))):
        node = node.this
    return node


def _inside(values: list[object]) -> list[Query]:
    """Outermost SELECTs and set operations below some arguments, found without recursion."""
    found: list[Query] = []
    stack: list[object] = list(reversed(values))
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif is_query(value):
            found.append(Query(_unpaired(value)))  # type: ignore[arg-type]
        elif isinstance(value, Expression):
            stack.extend(reversed(list(value.args.values())))
    return found


_MAX_ATTEMPTS = 20


def embedded_queries(tokens: Sequence[Token], sql: str, dialect: str) -> list[Query]:
    """Queries in a statement that the parser cannot read as a whole: from SELECT or WITH to where its level ends."""
    found: list[Query] = []
    for literal in _texts_of_queries(tokens):
        inside = tokenize(literal, dialect) or []
        tree = parse(inside, literal, dialect) if inside and not tokens_fault(inside) else None
        found += [Query(tree)] if tree is not None and is_query(tree) else []
    i = 1
    for _ in range(_MAX_ATTEMPTS):
        i = _next_beginning(tokens, i)
        if i == len(tokens):
            break
        end = _end_of_level(tokens, i)
        tree = parse(tokens[i:end], sql, dialect)
        if tree is not None and is_query(tree) and is_statement(tree):
            found.append(Query(tree))
            i = end
        else:
            i += 1
    return found


def _texts_of_queries(tokens: Sequence[Token]) -> list[str]:
    """Strings that are queries to be run: UNLOAD ('SELECT …'), EXECUTE IMMEDIATE 'SELECT …', PREPARE … FROM '…'."""
    if tokens[0].text.lower() not in ("unload", "execute", "exec", "prepare"):
        return []
    strings = [t.text for t in tokens if t.token_type in (TokenType.STRING, TokenType.NATIONAL_STRING)]
    return [
        text for text in strings if text.lstrip("( \n\t").lower().startswith(("select ", "with ", "select\n", "with\n"))
    ]


def _next_beginning(tokens: Sequence[Token], start: int) -> int:
    for i in range(start, len(tokens)):
        word = tokens[i].text.upper()
        quoted = tokens[i].token_type in (TokenType.STRING, TokenType.IDENTIFIER)
        if not quoted and (word == "SELECT" or (word == "WITH" and _names_follow(tokens, i))):
            return i
    return len(tokens)


def _names_follow(tokens: Sequence[Token], i: int) -> bool:
    """`WITH name AS (` or `WITH RECURSIVE name`, not an option list."""
    words = [t.text.upper() for t in tokens[i + 1 : i + 4]]
    return len(words) == 3 and words[0] != "(" and (words[1] in ("AS", "(") or words[0] == "RECURSIVE")


def _end_of_level(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for i in range(start, len(tokens)):
        depth += (tokens[i].token_type == TokenType.L_PAREN) - (tokens[i].token_type == TokenType.R_PAREN)
        if depth < 0:
            return i
    return len(tokens)
