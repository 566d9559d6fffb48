"""A text that kills the parser or never ends costs one row."""

import os
import signal
import time
from pathlib import Path

import pytest

from sqlalign.sql.sandbox import Sandbox, sandboxed_statements, serve
from sqlalign.sql.template import Statement, template_statements


def hostile(sql: str, dialect: str, rules: str) -> list[Statement]:
    """A parser with two faults: one text kills it as a native crash would, one never ends."""
    if sql == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if sql == "hang":
        time.sleep(3600)
    return template_statements(sql, dialect, rules)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch):
    """A sandbox whose child is this module, run with the parser above."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    made = Sandbox(seconds=10, module="test_sandbox")
    yield made
    made.close()


def test_gives_what_the_template_gives():
    sql = "SELECT a, COUNT(*) FROM t; nonsense here; VALUES (1)"
    assert sandboxed_statements(sql, "postgres", "written") == template_statements(sql, "postgres", "written")


def test_a_native_crash_is_a_reject_and_the_next_text_goes_on(sandbox: Sandbox):
    assert sandbox.template_statements("crash", "", "canonical") == [Statement("", None, "crashed")]
    assert sandbox.template_statements("SELECT 1", "", "canonical") == [Statement("select", "SELECT")]


def test_a_text_without_end_is_a_reject_and_the_next_text_goes_on(sandbox: Sandbox):
    sandbox.seconds = 0.5
    assert sandbox.template_statements("hang", "", "canonical") == [Statement("", None, "timeout")]
    sandbox.seconds = 30
    assert sandbox.template_statements("SELECT 1", "", "canonical") == [Statement("select", "SELECT")]


def test_the_child_ends_with_its_parent(sandbox: Sandbox):
    sandbox.template_statements("SELECT 1", "", "canonical")
    child = sandbox.child
    sandbox.close()
    assert child is not None and child.poll() is not None


if __name__ == "__main__":
    serve(hostile)
