"""From a file to the checked configuration, or to all of its faults."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sqlalign.config.model import UNION_TAGS, FiltersSection, NightlyConfig, SourceSection, StoreSection
from sqlalign.config.tree import Fault, Place, Tree, dotted
from sqlalign.errors import ConfigError, did_you_mean
from sqlalign.sources.filters import QueryFilter


def read_config(path: str | Path, environment: Mapping[str, str] = os.environ) -> NightlyConfig:
    """The configuration of a file. Raises ConfigError with one fault a line: FILE:LINE: KEY: what is wrong."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"Configuration '{path}' cannot be read: {error.strerror}. Set --config.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"Configuration '{path}' is not UTF-8 text. Set --config to a YAML file.") from error
    return parse_config(text, str(path), environment)


def parse_config(text: str, name: str = "<text>", environment: Mapping[str, str] = os.environ) -> NightlyConfig:
    """The configuration of a YAML text; `name` stands for it in the faults. Raises ConfigError with all of them."""
    tree = Tree(environment)
    values = tree.read(text)
    config = None
    if values is not None:
        try:
            config = NightlyConfig.model_validate(values)
        except ValidationError as error:
            found = [(_place(each["loc"]), each) for each in error.errors()]
            tree.faults += [_fault(tree, place, each) for place, each in found if place not in tree.unreadable]
    if tree.faults or config is None:
        faults = sorted(set(tree.faults), key=lambda fault: (fault.line, fault.key))
        raise ConfigError("\n".join(f"{name}:{fault}" for fault in faults))
    return config


def _place(loc: tuple[str | int, ...]) -> Place:
    return tuple(part for part in loc if part not in UNION_TAGS)


def _fault(tree: Tree, place: Place, error: Any) -> Fault:
    return Fault(tree.line(place), dotted(place), _message(error, place))


def _message(error: Any, place: Place) -> str:
    kind, found = error["type"], error["input"]
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        return f"unknown key '{place[-1]}'.{did_you_mean(str(place[-1]), known)} Known here: {', '.join(known)}"
    if kind == "missing":
        return "the key is missing. Set it"
    if kind == "value_error":
        return str(error["ctx"]["error"]).removesuffix(".")
    hint = did_you_mean(str(found), re.findall(r"'(\w+)'", error["ctx"]["expected"])) if kind == "literal_error" else ""
    shown = "" if place[0] == "spark_conf" else ", not empty" if found is None else f", not '{_short(found)}'"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}{shown}.{hint}".removesuffix(".")


def _short(value: Any) -> str:
    text = json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _keys_at(place: Place) -> list[str]:
    sections: dict[Place, type[BaseModel]] = {
        (): NightlyConfig,
        ("store",): StoreSection,
        ("source",): SourceSection,
        ("filters",): FiltersSection,
    }
    return list(sections.get(place, QueryFilter).model_fields)
