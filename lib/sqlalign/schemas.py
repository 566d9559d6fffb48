"""Every table's columns: name, type, meaning. Plain data, written in Spark's DDL types, without Spark.

A table is a tuple of `Column`; `names(QUERIES)` and `ddl(QUERIES)` serve those who read or write it.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """One column: its name, its type in Spark's DDL, what it means, and the SQL value a source without it gets."""

    name: str
    type: str
    meaning: str
    default: str = "NULL"


def names(table: Sequence[Column]) -> list[str]:
    """The column names of a table, in order."""
    return [column.name for column in table]


def ddl(table: Sequence[Column]) -> str:
    """The table as a Spark DDL string, e.g. "`sql` STRING, `executions` BIGINT"."""
    return ", ".join(f"`{column.name}` {column.type}" for column in table)


QUERIES: tuple[Column, ...] = (
    Column(
        "sql",
        "STRING",
        "The statement's text as the source has it, after the reader's own repairs; null where there is none.",
    ),
    Column("dialect", "STRING", "The dialect to parse it in, by sqlglot's name; '' is the generic one.", "''"),
    Column(
        "executions",
        "BIGINT",
        "How often it ran: 1 for a row of a log, the count for an aggregated row; at least 1.",
        "1L",
    ),
    Column("excluded", "STRING", "The filter that takes the row out, e.g. 'script_parent'; null: it counts."),
    Column(
        "reject", "STRING", "Why the row cannot be parsed, known before parsing, e.g. 'truncated', 'malformed_row'."
    ),
    Column(
        "repairs",
        "ARRAY<STRING>",
        "What the reader mended, e.g. 'code_fence'; empty: nothing.",
        "CAST(array() AS ARRAY<STRING>)",
    ),
    Column("source", "STRING", "The log or data set the row is from."),
    Column("query_id", "STRING", "The source's identifier of the execution."),
    Column("parent_query_id", "STRING", "The execution (script, procedure) that started this one."),
    Column("started_at", "TIMESTAMP", "When the execution started (an instant; shown in UTC)."),
    Column("ended_at", "TIMESTAMP", "When it ended: the time that says which day a query belongs to."),
    Column("user", "STRING", "Who ran it."),
    Column("role", "STRING", "The role it ran under."),
    Column("database", "STRING", "The default database or catalog."),
    Column("schema", "STRING", "The default schema."),
    Column("application", "STRING", "The client: a BI tool, dbt, a driver."),
    Column("statement_type", "STRING", "The source's own name for the kind of statement."),
    Column("status", "STRING", "How it ended, in the source's words."),
    Column("duration_ms", "BIGINT", "Elapsed time in milliseconds."),
    Column("bytes_scanned", "BIGINT", "Bytes read."),
    Column("rows_returned", "BIGINT", "Rows given back."),
    Column("native_hash", "STRING", "The source's own hash of the text."),
    Column("query_tag", "STRING", "A tag that the client set."),
    Column("is_truncated", "BOOLEAN", "Whether the source cut the text.", "false"),
)
"""What every source gives: one row for each row read, none dropped."""

SCHEMA_VERSION = 1
"""The version of the tables below, raised when a column changes its name, type or meaning; others are refused."""

_SOURCE = Column("source", "STRING", "The log's name, as the configuration has it.")
_DAY = Column("day", "DATE", "The day (in the log's time zone) on which the queries ended.")
_WINDOW_DAY = Column("day", "DATE", "The last day of the window of the log that was compared.")
_RULES = Column("rules", "STRING", "The rule set of the templates: 'canonical' or 'written'.")
_TEMPLATE_VERSION = Column("template_version", "INT", "The version of those rules.")
_MAX_N = Column("max_n", "INT", "The length of the longest n-gram counted.")
_EXECUTIONS = Column("executions", "BIGINT", "How often it ran.")
_SHAPES = Column(
    "shapes", "BIGINT", "Distinct texts of the day, once comments, literals, case and white space are out."
)

TEMPLATES: tuple[Column, ...] = (
    _SOURCE,
    _DAY,
    _RULES,
    _TEMPLATE_VERSION,
    Column("dialect", "STRING", "The dialect the statement was read in, by sqlglot's name; '' is the generic one."),
    Column("statement_kind", "STRING", "The kind of the statement that holds the query, e.g. 'select', 'insert'."),
    Column("template_digest", "STRING", "The first 32 hex digits of SHA-256 of the template's UTF-8 bytes."),
    Column("template", "STRING", "The structure: tokens of a closed vocabulary, one blank apart."),
    _EXECUTIONS,
    _SHAPES,
    Column("first_seen_at", "TIMESTAMP", "When it first ran on that day (an instant)."),
    Column("last_seen_at", "TIMESTAMP", "When it last ran on that day (an instant)."),
)
"""What the log holds, by day. Columns that `segments` of the configuration names follow, as STRING."""

REJECTS: tuple[Column, ...] = (
    _SOURCE,
    _DAY,
    Column("reason", "STRING", "Why the statements gave no template, e.g. 'truncated', 'not_a_statement'."),
    Column("statements", "BIGINT", "Distinct statements rejected for it."),
    Column("executions", "BIGINT", "How often they ran."),
)
"""What could not be read, by day and reason; never the text."""

REJECTS_SQL: tuple[Column, ...] = (
    _SOURCE,
    _DAY,
    Column("reason", "STRING", "Why a statement of the text gave no template."),
    Column("sql", "STRING", "The whole text as the log has it, identifiers and literals in it."),
    Column("executions", "BIGINT", "How often statements of this text were rejected for it."),
)
"""The texts of rejects, only where `keep_rejected_sql` of the configuration is true; otherwise it has no rows."""

NGRAM_COUNTS: tuple[Column, ...] = (
    _SOURCE,
    _DAY,
    _RULES,
    _TEMPLATE_VERSION,
    Column("n", "INT", "The n-gram's length in tokens."),
    Column("ngram", "STRING", "Its tokens, one blank apart."),
    Column("executions", "BIGINT", "Its occurrences in the day's templates, each times the template's executions."),
    Column("shapes", "BIGINT", "The same, each times the template's shapes."),
)
"""The n-grams of a day's templates."""

PROFILES: tuple[Column, ...] = (
    _SOURCE,
    _WINDOW_DAY,
    _RULES,
    _TEMPLATE_VERSION,
    _MAX_N,
    Column("name", "STRING", "The profile's name; the window of the log has the source's."),
    Column("kind", "STRING", "What it is made of: 'log', 'queries', 'training_set' or 'predictions'."),
    Column("predicted_for", "STRING", "The target whose questions the predictions answer; null for other kinds."),
    Column("origin", "STRING", "Where its statements are from."),
    Column("licence", "STRING", "The licence of that data."),
    Column("digest", "STRING", "SHA-256 over the profile's identity and rows."),
    Column("statements", "BIGINT", "Statements found, weighted by executions."),
    Column("templated", "BIGINT", "Those with a template."),
    Column("templates", "BIGINT", "Distinct pairs of statement kind and template."),
    Column("first_day", "DATE", "The first day of the window; null for a profile that is no window of the log."),
    Column("days_present", "INT", "Days of the window that a run covers; null likewise."),
)
"""The profiles that were compared: the log's window and each stored one, so that an alignment can be traced."""

ALIGNMENTS: tuple[Column, ...] = (
    _SOURCE,
    _WINDOW_DAY,
    _RULES,
    _TEMPLATE_VERSION,
    _MAX_N,
    Column("delta", "DOUBLE", "The skew of the divergence, in (0, 1)."),
    Column("weighting", "STRING", "The weighting asked for: 'auto', 'executions' or 'shapes'."),
    Column("target", "STRING", "The target's profile."),
    Column("training_set", "STRING", "The training set's profile."),
    Column("baseline", "STRING", "The profile of the base model's predictions; null where there is none."),
    Column("alignment", "DOUBLE", "A(training set, target), in [1/e, 1]."),
    Column("coverage", "DOUBLE", "A(target, training set), in [1/e, 1]."),
    Column("overlap", "DOUBLE", "The share of the target's n-gram mass that the training set holds, in [0, 1]."),
    Column("alignment_ratio", "DOUBLE", "A(training set, target) / A(baseline, target); null without a baseline."),
    Column("coverage_ratio", "DOUBLE", "A(target, training set) / A(target, baseline); null without a baseline."),
    Column("target_statements", "BIGINT", "Statements found in the target."),
    Column("target_templated", "BIGINT", "Those of them with a template."),
    Column("training_statements", "BIGINT", "Statements found in the training set."),
    Column("training_templated", "BIGINT", "Those of them with a template."),
    Column("warnings", "ARRAY<STRING>", "What a reader of these numbers must know, in plain words."),
)
"""Each training set against the log's window, with each baseline."""

RUNS: tuple[Column, ...] = (
    Column("run_id", "STRING", "The run's identifier: 'r', its start in UTC, and random digits."),
    Column("schema_version", "INT", "The version of the tables' columns."),
    _SOURCE,
    _RULES,
    Column("days", "ARRAY<DATE>", "The days whose templates, rejects and ngram_counts this run holds, empty ones too."),
    Column("window_days", "ARRAY<DATE>", "The days that end a window whose profiles and alignments this run holds."),
    Column("started_at", "TIMESTAMP", "When the run started (an instant)."),
    Column("committed_at", "TIMESTAMP", "When it was committed; later than every commit it could see."),
    _TEMPLATE_VERSION,
    _MAX_N,
    Column("segments", "ARRAY<STRING>", "The segment columns of this run's templates."),
    Column("table_rows", "MAP<STRING, BIGINT>", "How many rows the run wrote, by table."),
    Column("rows_read", "BIGINT", "Rows read = excluded + empty + parsed + unparsable, weighted by executions."),
    Column("excluded", "MAP<STRING, BIGINT>", "Rows taken out, by filter."),
    Column("empty", "BIGINT", "Rows without text."),
    Column("parsed", "BIGINT", "Rows with at least one statement that was understood."),
    Column("unparsable", "BIGINT", "Rows all of whose statements were rejected."),
    Column("statements_found", "BIGINT", "Statements found = templated + other_kinds + rejected."),
    Column("templated", "BIGINT", "Statements with a template."),
    Column("other_kinds", "MAP<STRING, BIGINT>", "Statements that are no query, by kind."),
    Column("rejected", "MAP<STRING, BIGINT>", "Statements rejected, by reason."),
    Column("repairs", "MAP<STRING, BIGINT>", "Rows mended before parsing, by repair."),
    Column("unknown", "MAP<STRING, BIGINT>", "Constructs in templates without a rendering (OTHER), by their class."),
    Column(
        "by_day", "MAP<DATE, STRING>", "The same numbers, from rows_read to unknown, of each day with rows, as JSON."
    ),
    Column("warnings", "ARRAY<STRING>", "What the run warned of."),
    Column("config_digest", "STRING", "SHA-256 of the effective configuration without its secrets."),
    Column("versions", "MAP<STRING, STRING>", "The versions of the programs that made the run's tables."),
)
"""One row for each committed run; it is the commit. A run that failed or was killed has none."""

DAY_TABLES = {
    "templates": TEMPLATES,
    "rejects": REJECTS,
    "rejects_sql": REJECTS_SQL,
    "ngram_counts": NGRAM_COUNTS,
}
"""Tables of days: a run replaces them for its `days`."""

WINDOW_TABLES = {"profiles": PROFILES, "alignments": ALIGNMENTS}
"""Tables of windows: a run replaces them for its `window_days`."""

TABLES = {**DAY_TABLES, **WINDOW_TABLES, "runs": RUNS}
"""Every table of a store, by name."""

SEGMENTS = ("user", "role", "database", "schema", "application", "query_tag")
"""The columns of a log that `segments` may name."""
