"""One hostile query must not kill a job: in local mode, and on workers that are processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.hostile import GOOD, HOSTILE, profile_hostile

from sqlalign.profile import Accounting


def check(accounting: Accounting) -> None:
    """Every row is accounted for, the good ones have a template, and none of the others stopped the job."""
    accounting.check()
    assert accounting.rows_read == len(HOSTILE) + GOOD
    assert accounting.templated >= GOOD
    assert {"too_deep", "too_long", "unclosed_quote"} <= set(accounting.rejected)
    assert not {"crashed", "timeout", "unexpected_tree"} & set(accounting.rejected)


def test_hostile_texts_in_local_mode(spark):
    check(profile_hostile(spark))


def test_hostile_texts_on_separate_worker_processes():
    script = Path(__file__).parent / "hostile.py"
    environment = {
        **os.environ,
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, str(script), "local-cluster[2,1,1024]"],
        capture_output=True,
        text=True,
        timeout=600,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    check(Accounting(**json.loads(done.stdout.splitlines()[-1])))
