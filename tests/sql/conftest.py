"""The golden cases (tests/fixtures/golden/*.sql, their format in the README.md there) and a sample of real queries."""

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from sqlalign.sql.dialects import is_known_dialect

# Machines differ: no test of ours fails because it was slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden"
_TITLE = re.compile(r"-- # (.+)")
_TEXT = re.compile(r"-- \[([a-z0-9 ]+)\]")
_LINE = re.compile(r"-- (canonical|written|kinds|reasons|repairs|unknown|xfail): (.*)")


class Golden(NamedTuple):
    """One text in one dialect and what it must give; None: not decided."""

    title: str
    dialect: str
    sql: str
    canonical: list[str]
    written: list[str] | None
    kinds: list[str] | None
    reasons: list[str]
    repairs: list[str]
    unknown: list[str]
    xfail: str | None


def read_golden(path: Path) -> list[Golden]:
    """The cases of a file. Raises ValueError, with the line, for a line that cannot be placed."""
    cases: list[Golden] = []
    title = ""
    shared: dict[str, list[str]] = {}
    texts: list[tuple[list[str], list[str], dict[str, list[str]]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if match := _TITLE.fullmatch(line):
            cases += _cases(title, shared, texts)
            title, shared, texts = match[1], {}, []
        elif match := _TEXT.fullmatch(line):
            texts.append((match[1].split(), [], {}))
        elif match := _LINE.fullmatch(line):
            (texts[-1][2] if texts else shared).setdefault(match[1], []).append(match[2].strip())
        elif texts:
            texts[-1][1].append(line)
        elif line.strip():
            raise ValueError(f"{path.name}, line {number}: '{line}' stands before any text")
    return [*cases, *_cases(title, shared, texts)]


def _cases(
    title: str, shared: dict[str, list[str]], texts: list[tuple[list[str], list[str], dict[str, list[str]]]]
) -> Iterator[Golden]:
    for dialects, lines, own in texts:
        said = {**shared, **own}
        words = {name: " ".join(said.get(name, [])).split() for name in ("kinds", "reasons", "repairs", "unknown")}
        canonical = said.get("canonical", [])
        written = said.get("written", canonical)
        for dialect in dialects:
            yield Golden(
                title,
                "" if dialect == "generic" else dialect,
                "\n".join(lines).rstrip("\n"),
                canonical,
                None if written == ["?"] else written,
                ["" if kind == "?" else kind for kind in words["kinds"]] if "kinds" in said else None,
                words["reasons"],
                words["repairs"],
                words["unknown"],
                said["xfail"][0] if "xfail" in said else None,
            )


ALL_GOLDEN = [case for path in sorted(GOLDEN.glob("*.sql")) for case in read_golden(path)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `golden` runs over all cases."""
    if "golden" not in metafunc.fixturenames:
        return
    parameters = []
    for case in ALL_GOLDEN:
        known = case.xfail if metafunc.function.__name__ == "test_golden_cases" else None
        marks = [pytest.mark.xfail(reason=known, strict=True)] if known else []
        parameters.append(pytest.param(case, id=f"{case.title}-{case.dialect or 'generic'}", marks=marks))
    metafunc.parametrize("golden", parameters)


@pytest.fixture(scope="session")
def all_golden() -> list[Golden]:
    """All golden cases at once."""
    return ALL_GOLDEN


@pytest.fixture(scope="session")
def real_queries(shared_data: Path) -> list[tuple[str, str]]:
    """A seeded sample of real queries, each with its dialect."""
    sample = random.Random(0)
    queries: list[tuple[str, str]] = []
    for dialect, texts in _real_texts(shared_data):
        queries += [(text, dialect) for text in sample.sample(texts, min(300, len(texts)))]
    return queries


def _real_texts(data: Path) -> Iterator[tuple[str, list[str]]]:
    targets, training = data / "targets", data / "training_sets"
    yield "sqlite", [line.split("\t")[0] for line in (training / "spider_train.sql").read_text().splitlines()]
    yield "sqlite", [row["SQL"] for row in json.loads((training / "bird_train.json").read_text())]
    yield (
        "sqlite",
        [row["query"] for row in json.loads((targets / "ehrsql_mimic_valid.json").read_text()) if row["query"]],
    )
    yield "postgres", [row["SQL"] for row in json.loads((targets / "bird_mini_dev_postgres.json").read_text())]
    sede = (targets / "sede_val.jsonl").read_text().splitlines()
    yield "tsql", [json.loads(line)["QueryBody"] for line in sede]
    lite = [json.loads(line) for line in (targets / "spider2_lite.jsonl").read_text().splitlines()]
    for dialect in ("bigquery", "snowflake"):
        yield dialect, [row["sql"] for row in lite if row["dialect"] == dialect]
    for path in sorted((data / "logs" / "mozilla_bigquery").glob("*.jsonl.gz"))[-1:]:
        with gzip.open(path, "rt") as opened:
            yield "bigquery", [row["sql"] for row in map(json.loads, opened) if len(row["sql"]) < 5_000]
    fixtures: dict[str, list[str]] = {}
    with gzip.open(data / "dialects" / "sqlfluff.jsonl.gz", "rt") as opened:
        for row in map(json.loads, opened):
            fixtures.setdefault(row["dialect"], []).append(row["sql"])
    for dialect, texts in sorted(fixtures.items()):
        if is_known_dialect(dialect):
            yield dialect, [text for text in texts if len(text) < 5_000]
