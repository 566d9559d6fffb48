"""From a parsed query to its template: an explicit stack, so that depth is no danger.

Popping a token writes it; popping a node puts its rendering on the stack. What a node's rendering is, is data:
renderings.py. The walker adds the one thing a table cannot say: where precedence demands parentheses.
"""

from collections import Counter
from typing import NamedTuple

from sqlglot import exp
from sqlglot.expressions import Expression

from sqlalign.sql.patterns import Item
from sqlalign.sql.renderings import CANONICAL, NEGATABLE, UNKNOWN, WRITTEN, rank_of


class Template(NamedTuple):
    """Tokens of a query with a blank between, and the classes of nodes no rule is known for."""

    text: str
    unknown: Counter[str]


class Walker:
    """Renders the nodes of one tree under one of the rule sets."""

    def __init__(self, rules: str, dialect: str) -> None:
        self.written = rules == "written"
        self.dialect = dialect
        self.table = WRITTEN if self.written else CANONICAL
        self.unknown: Counter[str] = Counter()

    def template(self, query: Expression, with_: Expression | None = None) -> Template:
        """The template of a query that stands alone, after the WITH clause of its statement if that has one.

        Time and memory are linear in the size of the tree.
        """
        tokens: list[str] = []
        stack: list[Item] = [self.without_pair(query), *([with_] if with_ is not None else [])]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                tokens.append(item)
            else:
                # a required argument is missing where the parser built a node from a call with too few
                stack.extend(part for part in reversed(self.render(item)) if part is not None)
        return Template(" ".join(tokens), self.unknown)

    def render(self, node: Expression, negated: bool = False) -> list[Item]:
        """Tokens and nodes in the node's place."""
        rendering = self.table.get(type(node))
        if rendering is None:
            self.unknown[type(node).__name__] += 1
            rendering = UNKNOWN
        return rendering(node, self, negated)

    def operand(self, node: Expression | None, rank: int) -> list[Item]:
        """The node, in parentheses if it binds looser than `rank`; as typed under `written`."""
        if node is None:
            return []
        return ["(", node, ")"] if not self.written and rank_of(node) < rank else [node]

    def bare(self, node: Expression) -> Expression:
        """The node without the parentheses it was typed in; as it is under `written`."""
        while not self.written and type(node) is exp.Paren:
            node = node.this
        return node

    def without_pair(self, node: Expression) -> Expression:
        """A query without the pair of parentheses around it, unless the pair carries clauses of its own."""
        while not self.written and is_plain_pair(node):
            node = node.this
        return node

    def negation(self, node: Expression) -> list[Item]:
        """NOT over a node: in its usual place where it has one (NOT IN, IS NOT), else in front."""
        inner = self.bare(node.this)
        if type(inner) in NEGATABLE:
            return self.render(inner, negated=True)
        return ["NOT", *self.operand(node.this, 4)]


def is_plain_pair(node: Expression) -> bool:
    """Whether the node is only a pair of parentheses around a query or a join."""
    if type(node) is exp.Paren:
        return True
    return type(node) is exp.Subquery and not any(
        value for name, value in node.args.items() if name not in ("this", "alias")
    )
