"""The demo's log: the same from one seed, shaped like a warehouse's, with everything in it that a log has."""

import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from pyspark.sql import SparkSession

from sqlalign.sql.template import template_statements

JOB = Path(__file__).parents[1] / "jobs" / "demo_log.py"


def load_job() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_log", JOB)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo_log"] = module
    spec.loader.exec_module(module)
    return module


demo_log = load_job()


@pytest.fixture(scope="module")
def log() -> pa.Table:
    """The week's log."""
    return demo_log.demo_log()


def test_one_seed_one_log(log: pa.Table) -> None:
    assert demo_log.demo_log().equals(log)
    assert not demo_log.demo_log(seed=8).equals(log)


def test_a_few_thousand_rows_over_several_days(log: pa.Table) -> None:
    assert 3_000 <= log.num_rows <= 6_000
    assert len({moment.date() for moment in log["START_TIME"].to_pylist()}) == demo_log.DAYS


def test_everything_a_log_has_is_in_it(log: pa.Table) -> None:
    texts = log["QUERY_TEXT"].to_pylist()
    statuses = Counter(log["EXECUTION_STATUS"].to_pylist())
    assert statuses["FAIL"] > 10
    assert sum(text.startswith('/* {"app": "dbt"') for text in texts) > 50
    assert sum(text.startswith("--") for text in texts) > 100
    assert max(Counter(texts).values()) > 3
    assert "" in texts
    assert sum(log["IS_CLIENT_GENERATED_STATEMENT"].to_pylist()) > 50
    assert sum(len(text) > 100_000 for text in texts) == 1


def test_no_placeholder_is_left(log: pa.Table) -> None:
    names = [*demo_log.literals(random.Random(1)), "f", "time", "window"]
    placeholders = ["{" + name + "}" for name in names]
    assert not [text for text in log["QUERY_TEXT"].to_pylist() if any(p in text for p in placeholders)]


def test_analysts_ask_many_different_things(log: pa.Table) -> None:
    asked = {
        r["QUERY_TEXT"] for r in log.to_pylist() if r["ROLE_NAME"] == "ANALYST" and r["EXECUTION_STATUS"] != "FAIL"
    }
    templates = {s.template for text in sorted(asked)[:300] for s in template_statements(text, "snowflake")}
    assert len(templates) > 120


def test_the_job_writes_parquet(tmp_path: Path, log: pa.Table) -> None:
    output = tmp_path / "new" / "log.parquet"
    done = CliRunner().invoke(demo_log.main, [str(output)])
    assert done.exit_code == 0, done.output
    assert pq.read_table(output).num_rows == log.num_rows


def test_the_log_profiled_adds_up(spark: SparkSession, tmp_path: Path, log: pa.Table) -> None:
    from sqlalign.profiling import profile_queries
    from sqlalign.sources.read import open_source

    pq.write_table(log, tmp_path / "log.parquet")
    source = open_source(spark, str(tmp_path / "log.parquet"), kind="log")
    made = profile_queries(source.queries, name="demo", kind="log")
    made.accounting.check()
    assert source.layout == "snowflake"
    assert made.accounting.rows_read == log.num_rows
    assert made.accounting.unparsable > 0
    assert made.parse_rate > 0.95
    assert made.templates.num_rows > 500
