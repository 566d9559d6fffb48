"""A rendering in one line: which tokens and which arguments of a node make its part of the template.

    this5 ~ BETWEEN low6 AND high6

| word        | meaning                                                                              |
|-------------|--------------------------------------------------------------------------------------|
| `BETWEEN`   | the token itself                                                                     |
| `low`       | the argument of that name; a list with commas between                                |
| `low6`      | an operand: in parentheses if it binds looser than rank 6                            |
| `joins+`    | a list set side by side, without commas                                              |
| `name?`     | asks whether the argument is there, renders nothing                                  |
| `[ a B ]`   | only if the first argument named in it is there                                      |
| `~`         | where NOT goes if the node is negated                                                |

A pattern is data: every token a template can get from it can be listed (`tokens_of`), and no string of a tree passes.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot.expressions import Expression

if TYPE_CHECKING:
    from sqlalign.sql.walk import Walker

Item = str | Expression
Rendering = Callable[[Expression, "Walker", bool], list[Item]]

_ARGUMENT = re.compile(r"([a-z_]+)([0-9+?]?)")


def tokens_of(pattern: str) -> set[str]:
    """The tokens a pattern can put into a template."""
    return {word for word in pattern.split() if word not in ("[", "]", "~") and not _ARGUMENT.fullmatch(word)} | (
        {"NOT"} if "~" in pattern.split() else set()
    )


def compile_pattern(pattern: str) -> Rendering:
    """The rendering a pattern describes."""
    steps = [_step(word) for word in _grouped(pattern.split())]

    def render(node: Expression, walker: "Walker", negated: bool) -> list[Item]:
        items: list[Item] = []
        for step in steps:
            items += step(node, walker, negated)
        return items

    return render


def _grouped(words: list[str]) -> list[str]:
    """Words, with each `[ … ]` as one."""
    grouped: list[str] = []
    depth = 0
    for word in words:
        if depth:
            grouped[-1] += " " + word
        else:
            grouped.append(word)
        depth += (word == "[") - (word == "]")
    return grouped


def _step(word: str) -> Rendering:
    if word == "~":
        return lambda node, walker, negated: ["NOT"] if negated else []
    if word.startswith("[ "):
        return _optional(word[2:-2])
    if argument := _ARGUMENT.fullmatch(word):
        return _argument(argument[1], argument[2])
    return lambda node, walker, negated: [word]


def _optional(inner: str) -> Rendering:
    names = [m[1] for word in inner.split() if (m := _ARGUMENT.fullmatch(word))]
    rendering = compile_pattern(inner)
    return lambda node, walker, negated: rendering(node, walker, negated) if node.args.get(names[0]) else []


def _argument(name: str, mark: str) -> Rendering:
    if mark == "?":
        return lambda node, walker, negated: []
    if mark == "+":
        return lambda node, walker, negated: list(nodes_of(node.args.get(name)))
    if mark:
        rank = int(mark)
        return lambda node, walker, negated: walker.operand(node.args.get(name), rank)
    return lambda node, walker, negated: with_commas(nodes_of(node.args.get(name)))


def nodes_of(value: object) -> list[Expression]:
    """The expressions of an argument: none, one, or those of a list (nested lists too); flags and strings are none."""
    if isinstance(value, Expression):
        return [value]
    if isinstance(value, list):
        return [node for part in value for node in nodes_of(part)]
    return []


def with_commas(nodes: list[Expression]) -> list[Item]:
    """Nodes with a comma between each two."""
    items: list[Item] = []
    for i, node in enumerate(nodes):
        if i:
            items.append(",")
        items.append(node)
    return items
