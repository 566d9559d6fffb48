"""Texts made to hurt, and the job that must survive them; run as a script on any master:

    python tests/hostile.py 'local-cluster[2,1,1024]'      # worker processes of their own

Prints one line of JSON: the accounting of the run.
"""

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

from sqlalign.profile import Accounting

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GOOD = 40


def nested(n: int, left: str, middle: str, right: str) -> str:
    """A text with n levels."""
    return left * n + middle + right * n


HOSTILE = {
    "nested subqueries": "SELECT * FROM " + nested(20_000, "(SELECT * FROM ", "t", ")"),
    "parentheses": "SELECT " + nested(100_000, "(", "1", ")"),
    "brackets without end": "SELECT " + "(" * 50_000,
    "NOT": "SELECT * FROM t WHERE " + "NOT " * 50_000 + "a",
    "CASE": "SELECT " + nested(10_000, "CASE WHEN a THEN ", "1", " END"),
    "AND chain": "SELECT * FROM t WHERE " + " AND ".join(f"a{i} = {i}" for i in range(20_000)),
    "UNION chain": " UNION ALL ".join(["SELECT 1"] * 3_000),
    "list of numbers": "SELECT * FROM t WHERE a IN (" + ",".join(map(str, range(200_000))) + ")",
    "literal of 5 MB": "SELECT '" + "x" * 5_000_000 + "'",
    "comment openings": "/*" * 100_000 + "SELECT 1",
    "quotes": "SELECT " + "'" * 100_001,
    "semicolons": ";" * 100_000,
    "NUL": "SELECT '\u0000' FROM t\u0000 WHERE a = 1",
    "binary": bytes(range(1, 256)).decode("latin-1") * 50,
}


def profile_hostile(spark: "SparkSession") -> Accounting:
    """The accounting of a profile of hostile texts among good ones."""
    from sqlalign.profiling import profile_queries
    from sqlalign.sources.complete import complete

    texts = [*HOSTILE.values(), *(f"SELECT c{i} FROM t WHERE d > {i}" for i in range(GOOD))]
    rows = spark.createDataFrame([(text, "postgres") for text in texts], "sql string, dialect string")
    return profile_queries(complete(rows), name="hostile", kind="log").accounting


def main(master: str) -> None:
    """Run on the master and print the accounting."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).config("spark.sql.shuffle.partitions", "4")
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    print(json.dumps(dataclasses.asdict(profile_hostile(spark))))
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
