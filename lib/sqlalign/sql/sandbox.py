"""Templates made in a process of their own: a text that kills the parser, or never ends, costs one row, not the job.

The compiled parser can die of a text (SIGSEGV), which no `except` can catch and which in Spark would fail a task until
the job fails. So texts go to a child, one at a time; where it dies the text is rejected as `crashed`, where it takes
longer than the limit as `timeout`, and a new child goes on with the next. The round trip costs some 50 µs a text, a
tenth of what parsing it costs.
"""

import atexit
import os
import pickle
import select
import struct
import subprocess
import sys
from functools import cache
from typing import IO

from sqlalign.sql.template import Statement, reject, template_statements

CRASHED, TIMEOUT = "crashed", "timeout"
SECONDS_PER_TEXT = 60.0
"""How long one text may take; a real one takes milliseconds, the longest that the guards let through some seconds."""

_LENGTH = struct.Struct("<Q")


class Sandbox:
    """A child process that makes templates, replaced whenever a text kills it or takes too long."""

    def __init__(self, seconds: float = SECONDS_PER_TEXT, module: str = "sqlalign.sql.sandbox") -> None:
        self.seconds = seconds
        self.module = module
        self.child: subprocess.Popen[bytes] | None = None

    def template_statements(self, sql: str, dialect: str, rules: str) -> list[Statement]:
        """As template.template_statements; one reject with `crashed` or `timeout` where the text hurt the child."""
        child = self.child = self.child or self._start()
        assert child.stdin is not None and child.stdout is not None
        try:
            _send(child.stdin, (sql, dialect, rules))
            if not select.select([child.stdout], [], [], self.seconds)[0]:
                return self._lost(TIMEOUT)
            return [Statement(*fields) for fields in _receive(child.stdout)]
        except (EOFError, BrokenPipeError):
            return self._lost(CRASHED)

    def close(self) -> None:
        """Ends the child."""
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
            self.child = None

    def _start(self) -> subprocess.Popen[bytes]:
        # What the parser might print of a text goes nowhere.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        return subprocess.Popen(
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def _lost(self, reason: str) -> list[Statement]:
        self.close()
        return [reject(reason)]


@cache
def _sandbox(process: int) -> Sandbox:
    """One child for a process and all its tasks; a fork of the process gets one of its own."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox


def sandboxed_statements(sql: str, dialect: str = "", rules: str = "canonical") -> list[Statement]:
    """As template.template_statements, in this process's sandbox."""
    return _sandbox(os.getpid()).template_statements(sql, dialect, rules)


def _send(pipe: IO[bytes], message: object) -> None:
    body = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> list[tuple]:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    body = pipe.read(_LENGTH.unpack(head)[0])
    return pickle.loads(body)


def serve(make: object = template_statements) -> None:
    """The child's life: a text in, its statements out, until the parent closes the pipe."""
    while True:
        try:
            sql, dialect, rules = _receive(sys.stdin.buffer)
        except EOFError:
            return
        _send(sys.stdout.buffer, [tuple(statement) for statement in make(sql, dialect, rules)])  # type: ignore[operator]


if __name__ == "__main__":
    serve()
