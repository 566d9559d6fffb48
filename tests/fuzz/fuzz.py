"""Mutated real queries against the template, for as long as you like; not part of the test suite.

    python tests/fuzz/fuzz.py --seconds 3600 --seed 1      # needs ../shared/data

Every input must give at least one statement, each with a template, a reason or a kind; no process may die; no canary
(a name, string, number or comment planted in the text) and no token outside the vocabulary may come out.
"""

import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click

from sqlalign.sql.dialects import is_known_dialect
from sqlalign.sql.sandbox import CRASHED, TIMEOUT, Sandbox
from sqlalign.sql.template import OUTSIDE_VOCABULARY, UNEXPECTED_TREE, Statement
from sqlalign.sql.version import RULES
from sqlalign.sql.vocabulary import VOCABULARY

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CANARY = "zqxcanary"
NUMBER = "90210077"
WORD = re.compile(r"\w+|\W")
NAMES = {"ansi": "", "generic": "", "sparksql": "spark", "mariadb": "mysql"}

Mutation = Callable[[random.Random, str, str], str]


def corpus(data: Path) -> list[tuple[str, str]]:
    """(text, dialect) of parser fixtures, gold queries and logs in many dialects."""
    rows = [(line, "") for line in (data / "dialects/sqlglot_identity.sql").read_text().splitlines()]
    rows += [(r["sql"], r["dialect"]) for r in _lines(data / "targets/spider2_lite.jsonl")]
    rows += [(r["QueryBody"], "tsql") for r in _lines(data / "targets/sede_val.jsonl")]
    rows += [(r["sql"], "bigquery") for r in _lines(data / "logs/mozilla_bigquery/2021-12.jsonl.gz")]
    rows += [(r["sql"], "hive") for r in _lines(data / "logs/wikimedia_hive.jsonl.gz")]
    rows += [(r["sql"], NAMES.get(r["dialect"], r["dialect"])) for r in _lines(data / "dialects/sqlfluff.jsonl.gz")]
    rows += [(r["SQL"], "sqlite") for r in json.loads((data / "training_sets/bird_train.json").read_text())[::5]]
    return [(text[:20_000], dialect) for text, dialect in rows if text and is_known_dialect(dialect)]


def _lines(path: Path) -> list[dict]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _at(rng: random.Random, text: str, new: Callable[[str], str]) -> str:
    """The text with one word changed."""
    words = WORD.findall(text)
    i = rng.randrange(len(words)) if words else 0
    return "".join([*words[:i], new(words[i]), *words[i + 1 :]]) if words else new("")


def _plant(rng: random.Random, text: str, other: str) -> str:
    """Canaries in place of some names, strings and numbers, and in a comment."""
    planted = re.sub(r"'[^'\n\\]*'", lambda m: f"'{CANARY}'" if rng.random() < 0.7 else m[0], text)
    planted = re.sub(r"\b\d+\b", lambda m: NUMBER if rng.random() < 0.7 else m[0], planted)
    planted = re.sub(r"\b[a-z]\w{4,}\b", lambda m: CANARY if rng.random() < 0.1 else m[0], planted)
    return rng.choice([f"/* {CANARY} */ {planted}", f"{planted} -- {CANARY}", f'{planted} "{CANARY}"', planted])


MUTATIONS: dict[str, Mutation] = {
    "drop": lambda rng, text, other: _at(rng, text, lambda word: ""),
    "double": lambda rng, text, other: _at(rng, text, lambda word: f"{word} {word}"),
    "borrow": lambda rng, text, other: _at(rng, text, lambda word: rng.choice(WORD.findall(other) or [""])),
    "symbol": lambda rng, text, other: _at(rng, text, lambda word: rng.choice("()[]{},;'\"`$@#:?%&|*/-+=<>.\\\n\0é語")),
    "cut": lambda rng, text, other: text[: rng.randrange(len(text) + 1)],
    "tail": lambda rng, text, other: text[rng.randrange(len(text) + 1) :],
    "splice": lambda rng, text, other: text[: rng.randrange(len(text) + 1)] + other[rng.randrange(len(other) + 1) :],
    "nest": lambda rng, text, other: f"SELECT * FROM ({text}) AS x WHERE y IN ({other})",
    "wrap": lambda rng, text, other: "(" * (n := rng.randrange(1, 400)) + text + ")" * n,
    "repeat": lambda rng, text, other: f" {rng.choice(['UNION ALL', ';', 'AND', ','])} ".join(
        [text] * rng.randrange(2, 9)
    ),
    "case": lambda rng, text, other: text.swapcase(),
    "bytes": lambda rng, text, other: "".join(chr(rng.randrange(1, 0x2FF)) if rng.random() < 0.02 else c for c in text),
    "plant": _plant,
}


def faults_of(statements: list[Statement]) -> list[str]:
    """What is wrong with an answer; nothing, as it should be."""
    faults = [] if statements else ["lost"]
    for s in statements:
        said = json.dumps(s).lower()
        if CANARY in said or NUMBER in said:
            faults.append("leak")
        if s.template is not None and (s.reason is not None or not VOCABULARY.issuperset(s.template.split())):
            faults.append("outside vocabulary")
        if s.reason in (CRASHED, TIMEOUT, UNEXPECTED_TREE, OUTSIDE_VOCABULARY):
            faults.append(s.reason)
    return faults


@click.command()
@click.option("--seconds", type=float, default=60.0, show_default=True, help="How long.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random numbers.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), default=DATA, help="The folder of the data.")
def main(seconds: float, seed: int, data: Path) -> None:
    """Print what happened to how many mutated queries; exit 1 if anything did that must not."""
    rng, texts, sandbox = random.Random(seed), corpus(data), Sandbox(seconds=60)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        (text, dialect), (other, _) = rng.choice(texts), rng.choice(texts)
        for name in rng.sample(list(MUTATIONS), rng.randrange(1, 4)):
            text = MUTATIONS[name](rng, text, other[:2000])
        statements = sandbox.template_statements(text[:200_000], dialect, rng.choice(RULES))
        counts["inputs"] += 1
        counts.update(statements=len(statements), templates=sum(s.template is not None for s in statements))
        reasons.update(s.reason for s in statements if s.reason)
        for fault in faults_of(statements):
            counts[f"FAULT {fault}"] += 1
            click.echo(f"FAULT {fault} in {dialect}: {text[:2000]!r}")
    sandbox.close()
    click.echo(f"{len(texts)} texts, seed {seed}: {dict(counts)}")
    click.echo(f"rejected: {dict(reasons.most_common())}")
    raise SystemExit(any(name.startswith("FAULT") for name in counts))


if __name__ == "__main__":
    main()
