"""sqlalign: which text-to-SQL training set looks like the SQL a warehouse really runs."""

__version__ = "0.1.0"
