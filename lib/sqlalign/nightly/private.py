"""Errors nobody foresaw, without their messages: those of parsers, casts and Python workers may quote a query."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalign.errors import SqlalignError

_FRAME = re.compile(r'File "([^"]+)", line (\d+), in (\w+)')
_KIND = re.compile(r"^\s*(?:Caused by: )?([A-Za-z_][\w.$]*(?:Error|Exception))\b", re.MULTILINE)
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")
_MOST = 6


@contextmanager
def without_texts(doing: str) -> Iterator[None]:
    """Replaces an unforeseen error by one that tells its kinds, Spark's conditions and the lines of code, no more.

    Our own errors pass: their messages are made not to hold a query's text.
    """
    try:
        yield
    except SqlalignError:
        raise
    except Exception as error:
        raise RuntimeError(f"while {doing}: {described(error)}") from None


def described(error: BaseException) -> str:
    """What can be said of an error without quoting its message."""
    text = str(error)
    kinds = [type(error).__name__, *_KIND.findall(text)]
    here = [(frame.filename, frame.lineno, frame.name) for frame in traceback.extract_tb(error.__traceback__)]
    frames = [f"{file}:{line} {name}" for file, line, name in [*here, *_FRAME.findall(text)]]
    parts = [_listed(kinds[:_MOST]), _listed(_CONDITION.findall(text)[:_MOST]), _listed(frames[-_MOST:])]
    return "; ".join(part for part in parts if part)


def _listed(items: list[str]) -> str:
    return ", ".join(dict.fromkeys(items))
