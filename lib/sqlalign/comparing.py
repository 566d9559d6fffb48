"""Profiles → rows of a comparison on Spark: for many profiles, or for ones too large for one process."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from sqlalign import steps
from sqlalign.alignment.compare import Comparison, comparisons
from sqlalign.alignment.counts import Measures
from sqlalign.alignment.divergence import DELTA
from sqlalign.ngrams import MAX_N
from sqlalign.profile import Profile, resolve_weighting

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def compare_on_spark(
    spark: "SparkSession",
    targets: Sequence[Profile],
    training_sets: Sequence[Profile],
    baselines: Sequence[Profile] = (),
    *,
    weighting: str = "auto",
    max_n: int = MAX_N,
    delta: float = DELTA,
) -> list[Comparison]:
    """As alignment.compare.compare_many, with all pairs measured in one Spark job; the same errors are raised."""

    @cache  # not before all checks are passed: the first pair asked for starts the job
    def measures() -> dict[tuple[str, str], Measures]:
        counts = _ngram_counts(spark, [*targets, *training_sets, *baselines], weighting, max_n)
        pairs = {(p.name, q.name) for p in [*training_sets, *baselines] for q in targets}
        aligned = steps.align_profiles(counts, spark.createDataFrame(sorted(pairs), "p string, q string"), delta)
        return {(r["p"], r["q"]): Measures(r["alignment"], r["coverage"], r["overlap"]) for r in aligned.collect()}

    def measured(profile: Profile, target: Profile) -> Measures:
        return measures()[profile.name, target.name]

    return comparisons(targets, training_sets, baselines, measured, weighting=weighting, max_n=max_n, delta=delta)


def _ngram_counts(spark: "SparkSession", profiles: Sequence[Profile], weighting: str, max_n: int) -> "DataFrame":
    """profile, ngram, weight of all profiles, each weighted as its kind says."""
    tables = [_weighted(profile, weighting) for profile in {p.name: p for p in profiles}.values()]
    templates = spark.createDataFrame(pa.concat_tables(tables))
    counts = steps.count_ngrams(templates, max_n, by=["profile"])
    return counts.selectExpr("profile", "ngram", "executions AS weight")


def _weighted(profile: Profile, weighting: str) -> pa.Table:
    """The templates of a profile, with the weights of the comparison as their executions."""
    weights = profile.templates[resolve_weighting(weighting, profile.kind)]
    names = pa.array([profile.name] * len(weights), pa.string())
    columns = {"profile": names, "template": profile.templates["template"], "executions": weights, "shapes": weights}
    return pa.table(columns)
