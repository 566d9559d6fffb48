"""Every file of the real data: as many rows out as it has entries, told by other means than Spark."""

import bz2
import csv
import gzip
import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sqlalign.sources import read_queries

SETS = ("training_sets/*", "targets/*.*", "targets/defog_sql_eval/*", "predictions/*_dev/*", "predictions/base/*/*")
LOGS = ("logs/mozilla_bigquery/*.gz", "logs/sdss_templates/*", "logs/*.gz", "dialects/*")


@pytest.mark.parametrize("pattern", SETS + LOGS)
def test_rows_in_are_rows_out(spark: SparkSession, shared_data: Path, pattern: str) -> None:
    files = sorted(shared_data.glob(pattern))
    assert files
    kind = "predictions" if pattern.startswith("predictions") else "queries"
    entries = {file.name: _entries(file) for file in files}
    assert {file.name: read_queries(spark, str(file), kind=kind).count() for file in files} == entries


def _entries(file: Path) -> int:
    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(file.suffix, open)
    with opener(file, "rt", encoding="utf-8", newline="") as opened:
        text = opened.read()
    if ".json" in file.suffixes:
        return len(json.loads(text))
    return sum(1 for _ in csv.DictReader(text.splitlines(True))) if file.suffix == ".csv" else text.count("\n")
