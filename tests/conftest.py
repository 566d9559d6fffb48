"""What all tests share: one local Spark session, and the real data where it is at hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sqlalign.spark import spark_session

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session, one for all tests: it takes seconds to start."""
    session = spark_session("sqlalign-tests", warehouse=tmp_path_factory.mktemp("warehouse"))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; the test is skipped where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no real data: ../shared/data is not beside the project")
    return SHARED_DATA
