"""Notebooks run from top to bottom, on a store made here."""

import datetime as dt
import os
import warnings
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

import sqlalign
from sqlalign.config import parse_config
from sqlalign.nightly import run_night

with warnings.catch_warnings():
    # the notebook tools themselves are full of what is deprecated
    warnings.simplefilter("ignore")
    import nbclient
    import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
DAY = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def store(spark: SparkSession, tmp_path: Path) -> Path:
    """A store of one night over a small log."""
    columns = ["a", "a, b", "COUNT(*)"]
    texts = [f"SELECT {c} FROM t JOIN u ON t.x = u.x WHERE y = {n} GROUP BY z" for c in columns for n in range(3)]
    rows = [
        {"QUERY_ID": str(i), "QUERY_TEXT": sql, "EXECUTION_STATUS": "SUCCESS", "START_TIME": DAY, "END_TIME": DAY}
        for i, sql in enumerate(texts)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log.parquet")
    config = f"store: {{path: '{tmp_path / 'store'}'}}\nsource: {{name: dwh, input: '{tmp_path / 'log.parquet'}'}}\n"
    run_night(spark, parse_config(config), DAY.date())
    return tmp_path / "store"


@pytest.mark.filterwarnings("default")
def test_the_first_look(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLALIGN_STORE", str(store))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(sqlalign.__file__).parents[1])]))
    notebook = nbformat.read(NOTEBOOKS / "first_look.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "clear the notebook's outputs before committing"
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "".join(output.get("text", "") for output in outputs)
    assert "9 templated statements, parse rate 100.0%\n3 distinct templates" in printed
    assert "is the best aligned with 'dwh' of 3 training sets" in printed
    tables = [output["data"]["text/plain"] for output in outputs if "text/html" in output.get("data", {})]
    assert "SELECT FROM JOIN ON = WHERE = GROUP BY" in tables[0]
    assert "WHERE = GROUP BY" in tables[1]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any(output.output_type == "error" for output in outputs)
