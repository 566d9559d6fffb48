"""What can go wrong, as a tree. Every message names the value, what was found or allowed, and the setting to change.

SqlalignError                 exit code 1: the run cannot go on
├── UsageError                exit code 2: what was asked for makes no sense
│   └── UnknownDialect
├── InputError                a file, table, column or layout that cannot be read
├── ProfileError              a profile that is missing, damaged or not comparable
├── AccountingError           the run's rows do not add up, or too many were rejected
├── ConfigError               faults of a configuration file, all at once
└── TableError                a table that is missing, half-written or of another schema

A bad query is never an exception: it is a row with a reason.
"""

import difflib
from collections.abc import Iterable


class SqlalignError(Exception):
    """Base of all errors a user can mend. Printed in one line."""

    exit_code = 1


class UsageError(SqlalignError):
    """The arguments ask for something that does not exist."""

    exit_code = 2


class UnknownDialect(UsageError):
    """A dialect that sqlglot does not have."""


class InputError(SqlalignError):
    """An input that is missing, empty or of another shape than asked for."""


class ProfileError(SqlalignError):
    """A profile that is missing, damaged, or not comparable with another."""


class AccountingError(SqlalignError):
    """Rows or statements of a run do not add up, or too many were rejected."""


class ConfigError(SqlalignError):
    """One or more faults in a configuration file."""


class TableError(SqlalignError):
    """A table that is missing, half-written, or of another schema version."""


def did_you_mean(value: str, allowed: Iterable[str]) -> str:
    """`" Did you mean 'spark'?"` for the nearest allowed name, or an empty string."""
    nearest = difflib.get_close_matches(value.lower(), list(allowed), n=1)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""
