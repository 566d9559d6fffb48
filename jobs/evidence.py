"""Check the method against real data: what its numbers should be, and whether they say what models then did.

    python jobs/evidence.py > evidence.md        # needs ../shared/data; about five minutes on two cores

Profiles Spider dev, BIRD dev, SEDE and Mozilla's workload, and base models' predictions, and prints as Markdown: the
eight pairs of the smoke test, the ranking of the bundled training sets, ratios beside measured gains, alignment beside
accuracy, and the row accounting of every file. Figures of models come from the data's own tables.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click
from scipy.stats import spearmanr

from sqlalign.alignment.compare import Comparison, compare, compare_many
from sqlalign.bundled import bundled_files
from sqlalign.errors import InputError
from sqlalign.profile import Accounting, Profile
from sqlalign.profiling import profile_queries
from sqlalign.sources.read import open_source
from sqlalign.sources.rows import reading
from sqlalign.spark import spark_session
from sqlalign.store import load_profile, save_profile

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SPIDER, BIRD = "spider-dev", "bird-dev"


class Input(NamedTuple):
    """A file to profile: where it lies, what it is, its dialect, whose questions it answers."""

    file: str
    kind: str
    dialect: str
    predicted_for: str | None = None


TARGETS = {
    SPIDER: Input("targets/spider_dev.sql", "queries", "sqlite"),
    BIRD: Input("targets/bird_dev.json", "queries", "sqlite"),
    "sede": Input("targets/sede_val.jsonl", "queries", "tsql"),
    "mozilla-2025-12": Input("logs/mozilla_bigquery/2025-12.jsonl.gz", "log", "bigquery"),
}
# training set, target, and what A and coverage of a prototype were: written, canonical
SMOKE: tuple[tuple[str, str, tuple[float, float], tuple[float, float]], ...] = (
    ("spider-train", SPIDER, (0.862, 0.943), (0.863, 0.943)),
    ("bird-train", SPIDER, (0.523, 0.670), (0.699, 0.794)),
    ("bird-train", BIRD, (0.898, 0.914), (0.881, 0.901)),
    ("spider-train", BIRD, (0.679, 0.541), (0.813, 0.729)),
)
TOLERANCE = 0.02


def profile_of(name: str, given: Input, rules: str, data: Path, store: Path) -> Profile:
    """The profile of a file: the store's, or made and put there. Raises InputError where the file is missing."""
    path = data / given.file
    if not path.is_file():
        raise InputError(f"There is no file '{path}'. Set --data to the folder that holds it.")
    if (store / "profiles" / f"{name}.{rules}.parquet").exists():
        return load_profile(name, rules, store)
    with reading(str(path)):
        source = open_source(spark_session(), str(path), kind=given.kind, dialect=given.dialect)
        made = profile_queries(
            source.queries,
            name=name,
            kind=given.kind,
            rules=rules,
            predicted_for=given.predicted_for,
            layout=source.layout,
        )
    save_profile(store, made)
    return made


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table on stdout."""
    click.echo(f"\n## {title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        cells = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row)
        click.echo(f"| {' | '.join(cells)} |")


def smoke(targets: dict[tuple[str, str], Profile]) -> bool:
    """The eight pairs; whether all are within TOLERANCE."""
    rows, within = [], True
    for rules in ("written", "canonical"):
        for name, target, written, canonical in SMOKE:
            found = compare(targets[target, rules], load_profile(name, rules), weighting="executions")
            expected = written if rules == "written" else canonical
            off = max(abs(found.alignment - expected[0]), abs(found.coverage - expected[1]))
            within &= off <= TOLERANCE
            rows.append((name, target, rules, found.alignment, found.coverage, *map(str, expected), off))
    header = ("training set", "target", "rules", "A", "coverage", "A expected", "coverage expected", "off by")
    table("Eight pairs, executions on both sides", header, rows)
    return within


def ranking(targets: Iterable[Profile]) -> None:
    """All bundled training sets against each target."""
    sets = [load_profile(name, "canonical") for name, rules in bundled_files() if rules == "canonical"]
    for target in targets:
        rows = [
            (c.training_set, c.alignment, c.coverage, c.overlap, c.training_templated)
            for c in compare_many([target], sets)
        ]
        title = f"Bundled training sets, {target.name} (n = {target.templated:,}, parse rate {target.parse_rate:.1%})"
        table(title, ("training set", "A", "coverage", "overlap", "n"), rows)


def _model_file(data: Path, file: str) -> str:
    return f"predictions/{file}" if (data / "predictions" / file).exists() else f"predictions/base/{file}"


def gains(data: Path, store: Path, target: Profile) -> None:
    """Ratios of the models tuned on the whole of Spider train, with the gain that was measured."""
    training = load_profile("spider-train", "canonical")
    rows = []
    for pair in csv.DictReader((data / "predictions/PAIRS.csv").open(encoding="utf-8")):
        if pair["train_n"] != "full train":
            continue
        base = _baseline(pair["base_predictions"], SPIDER, data, store)
        c = compare(target, training, base)
        rows.append((pair["model"], c.alignment_ratio, c.coverage_ratio, base.parse_rate, float(pair["gain"])))
    table("Full training sets: ratios and gains", ("model", "AR", "coverage ratio", "parse rate", "gain"), rows)
    _ranks("gain", rows, {"AR": 1, "coverage ratio": 2}, 4)


def accuracy(data: Path, store: Path, targets: dict[str, Profile]) -> None:
    """Alignment of base models' predictions with the target, beside their execution accuracy."""
    by_target: dict[str, list[tuple]] = {name: [] for name in (SPIDER, BIRD)}
    for row in csv.DictReader((data / "predictions/BASE_EX.csv").open(encoding="utf-8")):
        target = row["dataset"].replace("_", "-")
        base = _baseline(row["file"], target, data, store)
        c: Comparison = compare(targets[target], base)
        by_target[target].append((row["model"], c.alignment, c.coverage, base.parse_rate, float(row["base_ex"])))
    for target, rows in by_target.items():
        header = ("model", "A(predictions, target)", "coverage", "parse rate", "accuracy")
        table(f"Base models on {target}", header, rows)
        _ranks("accuracy", rows, {"A": 1, "coverage": 2}, 4)


def _baseline(file: str, target: str, data: Path, store: Path) -> Profile:
    name = f"{target}.{re.sub(r'[.](sql|jsonl)([.]gz)?$', '', Path(file).name)}"
    given = Input(_model_file(data, file), "predictions", "sqlite", target)
    return profile_of(name, given, "canonical", data, store)


def _ranks(what: str, rows: Sequence[tuple], columns: dict[str, int], last: int) -> None:
    """Spearman's rank correlations with the last column. With so few models each has a wide interval."""
    for name, column in columns.items():
        found = spearmanr([row[column] for row in rows], [row[last] for row in rows]).statistic
        click.echo(f"\nRank correlation of {name} with {what}, {len(rows)} models: {found:.2f}")


def accounting(profiles: Iterable[Profile]) -> None:
    """Where every row and statement of every profiled file went."""
    header = (
        "profile",
        "rows read",
        "excluded",
        "empty",
        "parsed",
        "unparsable",
        "statements",
        "templated",
        "others",
        "rejected",
    )
    table("Row accounting", header, [(p.name, *_numbers(p.accounting)) for p in profiles])


def _numbers(a: Accounting) -> tuple[object, ...]:
    a.check()
    reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(a.rejected.items(), key=lambda item: -item[1]))
    others = sum(a.other_kinds.values())
    excluded = sum(a.excluded.values())
    return (
        a.rows_read,
        excluded,
        a.empty,
        a.parsed,
        a.unparsable,
        a.statements_found,
        a.templated,
        others,
        reasons or 0,
    )


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="The folder of the data sets.")
@click.option("--store", type=click.Path(path_type=Path), default=Path("evidence"), help="Where the profiles go.")
def main(data: Path, store: Path) -> None:
    """Print the evidence as Markdown; exit 1 if one of the eight pairs is off by more than 0.02."""
    if not data.is_dir():
        raise SystemExit(f"There is no folder '{data}'. Set --data to the folder of the data sets.")
    targets = {
        (name, "canonical"): profile_of(name, given, "canonical", data, store) for name, given in TARGETS.items()
    }
    for name in (SPIDER, BIRD):
        targets[name, "written"] = profile_of(name, TARGETS[name], "written", data, store)
    canonical = {name: profile for (name, rules), profile in targets.items() if rules == "canonical"}
    within = smoke(targets)
    ranking(canonical.values())
    gains(data, store, canonical[SPIDER])
    accuracy(data, store, canonical)
    bundled = [load_profile(name, "canonical") for name, rules in bundled_files() if rules == "canonical"]
    stored = [
        load_profile(path.name.removesuffix(".canonical.parquet"), "canonical", store)
        for path in sorted((store / "profiles").glob("*.canonical.parquet"))
    ]
    accounting([*bundled, *stored])
    raise SystemExit(0 if within else 1)


if __name__ == "__main__":
    main()
