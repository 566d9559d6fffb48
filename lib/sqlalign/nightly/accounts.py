"""Where every row and statement of each day went, and whether so many were rejected that the day must not count."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from sqlalign.errors import AccountingError
from sqlalign.profile import Accounting
from sqlalign.profiling import accounting_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FEW_STATEMENTS = 100
"""A day of fewer statements does not fail the run by itself: one bad query is a large share of them."""


class Accounts(NamedTuple):
    """The accounting of each day that has rows, and rows without a time, by what kept them from counting."""

    by_day: Mapping[dt.date, Accounting]
    undated: Mapping[str, int]


def accounts_of(ledger: "DataFrame") -> Accounts:
    """A ledger by `day` → its accounts, the two equations of each day checked. Raises AccountingError.

    Only sums reach the driver: a line for each day, entry and name; templates are one name.
    """
    named = ledger.selectExpr(
        "day", "entry", "CASE WHEN entry = 'template' THEN '' ELSE name END AS name", "executions", "shapes"
    )
    sums = named.groupBy("day", "entry", "name").agg({"executions": "sum", "shapes": "sum"})
    lines = sums.selectExpr("day", "entry", "name", "`sum(executions)` executions", "`sum(shapes)` shapes").toArrow()
    days = sorted(day for day in pc.unique(lines["day"]).to_pylist() if day is not None)
    by_day = {day: accounting_of(lines.filter(pc.equal(lines["day"], day))) for day in days}
    for accounting in by_day.values():
        accounting.check()
    return Accounts(by_day, accounting_of(lines.filter(pc.is_null(lines["day"]))).excluded)


def summed(accounts: Iterable[Accounting]) -> Accounting:
    """The accounting of several days together."""
    totals: dict[str, int | dict[str, int]] = {}
    for accounting in accounts:
        for name, value in accounting.as_dict().items():
            before = totals.get(name, {} if isinstance(value, dict) else 0)
            totals[name] = _added(before, value) if isinstance(value, dict) else before + value
    return Accounting(**totals)  # type: ignore[arg-type]


def _added(before: object, value: Mapping[str, int]) -> dict[str, int]:
    both = Counter(before) + Counter(value)  # type: ignore[call-overload]
    return dict(sorted(both.items()))


def check_rejects(by_day: Mapping[dt.date, Accounting], limit: float, source: str) -> None:
    """Raises AccountingError where more than the share `limit` of the statements of the run, or of one of its days
    (unless that has few), were rejected; the message names the commonest reasons."""
    several = len(by_day) > 1
    named = {"all its days together": summed(by_day.values())} if several or not by_day else {}
    named |= {
        f"day {day}": account for day, account in by_day.items() if not several or _judged(account) >= FEW_STATEMENTS
    }
    for what, account in named.items():
        share = 1 - account.parse_rate if _judged(account) else 0.0
        if share > limit:
            raise AccountingError(
                f"Of the statements of source '{source}', {what}, '{share:.1%}' were rejected "
                f"({commonest(account.rejected)}), more than max_reject_share {limit:g} allows. Nothing was committed. "
                "Check source.dialect and source.layout, or set max_reject_share higher."
            )


def _judged(account: Accounting) -> int:
    return account.templated + sum(account.rejected.values())


def commonest(counts: Mapping[str, int], most: int = 3) -> str:
    """The largest counts by name, e.g. "syntax_error 12, truncated 3"."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {n:,}" for name, n in ordered[:most])
