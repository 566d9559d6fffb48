"""The method's numbers on real data: what a right implementation must come within 0.02 of."""

import json
from collections import Counter
from pathlib import Path

import pytest

from sqlalign.alignment.counts import measure
from sqlalign.ngrams import count_ngrams
from sqlalign.sql.template import template_statements
from sqlalign.store import load_profile

# training set, target, rules -> A, coverage, with executions on both sides
EXPECTED = {
    ("spider-train", "spider", "written"): (0.862, 0.943),
    ("bird-train", "spider", "written"): (0.523, 0.670),
    ("bird-train", "bird", "written"): (0.898, 0.914),
    ("spider-train", "bird", "written"): (0.679, 0.541),
    ("spider-train", "spider", "canonical"): (0.863, 0.943),
    ("bird-train", "spider", "canonical"): (0.699, 0.794),
    ("bird-train", "bird", "canonical"): (0.881, 0.901),
    ("spider-train", "bird", "canonical"): (0.813, 0.729),
}


def texts(data: Path, target: str) -> list[str]:
    """The SQL of a development set."""
    if target == "spider":
        return [line.split("\t")[0] for line in (data / "targets/spider_dev.sql").read_text().splitlines()]
    return [row["sql"] for row in json.loads((data / "targets/bird_dev.json").read_text())]


@pytest.mark.parametrize(("training_set", "target", "rules"), EXPECTED)
def test_eight_pairs(training_set: str, target: str, rules: str, shared_data: Path) -> None:
    statements = [s for sql in texts(shared_data, target) for s in template_statements(sql, "sqlite", rules)]
    templates = Counter(s.template for s in statements if s.template)
    training = load_profile(training_set, rules).ngram_counts("executions", 15)
    found = measure(training, count_ngrams(templates.items(), 15), 1e-6)
    assert (found.alignment, found.coverage) == pytest.approx(EXPECTED[training_set, target, rules], abs=0.02)
