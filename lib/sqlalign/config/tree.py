"""A YAML text as plain values that know their lines, environment variables filled in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""Where a value stands: the keys and indexes from the top, e.g. ("filters", "exclude", 0)."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a key; `line` counts from 1."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.key}: {self.message}" if self.key else f"{self.line}: {self.message}"


@dataclass
class Tree:
    """A YAML text as plain values, the line of each, and what is wrong with it."""

    environment: Mapping[str, str]
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unreadable: set[Place] = field(default_factory=set)

    def read(self, text: str) -> dict[str, Any] | None:
        """The values, variables filled in; None where there is no mapping of keys to check."""
        try:
            node = yaml.compose(text, yaml.SafeLoader)
        except yaml.YAMLError as error:
            self.faults.append(_syntax_fault(error))
            return None
        if not isinstance(node, yaml.MappingNode):
            self.faults.append(Fault(1, "", "the file has no keys. Set at least store and source"))
            return None
        values: dict[str, Any] = self._value(node, (), ())
        return values

    def _value(self, node: yaml.Node, place: Place, above: tuple[int, ...]) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in above:
            self._add(place, "the alias stands within its own anchor. Write the value out")
            return None
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, place, (*above, id(node))))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*place, i), (*above, id(node))) for i, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _items(self, node: yaml.MappingNode, place: Place, above: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(line, dotted(place), "a key is no plain text. Write it as one word"))
                continue
            key = key_node.value
            inner = (*place, key)
            if key in first:
                self.faults.append(Fault(line, dotted(inner), f"the key stands in line {first[key]} already"))
                continue
            first[key] = line
            self.lines[inner] = line
            yield key, self._value(value_node, inner, above)

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            reason = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            self._add(place, f"'{node.value}' cannot be read: {reason}")
            return None
        return self._filled_in(value, place) if isinstance(value, str) else value

    def _filled_in(self, text: str, place: Place) -> str:
        return _VARIABLE.sub(lambda match: self._variable(match, place), text)

    def _variable(self, match: re.Match[str], place: Place) -> str:
        if match["escaped"]:
            return "${"
        name, default = match["name"], match["default"]
        if name is None:
            hint = "Write ${NAME}, ${NAME:-default}, or $${ for a plain ${"
            self._add(place, f"'{match[0]}' is no variable. {hint}")
            return ""
        value = self.environment.get(name) or (default if default is not None else self.environment.get(name))
        if value is None:
            self._add(place, f"the environment variable '{name}' is not set. Set it, or write ${{{name}:-default}}")
        return value or ""

    def _add(self, place: Place, message: str) -> None:
        self.unreadable.add(place)
        self.faults.append(Fault(self.lines[place], dotted(place), message))

    def line(self, place: Place) -> int:
        """The line of a key, or of the nearest one above a key that is missing."""
        return next(self.lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self.lines)


_VARIABLE = re.compile(r"(?P<escaped>\$\$\{)|\$\{(?:(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\})?")


def _syntax_fault(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unknown"
    return Fault(mark.line + 1 if mark else 1, "", f"no YAML: {problem}")


def dotted(place: Place) -> str:
    """A place as people write it, e.g. "filters.exclude[0]"."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
