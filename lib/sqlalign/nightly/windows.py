"""The log's profile over a window of its days, compared with the training sets, and the rows this gives the tables."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sqlalign.alignment.advice import warnings
from sqlalign.alignment.compare import Comparison, check_comparable, compare_many
from sqlalign.comparing import compare_on_spark
from sqlalign.config import NightlyConfig
from sqlalign.errors import ConfigError, TableError
from sqlalign.ngrams import MAX_N
from sqlalign.nightly.accounts import summed
from sqlalign.profile import Accounting, Profile, templates_table
from sqlalign.sql.version import TEMPLATE_VERSION
from sqlalign.store import load_profile

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from sqlalign.tables import Snapshot

ON_SPARK_FROM = 200_000
"""Distinct templates of a comparison from which it is one Spark job; below, the driver is faster."""


class Others(NamedTuple):
    """The profiles that a log is compared with."""

    training_sets: list[Profile]
    baselines: list[Profile]

    @property
    def all(self) -> list[Profile]:
        """All of them, training sets first."""
        return [*self.training_sets, *self.baselines]


class Window(NamedTuple):
    """The days up to `day` that a target is made of, the target, and how it compares, highest alignment first."""

    day: dt.date
    first_day: dt.date
    days_present: int
    target: Profile
    comparisons: list[Comparison]
    warnings: list[str]


def load_others(config: NightlyConfig) -> Others:
    """The configured profiles, of profile_store or bundled. Raises ProfileError, ConfigError: before any work."""
    names = [*config.training_sets, *config.baselines]
    taken = sorted({name for name in names if name == config.source.name or names.count(name) > 1})
    if taken:
        raise ConfigError(
            f"Profile '{taken[0]}' is named in two roles of source, training_sets and baselines. Set each to its own."
        )
    roles = [
        [load_profile(name, config.rules, config.profile_store) for name in role]
        for role in (config.training_sets, config.baselines)
    ]
    others = Others(*roles)
    for profile in others.all:
        check_comparable(profile, others.all, config.max_n)
    return others


def window_profile(
    snapshot: "Snapshot", source: str, rules: str, last_day: dt.date, days: int = 28, max_n: int = MAX_N
) -> Profile:
    """The profile of the `days` days of a store that end with `last_day`, e.g. for a notebook.

    Raises TableError where templates of it are of another template_version.
    """
    span = [last_day - dt.timedelta(days=back) for back in reversed(range(days))]
    counts = window_counts(snapshot, source, rules, span)
    return target_of(counts, snapshot.by_day(source, rules), span, source, rules, max_n)


def window_counts(snapshot: "Snapshot", source: str, rules: str, days: Sequence[dt.date]) -> pa.Table:
    """day, dialect, statement_kind, template → executions, shapes of the source's days, on the driver.

    Raises TableError where some are of another template_version.
    """
    rows = snapshot.read("templates", source=source, rules=rules, days=days)
    keys = ["day", "template_version", "dialect", "statement_kind", "template"]
    sums = rows.groupBy(*keys).agg({"executions": "sum", "shapes": "sum"})
    counts = sums.selectExpr(*keys, "`sum(executions)` executions", "`sum(shapes)` shapes").toArrow()
    other = counts.filter(pc.not_equal(counts["template_version"], TEMPLATE_VERSION))
    if other.num_rows:
        found, ends = other["template_version"][0], pc.min_max(other["day"]).as_py()
        raise TableError(
            f"Templates of source '{source}' have template_version '{found}', this sqlalign makes "
            f"{TEMPLATE_VERSION}. Rebuild them with: sqlalign backfill --from {ends['min']} --to {ends['max']}"
        )
    return counts


def target_of(
    counts: pa.Table,
    accounts: Mapping[dt.date, Accounting],
    days: Sequence[dt.date],
    source: str,
    rules: str,
    max_n: int,
) -> Profile:
    """The log's profile over these days. Raises AccountingError where the tables and the accounts disagree."""
    inside = counts.filter(pc.is_in(counts["day"], pa.array(days, pa.date32())))
    weights = [("executions", "sum"), ("shapes", "sum")]
    sums = inside.group_by(["statement_kind", "template"]).aggregate(weights)
    columns = ("statement_kind", "template", "executions_sum", "shapes_sum")
    target = Profile(
        name=source,
        kind="log",
        rules=rules,
        max_n=max_n,
        dialects=tuple(pc.unique(inside["dialect"]).to_pylist()),
        origin=f"the log '{source}' from {days[0]} to {days[-1]}",
        accounting=summed(accounts[day] for day in days if day in accounts),
        templates=templates_table(zip(*(sums[name].to_pylist() for name in columns), strict=True)),
    )
    target.check()
    return target


def compare_window(
    spark: "SparkSession", target: Profile, others: Others, config: NightlyConfig, days: Sequence[dt.date], present: int
) -> Window:
    """The window's target beside the training sets. Without a template in it there is nothing to compare."""
    said = _few_days(target, len(days), present)
    if not target.kept:
        said.append(f"No statement of '{target.name}' from {days[0]} to {days[-1]} has a template: nothing to compare.")
        return Window(days[-1], days[0], present, target, [], said)
    rows = _compare(spark, target, others, config) if others.training_sets else []
    said += warnings([target], *others)
    return Window(days[-1], days[0], present, target, rows, said)


def _few_days(target: Profile, wanted: int, present: int) -> list[str]:
    if present == wanted:
        return []
    return [f"Only {present} of the {wanted} days of the window of '{target.name}' are in the store."]


def _compare(spark: "SparkSession", target: Profile, others: Others, config: NightlyConfig) -> list[Comparison]:
    how: dict[str, Any] = {"weighting": config.weighting, "max_n": config.max_n, "delta": config.delta}
    size = sum(profile.templates.num_rows for profile in [target, *others.all])
    if size < ON_SPARK_FROM:
        return compare_many([target], *others, **how)
    return compare_on_spark(spark, [target], *others, **how)


def alignment_rows(windows: Sequence[Window]) -> list[dict[str, Any]]:
    """Rows of the table `alignments`."""
    return [
        comparison.as_dict() | {"source": window.target.name, "day": window.day, "warnings": window.warnings}
        for window in windows
        for comparison in window.comparisons
    ]


def profile_rows(windows: Sequence[Window], others: Others) -> list[dict[str, Any]]:
    """Rows of the table `profiles`: each window's own, and those it was compared with."""
    rows = []
    for window in windows:
        where = {"source": window.target.name, "day": window.day}
        own = {"first_day": window.first_day, "days_present": window.days_present}
        rows.append(_profile_row(window.target) | where | own)
        rows += [_profile_row(profile) | where | {"first_day": None, "days_present": None} for profile in others.all]
    return rows


def _profile_row(profile: Profile) -> dict[str, Any]:
    copied = ("name", "kind", "rules", "template_version", "max_n", "predicted_for", "origin", "licence", "digest")
    counted = {"statements": profile.statements, "templated": profile.templated}
    return {name: getattr(profile, name) for name in copied} | counted | {"templates": profile.templates.num_rows}
