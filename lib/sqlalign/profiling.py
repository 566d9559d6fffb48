"""Queries → a profile: the whole job as one visible sequence. One Spark action; all else derives from its ledger."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sqlalign import steps
from sqlalign.errors import InputError
from sqlalign.ngrams import MAX_N
from sqlalign.profile import Accounting, Profile, templates_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def profile_queries(
    queries: "DataFrame",
    *,
    name: str,
    kind: str,
    rules: str = "canonical",
    max_n: int = MAX_N,
    predicted_for: str | None = None,
    layout: str | None = None,
    origin: str | None = None,
    licence: str | None = None,
) -> Profile:
    """The profile of all rows of a source. The same rows give the same profile, whatever their partitions and order.

    Only the ledger reaches the driver: a line per distinct template (thousands, seldom a hundred thousand), reason and
    kind. The texts and keys stay with Spark. Raises UsageError for options that cannot be, InputError where there is no
    row or no statement with a template, AccountingError where rows or statements do not add up.
    """
    # made first and empty: what is wrong with the options must not wait for the work
    blank = Profile(
        name=name,
        kind=kind,
        rules=rules,
        max_n=max_n,
        predicted_for=predicted_for,
        layout=layout,
        origin=origin,
        licence=licence,
        templates=templates_table(()),
    )
    ledger = collect_ledger(queries, rules)
    accounting = accounting_of(ledger)
    accounting.check()
    _check_any(name, accounting)
    return replace(
        blank,
        dialects=tuple(sorted({line["dialect"] for line in _lines(ledger, "template")})),
        accounting=accounting,
        keys=sum(line["shapes"] for line in _lines(ledger, "row")),
        templates=templates_of(ledger),
    )


def collect_ledger(queries: "DataFrame", rules: str) -> pa.Table:
    """read → key → statements → ledger: the one action, parsing each distinct key once."""
    return (
        queries.transform(steps.with_key)
        .transform(steps.count_keys)
        .transform(partial(steps.with_statements, rules=rules))
        .transform(steps.count_entries)
        .toArrow()
    )


def _check_any(name: str, accounting: Accounting) -> None:
    """Raises InputError where there is nothing that a profile could hold."""
    if not accounting.rows_read:
        raise InputError(f"The input of profile '{name}' has no rows. Give INPUT that has some.")
    if not accounting.templated:
        counts = {**accounting.rejected, **accounting.other_kinds, **accounting.excluded}
        found = ", ".join(
            f"{what} {n:,}" for what, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
        )
        raise InputError(
            f"No row of the input of profile '{name}' holds a query: {accounting.rows_read:,} rows read ({found}). "
            "Set --dialect and --sql-column (or --layout) to what the input has."
        )


def _lines(ledger: pa.Table, entry: str) -> Iterator[dict[str, Any]]:
    """The lines of one entry of a collected ledger."""
    return (line for line in ledger.to_pylist() if line["entry"] == entry)


def _summed(lines: Iterator[dict[str, Any]], key: Callable[[dict[str, Any]], Any]) -> dict[Any, tuple[int, int]]:
    """key → executions, shapes, over all dialects; sorted by key."""
    sums: dict[Any, tuple[int, int]] = {}
    for line in lines:
        executions, shapes = sums.get(key(line), (0, 0))
        sums[key(line)] = executions + line["executions"], shapes + line["shapes"]
    return dict(sorted(sums.items()))


def _executions(ledger: pa.Table, entry: str) -> dict[str, int]:
    """name → executions of an entry's lines."""
    return {
        name: executions for name, (executions, _) in _summed(_lines(ledger, entry), lambda line: line["name"]).items()
    }


def templates_of(ledger: pa.Table) -> pa.Table:
    """The profile's rows: statement_kind, template → executions, shapes (as steps.count_templates, without Spark)."""
    sums = _summed(_lines(ledger, "template"), lambda line: (line["statement_kind"], line["name"]))
    return templates_table((kind, template, *weights) for (kind, template), weights in sums.items())


def accounting_of(ledger: pa.Table) -> Accounting:
    """Where every row and statement went, by executions."""
    rows, excluded = _executions(ledger, "row"), _executions(ledger, "excluded")
    templated = sum(line["executions"] for line in _lines(ledger, "template"))
    other_kinds, rejected = _executions(ledger, "other"), _executions(ledger, "reject")
    return Accounting(
        rows_read=sum(rows.values()) + sum(excluded.values()),
        excluded=excluded,
        empty=rows.get("empty", 0),
        parsed=rows.get("parsed", 0),
        unparsable=rows.get("unparsable", 0),
        statements_found=templated + sum(other_kinds.values()) + sum(rejected.values()),
        templated=templated,
        other_kinds=other_kinds,
        rejected=rejected,
        repairs=_executions(ledger, "repair"),
        unknown=_executions(ledger, "unknown"),
    )
