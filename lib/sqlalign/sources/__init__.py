"""Logs, data sets and predictions in their own layouts → the `queries` record."""

from sqlalign.sources.complete import complete
from sqlalign.sources.rows import read_rows, reading

__all__ = ["complete", "read_rows", "reading"]
