"""The command line as a user has it: lines in, lines out; profiles made, listed, moved, compared; one-line errors."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pyspark.sql import SparkSession

import sqlalign
from sqlalign import cli
from sqlalign.profile import KINDS, WEIGHTINGS, Accounting, Profile, templates_table, write_profile
from sqlalign.store import load_profile, save_profile

SQLALIGN = [sys.executable, "-m", "sqlalign.cli"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(sqlalign.__file__).parents[1])}


@dataclass(frozen=True)
class Done:
    """What a run of the command left."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process, as the console script does."""

    def call(*arguments: object) -> Done:
        code = cli.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


def template(text: bytes, *arguments: str) -> list[str]:
    """The lines of `sqlalign template` for an input, run in this process."""
    done = CliRunner().invoke(cli.cli, ["template", *arguments], input=text)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


# ---------------------------------------------------------------- template


def test_template_gives_a_line_a_line() -> None:
    text = b"SELECT a FROM t WHERE b = 1\nUSE x\n\nhello world\nSELECT (\nSELECT 1 FROM t; SELECT a, b FROM t\n"
    assert template(text) == [
        "SELECT FROM WHERE =",
        "(USE)",
        "rejected: empty",
        "rejected: not_a_statement",
        "rejected: syntax_error",
        "SELECT FROM ; SELECT , FROM",
    ]


def test_template_reads_json_lines_with_id_and_dialect() -> None:
    rows = [{"id": "a", "sql": "SELECT TOP 3 x FROM t", "dialect": "tsql"}, {"sql": "SELECT x FROM t", "id": 7}]
    found = [json.loads(line) for line in template("\n".join(map(json.dumps, rows)).encode(), "--json")]
    assert [row["id"] for row in found] == ["a", 7]
    assert found[0]["statements"] == [
        {"kind": "select", "template": "SELECT FROM LIMIT", "reason": None, "repairs": []}
    ]


def test_json_rows_that_are_none_keep_their_place() -> None:
    lines = [
        b'{"sql": "SELECT a FROM t"}',
        b"not json",
        b"",
        b'{"id": 4, "query": "SELECT 1"}',
        b'{"id": 5, "sql": 5}',
        b'{"id": 6, "sql": null}',
        b'{"id": 7, "sql": "SELECT a FROM t", "dialect": "sparksql"}',
        b'{"id": NaN, "sql": "SELECT a FROM t"}',
        b'{"id": ' + b"[" * 5_000 + b"]" * 5_000 + b', "sql": "x"}',
        b"[1]",
    ]
    found = [json.loads(line) for line in template(b"\n".join(lines), "--json")]
    reasons = [row["statements"][0]["reason"] for row in found]
    malformed = "malformed_row"
    expected = [None, malformed, malformed, malformed, malformed, "empty", "unknown_dialect", *[malformed] * 3]
    assert reasons == expected
    assert [row["id"] for row in found][3:7] == [4, 5, 6, 7]


def test_only_the_first_character_of_the_input_says_what_it_is() -> None:
    assert template(b'SELECT a FROM t\n{"sql": "SELECT a FROM t"}\n')[0] == "SELECT FROM"
    assert template(b'\xef\xbb\xbf{"sql": "SELECT a FROM t"}\n') == ["SELECT FROM"]
    assert template(b"") == []


def test_hostile_lines_give_a_line_each_in_order() -> None:
    depth = 20_000
    lines = [
        b"SELECT a FROM t",
        b"SELECT '" + b"x" * 10_000_000 + b"' FROM t",
        b"SELECT '\x00' FROM t",
        b"SELECT '\xff\xfe' FROM t",
        b"\x00",
        b"SELECT * FROM (" * depth + b"SELECT 1" + b")" * depth,
        "SELECT 'ä\u2028\x85\x0b' FROM t".encode(),
        b"SELECT a FROM t\r",
    ]
    found = template(b"\n".join(lines))
    assert len(found) == len(lines)
    assert [found[i] for i in (0, 2, 3, 6, 7)] == ["SELECT FROM"] * 5
    assert found[5].startswith("rejected: ")


def test_lone_surrogates_of_json_are_no_harm() -> None:
    lines = [rb'{"id": "\ud800", "sql": "SELECT \ud83d FROM t"}', rb'{"sql": "SELECT \ud83d\ude00x FROM t"}']
    found = template(b"\n".join(lines), "--json")
    assert [json.loads(line)["id"] for line in found] == ["\ud800", None]
    assert len(found) == 2


def test_template_of_a_file_in_the_other_rules(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "queries.sql"
    file.write_text("SELECT a FROM t INNER JOIN u ON t.x = u.x\n")
    assert template(b"", str(file)) == ["SELECT FROM JOIN ON ="]
    assert template(b"", str(file), "--rules", "written") == ["SELECT FROM INNER JOIN ON ="]


def test_template_answers_while_its_input_is_still_open_and_leaves_with_its_reader() -> None:
    done = subprocess.run(
        ["bash", "-c", "yes 'SELECT a FROM t' | " + " ".join(SQLALIGN) + " template | head -1; echo ${PIPESTATUS[1]}"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["SELECT FROM", str(cli.BROKEN_PIPE)]
    assert done.stderr == ""


def test_template_needs_no_spark_no_arrow_no_pictures() -> None:
    heavy = ("pyspark", "pandas", "pyarrow", "numpy", "matplotlib", "rich")
    program = (
        "import io, sys; from sqlalign import cli; sys.argv[1:] = ['template']; code = cli.run(['template', '-']);"
        f"print(code, [name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="SELECT 1 FROM t\n", capture_output=True, text=True, env=ENVIRONMENT
    )
    assert done.stdout.splitlines() == ["SELECT FROM", "0 []"]


def test_vocabulary_has_a_token_a_line(run: Run) -> None:
    tokens = run("vocabulary").out.splitlines()
    assert {"SELECT", "FROM", "(", ",", "FUNC"} <= set(tokens)
    assert tokens == sorted(set(tokens))


# ---------------------------------------------------------------- help, usage, bugs


def commands() -> list[tuple[str, ...]]:
    top = cli.cli.commands
    return [(name,) for name in top] + [("profiles", name) for name in cli.profiles.commands]


@pytest.mark.parametrize("command", [(), *commands()], ids=" ".join)
def test_every_help_has_an_example(command: tuple[str, ...], run: Run) -> None:
    done = run(*command, "--help")
    assert done.code == 0
    assert "Example:\n" in done.out


def test_choices_are_those_of_the_package() -> None:
    assert cli.KINDS == KINDS
    assert cli.WEIGHTINGS == WEIGHTINGS


def test_version(run: Run) -> None:
    assert run("--version").out.strip().endswith(sqlalign.__version__)


USAGE = [
    (("template", "--dialect", "sparksql"), "Did you mean 'spark'?"),
    (("template", "--rules", "canonic"), "canonic"),
    (("template", "no/such/file.sql"), "no/such/file.sql"),
    (("nonsense",), "nonsense"),
    (("profile", "x.sql"), "--name"),
    (("profile", "x.sql", "--name", "a/b", "--kind", "log", "--store", "s"), "'a/b'"),
    (("profile", "x.sql", "--name", "a", "--kind", "logs", "--store", "s"), "logs"),
    (("profile", "x.sql", "--name", "a", "--kind", "log", "--dialect", "sparksql", "--store", "s"), "'sparksql'"),
    (("profile", "x.sql", "--name", "a", "--kind", "log", "--max-n", "0", "--store", "s"), "'0'"),
    (("profile", "x", "--name", "a", "--kind", "log", "--predicted-for", "t", "--store", "s"), "--kind predictions"),
    (("align",), "--target"),
    (("profiles", "import", "x.parquet"), "--store"),
]


@pytest.mark.parametrize(("arguments", "named"), USAGE, ids=lambda value: value if isinstance(value, str) else None)
def test_usage_errors_name_the_value(arguments: tuple[str, ...], named: str, run: Run) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert named in done.err
    assert "Traceback" not in done.err


def test_a_bug_shows_its_traceback_and_ends_with_70(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise KeyError("ours")

    monkeypatch.setitem(cli.cli.commands, "broken", broken)
    done = run("broken")
    assert done.code == cli.BUG
    assert "Traceback" in done.err
    assert "KeyError: 'ours'" in done.err


# ---------------------------------------------------------------- profile


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    file = tmp_path / "queries.jsonl"
    rows = [
        {"sql": "SELECT a FROM t WHERE b = 1"},
        {"sql": "SELECT a, b FROM t"},
        {"sql": "USE x"},
        {"sql": "SELECT ("},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def profile(run: Run, input: object, store: Path, *more: str) -> Done:
    return run("profile", input, "--name", "mine", "--kind", "queries", "--store", store, *more)


def test_profile_is_stored_and_accounted_for(spark: SparkSession, run: Run, queries: Path, tmp_path: Path) -> None:
    done = profile(run, queries, tmp_path / "store", "--dialect", "sqlite", "--max-n", "7")
    assert done.code == 0, done.err
    assert "rows read" in done.out and "rejected: syntax_error" in done.out
    assert "Warning: Only 66.6 %" in done.err
    made = load_profile("mine", store=tmp_path / "store")
    assert (made.max_n, made.dialects, made.templates.num_rows) == (7, ("sqlite",), 2)


def test_profile_of_a_column(spark: SparkSession, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text('when,what\n1,"SELECT a FROM t"\n')
    done = profile(run, tmp_path / "log.csv", tmp_path / "store", "--sql-column", "what")
    assert done.code == 0, done.err


BAD_INPUTS = {
    "missing": (None, (), "queries"),
    "empty": ("", (), "is empty"),
    "column": ('{"sql": "SELECT 1"}\n', ("--sql-column", "sqll"), "'sqll'"),
    "layout": ('{"sql": "SELECT 1"}\n', ("--layout", "spidr"), "'spidr'"),
    "prose": ('{"sql": "hello world"}\n', (), "--dialect"),
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_is_one_line_and_leaves_no_profile(spark: SparkSession, run: Run, tmp_path: Path, name: str) -> None:
    content, options, named = BAD_INPUTS[name]
    input, store = tmp_path / "queries.jsonl", tmp_path / "store"
    if content is not None:
        input.write_text(content)
    done = profile(run, input, store, *options)
    assert done.code in (1, 2)
    assert done.out == ""
    assert named in done.err
    assert len(done.err.splitlines()) == 1
    assert not list(store.rglob("*"))


def test_a_damaged_file_is_one_line(spark: SparkSession, run: Run, tmp_path: Path) -> None:
    (tmp_path / "log.parquet").write_bytes(b"PAR1 and nothing more")
    done = profile(run, tmp_path / "log.parquet", tmp_path / "store")
    assert done.code == 1
    assert "log.parquet" in done.err


# ---------------------------------------------------------------- profiles, align


def small_profile(name: str, kind: str, rows: list[tuple[str, str, int, int]], **more: object) -> Profile:
    total = sum(row[2] for row in rows)
    accounting = Accounting(rows_read=total, parsed=total, statements_found=total, templated=total)
    table = templates_table(rows)
    return Profile(name=name, kind=kind, templates=table, accounting=accounting, keys=len(rows), **more)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The method's fixture as profiles: a training set P, a target Q; and a baseline."""
    p = [("select", "SELECT FROM", 2, 2), ("select", "SELECT FROM WHERE =", 1, 1)]
    q = [("select", "SELECT FROM", 1, 1), ("select", "SELECT , FROM", 1, 1)]
    folder = tmp_path / "store"
    save_profile(folder, small_profile("p", "training_set", p))
    save_profile(folder, small_profile("other", "training_set", [("select", "VALUES ( )", 1, 1)], dialects=("mysql",)))
    save_profile(folder, small_profile("q", "queries", q))
    save_profile(folder, small_profile("base", "predictions", p[:1], predicted_for="elsewhere"))
    return folder


COLUMNS = (
    "target training_set baseline alignment coverage overlap alignment_ratio coverage_ratio rules template_version "
    "weighting max_n delta target_statements target_templated training_statements training_templated"
)


def align(run: Run, store: Path, *more: str) -> Done:
    return run("align", "--target", "q", "--training-set", "p", "--training-set", "other", "--store", store, *more)


def test_align_as_json_is_one_array_with_all_columns(run: Run, store: Path) -> None:
    done = align(run, store, "--json")
    rows = json.loads(done.out)
    assert [list(row) for row in rows] == [COLUMNS.split()] * 2
    assert [row["training_set"] for row in rows] == ["p", "other"]
    assert rows[0]["alignment"] == pytest.approx(0.678514474, abs=1e-9)
    assert rows[0]["coverage"] == pytest.approx(0.827689646, abs=1e-9)
    assert rows[0]["overlap"] == pytest.approx(5 / 6)
    assert rows[0]["baseline"] is rows[0]["alignment_ratio"] is rows[0]["coverage_ratio"] is None


def test_align_with_baselines_gives_ratios_and_warns_of_a_foreign_one(run: Run, store: Path) -> None:
    done = align(run, store, "--baseline", "base", "--json")
    row = json.loads(done.out)[0]
    assert row["baseline"] == "base"
    assert row["alignment_ratio"] > 0
    assert "predicted for 'elsewhere'" in done.err


def test_align_as_a_table_is_ranked_and_ends_with_the_verdict(run: Run, store: Path) -> None:
    lines = align(run, store).out.splitlines()
    ranked = [line.split()[0] for line in lines if line.startswith(("p ", "other "))]
    assert ranked == ["p", "other"]
    assert "0.679" in "\n".join(lines) and "100.0 %" in "\n".join(lines)
    assert any(line.startswith("Warning: Target 'q' has only 2") for line in lines)
    assert lines[-1].startswith("'p' is the best aligned with 'q' of 2 training sets")


def test_align_takes_all_training_sets_unless_told(run: Run, store: Path) -> None:
    rows = json.loads(run("align", "--target", "q", "--store", store, "--json").out)
    assert {"p", "other"} <= {row["training_set"] for row in rows}


def test_align_on_spark_is_the_same(spark: SparkSession, run: Run, store: Path) -> None:
    local, on_spark = (json.loads(align(run, store, "--json", "--engine", e).out) for e in ("local", "spark"))
    for ours, theirs in zip(local, on_spark, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-12)


ALIGN_ERRORS = [
    (("--baseline", "bse"), 1, "'bse'"),
    (("--rules", "written"), 1, "'q'"),
    (("--delta", "2"), 2, "'2.0'"),
    (("--max-n", "0"), 2, "'0'"),
    (("--max-n", "16"), 1, "max_n 15"),
]


@pytest.mark.parametrize(("more", "code", "named"), ALIGN_ERRORS)
def test_align_says_what_is_wrong(run: Run, store: Path, more: tuple[str, ...], code: int, named: str) -> None:
    done = align(run, store, *more)
    assert (done.code, done.out) == (code, "")
    assert named in done.err
    assert len(done.err.splitlines()) == 1


def test_align_refuses_a_profile_of_another_version(run: Run, store: Path) -> None:
    save_profile(store, small_profile("old", "training_set", [("select", "SELECT FROM", 1, 1)], template_version=2))
    done = run("align", "--target", "q", "--training-set", "old", "--store", store)
    assert done.code == 1
    assert "template_version 2" in done.err


def test_profiles_are_listed(run: Run, store: Path) -> None:
    done = run("profiles", "--store", store)
    first = [line.split()[:4] for line in done.out.splitlines()[2:6]]
    assert first[0] == ["base", "predictions", "canonical", "store"]
    listed = json.loads(run("profiles", "--store", store, "--json").out)
    assert {"name", "kind", "rules", "place", "templates", "digest", "licence"} <= set(listed[0])


def test_profiles_move_between_stores(run: Run, store: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "p.parquet", tmp_path / "other"
    assert run("profiles", "export", "p", file, "--store", store, "--min-count", "2").code == 0
    assert run("profiles", "--store", other, "import", file).code == 0
    assert load_profile("p", store=other).templates.num_rows == 1


def test_half_written_profiles_are_refused_by_name(run: Run, store: Path) -> None:
    path = store / "profiles" / "p.canonical.parquet"
    path.write_bytes(path.read_bytes()[:200])
    done = align(run, store)
    assert done.code == 1
    assert "p.canonical.parquet" in done.err


def test_import_of_what_is_no_profile(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("hello")
    done = run("profiles", "import", tmp_path / "x.parquet", "--store", tmp_path / "store")
    assert done.code == 1
    assert "x.parquet" in done.err
    assert not (tmp_path / "store").exists()


def test_exported_profiles_are_files_of_their_own(run: Run, store: Path, tmp_path: Path) -> None:
    write_profile(load_profile("p", store=store), tmp_path / "direct.parquet")
    run("profiles", "export", "p", tmp_path / "p.parquet", "--store", store)
    assert (tmp_path / "p.parquet").read_bytes() == (tmp_path / "direct.parquet").read_bytes()
