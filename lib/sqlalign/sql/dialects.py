"""The dialects sqlglot reads."""

from functools import cache

from sqlglot.dialects.dialect import Dialect

from sqlalign.errors import UnknownDialect, did_you_mean


@cache
def known_dialects() -> frozenset[str]:
    """Names of all dialects; "" is sqlglot's generic one."""
    return frozenset(Dialect.classes)


def is_known_dialect(name: str) -> bool:
    """Whether sqlglot can read the dialect."""
    return name in known_dialects()


def check_dialect(name: str) -> str:
    """The name itself. Raises UnknownDialect, with the nearest known name, where sqlglot has no such dialect."""
    if not is_known_dialect(name):
        known = sorted(known_dialects() - {""})
        raise UnknownDialect(
            f"Unknown dialect '{name}'.{did_you_mean(name, known)} Set --dialect to one of: {', '.join(known)}."
        )
    return name
