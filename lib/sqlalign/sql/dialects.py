"""The dialects sqlglot reads."""

from sqlglot.dialects.dialect import Dialect

from sqlalign.errors import UnknownDialect, did_you_mean


def known_dialects() -> list[str]:
    """Names of all dialects, sorted; "" is sqlglot's generic one."""
    return sorted(Dialect.classes)


def is_known_dialect(name: str) -> bool:
    """Whether sqlglot can read the dialect."""
    return name in Dialect.classes


def check_dialect(name: str) -> str:
    """The name itself. Raises UnknownDialect, with the nearest known name, where sqlglot has no such dialect."""
    if not is_known_dialect(name):
        known = [d for d in known_dialects() if d]
        raise UnknownDialect(
            f"Unknown dialect '{name}'.{did_you_mean(name, known)} Set --dialect to one of: {', '.join(known)}."
        )
    return name
