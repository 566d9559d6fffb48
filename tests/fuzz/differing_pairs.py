"""Queries written for two engines whose templates differ, to be read and judged by hand; not part of the test suite.

    python tests/fuzz/differing_pairs.py --seed 5 --number 100      # needs ../shared/data

A question has accepted answers in several engines, several per engine where more than one is right. A pair of engines
differs if no answer of the one has the template of an answer of the other; the two answers with the most similar
templates are shown, and below them what would turn the one template into the other. docs/invariance.md holds the
judgements.
"""

import csv
import hashlib
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import click

from sqlalign.sql.template import template_statements
from sqlalign.sql.version import RULES

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


class Answer(NamedTuple):
    """One accepted answer to a question in the SQL of an engine, and its template ("" if it has none)."""

    sql: str
    template: str


class Pair(NamedTuple):
    """A question and two engines with their answers."""

    question: str
    engines: tuple[str, str]
    answers: tuple[list[Answer], list[Answer]]

    def differs(self) -> bool:
        """Whether no answer of the one engine has the template of an answer of the other."""
        left, right = ({answer.template for answer in answers} for answers in self.answers)
        return not left & right - {""}

    def closest(self) -> tuple[Answer, Answer]:
        """The two answers, one an engine, with the most similar templates."""
        return max(itertools.product(*self.answers), key=lambda two: _similarity(two[0].template, two[1].template))


def texts(data: Path) -> Iterator[tuple[str, str, str]]:
    """(question, engine, SQL) of all answers; questions that are no number are shortened to a digest of their words."""
    for path in sorted((data / "targets/defog_sql_eval").glob("*.csv")):
        stem, engine = path.stem.rsplit("_", 1)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                question = f"{stem}/{hashlib.sha256(row['question'].encode()).hexdigest()[:8]}"
                # braces mark columns of which any subset is accepted: all are taken
                answers = row["query"].replace("{", "").replace("}", "").split(";")
                yield from ((question, engine, sql.strip()) for sql in answers if sql.strip())
    for engine in ("sqlite", "postgres"):
        rows = json.loads((data / f"targets/bird_mini_dev_{engine}.json").read_text(encoding="utf-8"))
        yield from ((f"bird_mini_dev/{row['question_id']}", engine, row["SQL"]) for row in rows)


def pairs(data: Path, rules: str) -> list[Pair]:
    """Every question with every two engines that answer it, in a fixed order."""
    found: dict[str, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    for question, engine, sql in texts(data):
        found[question][engine].append(Answer(sql, _template(sql, engine, rules)))
    return [
        Pair(question, (a, b), (found[question][a], found[question][b]))
        for question in sorted(found)
        for a, b in itertools.combinations(sorted(found[question]), 2)
    ]


def draw(everything: list[Pair], seed: int, number: int) -> list[Pair]:
    """The first that differ of all pairs in random order, so that a pair made equal changes no other pair's draw."""
    shuffled = random.Random(seed).sample(everything, len(everything))
    return list(itertools.islice((pair for pair in shuffled if pair.differs()), number))


def _template(sql: str, dialect: str, rules: str) -> str:
    return " ; ".join(s.template for s in template_statements(sql, dialect, rules) if s.template)


def _similarity(left: str, right: str) -> float:
    return SequenceMatcher(None, left.split(), right.split(), autojunk=False).ratio()


def _changes(left: str, right: str) -> Iterator[str]:
    """What to replace in the left template to get the right one, a line a place."""
    a, b = left.split(), right.split()
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            yield f"[{' '.join(a[i:j])}] -> [{' '.join(b[k:m])}]"


def _show(number: int, pair: Pair) -> Iterator[str]:
    closest = pair.closest()
    yield f"\n=== {number}  {pair.question}  {pair.engines[0]} {pair.engines[1]}"
    for engine, answer, answers in zip(pair.engines, closest, pair.answers, strict=True):
        yield f"{engine} (1 of {len(answers)})"
        yield f"  sql       {' '.join(answer.sql.split())}"
        yield f"  template  {answer.template}"
    yield from (f"  change    {line}" for line in _changes(closest[0].template, closest[1].template))


@click.command()
@click.option("--seed", type=int, default=5, show_default=True, help="Of the draw.")
@click.option("--number", type=click.IntRange(min=1), default=100, show_default=True, help="How many pairs.")
@click.option("--rules", type=click.Choice(RULES), default="canonical", show_default=True, help="Of the template.")
@click.option("--ids", is_flag=True, help="Print number, question and engines only.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), default=DATA, help="The folder of the data.")
def main(seed: int, number: int, rules: str, ids: bool, data: Path) -> None:
    """Print differing pairs with their templates and texts."""
    everything = pairs(data, rules)
    for i, pair in enumerate(draw(everything, seed, number), start=1):
        lines = [f"{i}\t{pair.question}\t{' '.join(pair.engines)}"] if ids else _show(i, pair)
        click.echo("\n".join(lines))
    click.echo(f"\n{sum(pair.differs() for pair in everything)} of {len(everything)} pairs differ")


if __name__ == "__main__":
    main()
