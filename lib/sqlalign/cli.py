"""The console command `sqlalign`. Each command says what it will do, calls the package, and prints.

Exit codes: 0 done; 1 an error the user can mend, in one line on stderr; 2 usage; 70 a bug of ours, with its traceback.
What a command needs is imported inside it: `sqlalign template` must not wait for Spark, Arrow or pictures.
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

import sqlalign
from sqlalign.cli_nightly import backfill, nightly, runs, vacuum
from sqlalign.errors import ConfigError, SqlalignError
from sqlalign.sql.version import RULES

if TYPE_CHECKING:
    from sqlalign.alignment.compare import Comparison
    from sqlalign.profile import Profile

BUG = 70
BROKEN_PIPE = 141
INTERRUPTED = 130
KINDS = ("log", "queries", "training_set", "predictions")
WEIGHTINGS = ("auto", "executions", "shapes")
ENGINES = ("auto", "local", "spark")
SPARK_FROM = 200_000
"""Distinct templates of all profiles together from which `--engine auto` takes Spark; below, its start costs more."""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code."""
    try:
        return cli.main(args=arguments, prog_name="sqlalign", standalone_mode=False) or 0
    except SqlalignError as error:
        # a configuration's faults stand one a line
        for line in str(error).splitlines() if isinstance(error, ConfigError) else [str(error)]:
            _say(f"Error: {line}")
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception:
        traceback.print_exc()
        _say("This is a bug of sqlalign. Please report it with the lines above.")
        return BUG


def _say(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    click.echo(" ".join(message.split()), err=True)


def _warn(messages: Iterable[str]) -> None:
    for message in messages:
        _say(f"Warning: {message}")


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Where whoever reads our output has left (`| head`), leaves quietly too, with the shell's code for it."""
    try:
        yield
    except BrokenPipeError:
        # the interpreter's last flush would fail again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)


@click.group(context_settings=CONTEXT)
@click.version_option(sqlalign.__version__, prog_name="sqlalign")
def cli() -> None:
    """Which text-to-SQL training set looks like the SQL a warehouse really runs?

    \b
    Example:
      sqlalign profile queries.parquet --name ours --kind log --dialect snowflake --store store
      sqlalign align --target ours --store store
    """


# ---------------------------------------------------------------- options that several commands have

with_rules = click.option(
    "--rules", type=click.Choice(RULES), default="canonical", show_default=True, help="The rules of the templates."
)
with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
with_store = click.option("--store", type=click.Path(path_type=Path), help="The folder that holds your profiles.")
needs_store = click.option(
    "--store", type=click.Path(path_type=Path), required=True, help="The folder that holds your profiles."
)
with_max_n = click.option("--max-n", type=int, default=15, show_default=True, help="Tokens of the longest n-gram.")


# ---------------------------------------------------------------- template, vocabulary


@cli.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--dialect", default="", help="sqlglot's name of the dialect; the generic one unless told.")
@with_rules
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def template(file: BinaryIO, dialect: str, rules: str, as_json: bool) -> None:
    """The template of each statement of FILE (default: stdin), a line each.

    FILE holds a text a line, or, where its first character is "{", a JSON object a line with `sql` and, if wanted, `id`
    and `dialect`. For every line a line is printed, in order: the templates, joined by " ; ", "(KIND)" for a statement
    that is no query, "rejected: REASON" for what has no template.

    \b
    Example:
      echo "SELECT name FROM users WHERE id = 7" | sqlalign template --dialect postgres
    """
    from sqlalign.report.lines import json_line, text_line
    from sqlalign.rows import read_lines
    from sqlalign.sql.dialects import check_dialect
    from sqlalign.sql.sandbox import sandboxed_statements

    check_dialect(dialect)
    render: Callable[..., str] = json_line if as_json else text_line
    with _reader_may_leave():
        for row in read_lines(file, dialect):
            statements = row.rejected or sandboxed_statements(row.sql, row.dialect, rules)
            sys.stdout.buffer.write(render(row.id, statements).encode())
        sys.stdout.buffer.flush()


@cli.command()
def vocabulary() -> None:
    """Every token that a template can hold, one a line: nothing else can leave the parse step.

    \b
    Example:
      sqlalign vocabulary | wc -l
    """
    from sqlalign.sql.vocabulary import VOCABULARY

    click.echo("\n".join(sorted(VOCABULARY)))


# ---------------------------------------------------------------- profile


@cli.command()
@click.argument("input")
@click.option("--name", required=True, help="The profile's name in the store.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the SQL is.")
@click.option("--predicted-for", help="The target whose questions the predictions answer.")
@click.option("--layout", help="The input's layout, where it cannot be told from the input.")
@click.option("--format", help="The input's format, where it cannot be told from the input.")
@click.option("--dialect", help="sqlglot's name of the dialect, for rows that do not say it.")
@with_rules
@click.option("--sql-column", help="The column that holds the SQL.")
@click.option("--executions-column", help="The column that says how often each ran.")
@click.option("--time-zone", default="UTC", show_default=True, help="Of a log's times that have none.")
@with_max_n
@needs_store
def profile(input: str, store: Path, **options: Any) -> None:
    """Make a profile of the SQL of INPUT and put it into the store.

    INPUT is a file or folder (Parquet, Delta, CSV, JSON, JSON lines, a training set in its own layout), or a table of
    the catalog. Where each row and statement went is printed.

    \b
    Example:
      sqlalign profile predictions.sql --name base --kind predictions --predicted-for dev \\
          --dialect sqlite --store store
    """
    from sqlalign.profile import Profile, templates_table
    from sqlalign.report.terminal import accounting_table, accounting_warnings, show, working
    from sqlalign.sql.dialects import check_dialect
    from sqlalign.store import save_profile

    # what is wrong with the arguments must not wait for Spark
    Profile(**_identity(options), templates=templates_table(()))
    check_dialect(options["dialect"] or "")
    with working() as stage:
        made = _profile_of(input, stage, options)
        save_profile(store, made)
    show(accounting_table(made))
    _warn(accounting_warnings(made))


READING = ("layout", "format", "dialect", "sql_column", "executions_column", "time_zone")


def _profile_of(input: str, stage: Callable[[str], None], options: dict[str, Any]) -> "Profile":
    """Read and profile an input, naming the stage at work. Raises what reading and profiling raise."""
    stage("starting Spark")
    from sqlalign.profiling import profile_queries
    from sqlalign.sources.read import open_source
    from sqlalign.sources.rows import reading
    from sqlalign.spark import spark_session

    spark = spark_session()
    stage(f"reading {input}")
    how = {name: options[name] for name in READING}
    with reading(input):
        source = open_source(spark, input, kind=options["kind"], **how)
        stage("making keys, templates and counts")
        return profile_queries(source.queries, layout=source.layout, **_identity(options))


def _identity(options: dict[str, Any]) -> dict[str, Any]:
    """The options that say what the profile is, not how its input is read."""
    return {name: value for name, value in options.items() if name not in READING}


# ---------------------------------------------------------------- profiles


@cli.group(invoke_without_command=True)
@with_store
@with_json
@click.pass_context
def profiles(context: click.Context, store: Path | None, as_json: bool) -> None:
    """List the profiles of the store and of the box; export or import one.

    \b
    Example:
      sqlalign profiles
      sqlalign profiles export spider-train spider-train.parquet
      sqlalign profiles import spider-train.parquet --store store
    """
    context.obj = store
    if context.invoked_subcommand is None:
        _list_profiles(store, as_json)


def _list_profiles(store: Path | None, as_json: bool) -> None:
    from sqlalign.report.terminal import profiles_table, show
    from sqlalign.store import list_profiles

    headers = sorted(list_profiles(store), key=lambda header: header["place"] != "store")
    if as_json:
        _print_json(headers)
    else:
        show(profiles_table(headers))


@profiles.command("export")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_rules
@with_store
@click.option("--min-count", type=click.IntRange(min=1), default=1, help="Leave out templates of fewer executions.")
@click.pass_obj
def export(outer: Path | None, name: str, file: Path, rules: str, store: Path | None, min_count: int) -> None:
    """Write the profile NAME to FILE, to be compared elsewhere.

    \b
    Example:
      sqlalign profiles export spider-train spider-train.parquet
    """
    from sqlalign.store import export_profile

    written = export_profile(name, rules, file, store or outer, min_count)
    click.echo(f"{file}: profile '{written.name}' ({written.rules}), {written.templates.num_rows:,} templates")


@profiles.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@with_store
@click.pass_obj
def import_(outer: Path | None, file: Path, store: Path | None) -> None:
    """Put the profile of FILE into the store, under the name it was made with.

    \b
    Example:
      sqlalign profiles import spider-train.parquet --store store
    """
    from sqlalign.store import import_profile

    folder = store or outer
    if folder is None:
        raise click.UsageError("Missing option '--store'.")
    taken = import_profile(file, folder)
    click.echo(f"{folder}: profile '{taken.name}' ({taken.rules}), {taken.templates.num_rows:,} templates")


def _print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, indent=2))


# ---------------------------------------------------------------- align


@cli.command()
@click.option("--target", "targets", multiple=True, required=True, help="A profile of what is asked. Repeatable.")
@click.option(
    "--training-set",
    "training_sets",
    multiple=True,
    help="A profile to rank; all training sets unless told. Repeatable.",
)
@click.option("--baseline", "baselines", multiple=True, help="A profile of a base model's predictions. Repeatable.")
@with_rules
@click.option(
    "--weighting", type=click.Choice(WEIGHTINGS), default="auto", show_default=True, help="What a template counts."
)
@with_max_n
@click.option("--delta", type=float, default=1e-6, show_default=True, help="The skew of the divergence.")
@with_store
@with_json
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="Where to compute.")
def align(
    targets: tuple[str, ...],
    training_sets: tuple[str, ...],
    baselines: tuple[str, ...],
    rules: str,
    store: Path | None,
    as_json: bool,
    engine: str,
    **options: Any,
) -> None:
    """Rank training sets by how much their structure is like the target's.

    \b
    Example:
      sqlalign align --target spider-train --training-set bird-train --training-set wikisql
    """
    from sqlalign.report.terminal import working

    with working() as stage:
        stage("loading profiles")
        named = training_sets or _all_training_sets(store, rules, targets)
        roles = [_load(names, rules, store) for names in (targets, named, baselines)]
        rows = _compare(roles, engine, stage, options)
    _show(rows, roles, as_json)


def _load(names: Iterable[str], rules: str, store: Path | None) -> "list[Profile]":
    """The profiles of these names, each once."""
    from sqlalign.store import load_profile

    return [load_profile(name, rules, store) for name in dict.fromkeys(names)]


def _all_training_sets(store: Path | None, rules: str, targets: Sequence[str]) -> list[str]:
    """Names of all training sets of the store and the box, but for the targets. Raises ProfileError for none."""
    from sqlalign.errors import ProfileError
    from sqlalign.store import list_profiles

    headers = (h for h in list_profiles(store) if h["kind"] == "training_set" and h["rules"] == rules)
    names = [header["name"] for header in headers if header["name"] not in targets]
    if not names:
        raise ProfileError(f"There is no training set of the '{rules}' rules to rank. Set --training-set or --store.")
    return names


def _compare(
    roles: "list[list[Profile]]", engine: str, stage: Callable[[str], None], options: dict[str, Any]
) -> "list[Comparison]":
    """The comparison in this process, or on Spark where that is asked for or pays."""
    size = sum(profile.templates.num_rows for role in roles for profile in role)
    if engine == "local" or (engine == "auto" and size < SPARK_FROM):
        from sqlalign.alignment.compare import compare_many

        stage("comparing")
        return compare_many(*roles, **options)
    stage("starting Spark")
    from sqlalign.comparing import compare_on_spark
    from sqlalign.spark import spark_session

    spark = spark_session()
    stage("comparing on Spark")
    return compare_on_spark(spark, *roles, **options)


def _show(rows: "list[Comparison]", roles: "list[list[Profile]]", as_json: bool) -> None:
    """The ranking, its warnings, and the verdict as the last line; with JSON only the rows are on stdout."""
    from sqlalign.alignment.advice import verdict, warnings
    from sqlalign.report.terminal import alignment_table, show

    said = warnings(*roles)
    if as_json:
        _print_json([row.as_dict() for row in rows])
        _warn(said)
        return
    show(alignment_table(rows, {profile.name: profile for role in roles for profile in role}))
    for warning in said:
        click.echo(f"Warning: {warning}")
    click.echo(verdict(rows))


for command in (nightly, backfill, runs, vacuum):
    cli.add_command(command)


if __name__ == "__main__":
    main()
