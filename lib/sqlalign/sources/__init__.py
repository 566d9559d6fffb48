"""Logs, data sets and predictions in their own layouts → the `queries` record."""

from sqlalign.sources.complete import complete
from sqlalign.sources.detect import LAYOUTS
from sqlalign.sources.read import Source, open_source, read_queries
from sqlalign.sources.rows import read_rows, reading

__all__ = ["LAYOUTS", "Source", "complete", "open_source", "read_queries", "read_rows", "reading"]
