import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqlalign.errors import AccountingError, ProfileError, UsageError
from sqlalign.profile import (
    METADATA_KEY,
    Accounting,
    Profile,
    profile_bytes,
    read_header,
    read_profile,
    templates_table,
    write_profile,
)

ROWS = [
    ("select", "SELECT FROM", 5, 2),
    ("insert", "SELECT FROM", 1, 1),
    ("select", "SELECT , FROM WHERE =", 3, 3),
    ("select", "SELECT Ü", 2, 1),
]
ACCOUNTING = Accounting(
    rows_read=20,
    excluded={"query_start_row": 4},
    empty=2,
    parsed=12,
    unparsable=2,
    statements_found=15,
    templated=11,
    other_kinds={"use": 2},
    rejected={"syntax_error": 1, "not_a_statement": 1},
    repairs={"code_fence": 1},
)


def made(rows=ROWS, **header):
    given = {"name": "prod", "kind": "log", "accounting": ACCOUNTING, "keys": 7, "dialects": ("snowflake", "")}
    return Profile(templates=templates_table(rows), **given | header)


def rewritten(path, change, rows=None):
    """The file again, its metadata's JSON object changed, its digest as it was."""
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[METADATA_KEY])
    change(header)
    table = table if rows is None else pa.Table.from_pylist(rows, schema=table.schema)
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(header)}), path)


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "prod.parquet"
    write_profile(made(), path)
    return path


def test_a_profile_comes_back_as_it_was(stored):
    assert read_profile(stored) == made()


def test_every_field_comes_back(tmp_path):
    profile = made(
        kind="predictions",
        rules="written",
        template_version=3,
        max_n=9,
        predicted_for="spider-dev",
        layout="lines",
        origin="a model",
        licence="MIT",
        created_by={"sqlalign": "9"},
    )
    write_profile(profile, tmp_path / "p.parquet")
    assert read_profile(tmp_path / "p.parquet") == profile


def test_the_same_rows_in_any_order_and_chunks_give_the_same_bytes():
    table = templates_table(ROWS)
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    pieces = pa.concat_tables([templates_table([row]) for row in shuffled])
    assert pieces["template"].num_chunks == len(ROWS)
    other = Profile(
        name="prod", kind="log", accounting=ACCOUNTING, keys=7, dialects=("", "snowflake", ""), templates=pieces
    )
    assert (
        profile_bytes(other)
        == profile_bytes(made())
        == profile_bytes(made([tuple(r.values()) for r in table.to_pylist()]))
    )


def test_rows_are_sorted_by_kind_and_template(stored):
    rows = pq.read_table(stored).select(["statement_kind", "template"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["statement_kind"].encode(), row["template"].encode()))


def test_the_header_is_plain_json_for_other_readers(stored):
    header = json.loads(pq.read_schema(stored).metadata[b"sqlalign"])
    assert header["accounting"]["rejected"] == {"syntax_error": 1, "not_a_statement": 1}
    assert header["shapes"] == {"keys": 7}
    assert header["dialects"] == ["", "snowflake"]
    assert header["digest"] == made().digest
    assert set(header) == {
        *("name", "kind", "rules", "template_version", "max_n", "dialects", "predicted_for", "layout", "origin"),
        *("licence", "created_by", "accounting", "shapes", "digest", "min_count", "format"),
    }


def test_read_header_tells_the_number_of_templates(stored):
    assert read_header(stored) == made().header() | {"templates": len(ROWS)}


def test_the_digest_is_of_rows_and_identity_only():
    digest = made().digest
    assert made(name="other", origin="elsewhere", kind="queries").digest == digest
    changed = [made(max_n=9), made(rules="written"), made(template_version=2), made([("select", "SELECT", 11, 1)])]
    assert digest not in {profile.digest for profile in changed}


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path):
    write_profile(made(), tmp_path / "day=1" / "p.parquet")
    assert read_profile(tmp_path / "day=1" / "p.parquet") == made()


def test_no_temporary_file_is_left(stored):
    assert [path.name for path in stored.parent.iterdir()] == ["prod.parquet"]


def test_an_old_file_stands_until_the_new_one_is_whole(stored):
    with pytest.raises(AccountingError):
        write_profile(made(accounting=Accounting()), stored)
    assert read_profile(stored) == made()


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(ProfileError, match=r"'prod' cannot be written to '.*store/p.parquet'.*--store"):
        write_profile(made(), tmp_path / "store" / "p.parquet")


def test_an_empty_profile_can_be_kept(tmp_path):
    empty = made([], accounting=Accounting(rows_read=1, empty=1))
    write_profile(empty, tmp_path / "p.parquet")
    assert read_profile(tmp_path / "p.parquet") == empty
    assert (empty.kept, empty.parse_rate, dict(empty.ngram_counts())) == (0, 0, {})


@pytest.mark.parametrize("length", [0, 3, 4, 100, -8, -1])
def test_a_truncated_file_is_refused(stored, length):
    stored.write_bytes(stored.read_bytes()[:length])
    with pytest.raises(ProfileError, match=r"Profile file '.*prod.parquet' cannot be read"):
        read_profile(stored)
    with pytest.raises(ProfileError, match=r"Profile file '.*prod.parquet' cannot be read"):
        read_header(stored)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ProfileError, match=r"'.*no.parquet' does not exist"):
        read_profile(tmp_path / "no.parquet")
    with pytest.raises(ProfileError, match="is a folder"):
        read_header(tmp_path)


def test_parquet_that_is_no_profile_is_refused(tmp_path):
    pq.write_table(pa.table({"sql": ["SELECT 1"]}), tmp_path / "sql.parquet")
    with pytest.raises(ProfileError, match="is Parquet, but no profile"):
        read_profile(tmp_path / "sql.parquet")


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "sql.parquet").write_text("SELECT 1;\n" * 100)
    with pytest.raises(ProfileError, match="cannot be read"):
        read_profile(tmp_path / "sql.parquet")


def test_every_changed_byte_is_noticed_or_harmless(stored):
    """One bit flipped, at many places: either refused as a profile, or the very same profile."""
    content = stored.read_bytes()
    for place in range(0, len(content), 7):
        stored.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            assert read_profile(stored).templates == made().templates
        except ProfileError as error:
            assert str(stored) in str(error)


def test_changed_rows_do_not_pass_the_digest(stored):
    rows = pq.read_table(stored).to_pylist()
    rows[0]["template"] = "SELECT FROM JOIN"
    rewritten(stored, lambda header: None, rows)
    with pytest.raises(ProfileError, match=r"its rows have the digest .*, its header says"):
        read_profile(stored)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h.update(format=2), "has format '2'; this version reads 1"),
        (lambda h: h.pop("format"), "has format 'None'"),
        (lambda h: h.update(max_n=14), "its rows have the digest"),
        (lambda h: h.update(name="../../etc/passwd"), "cannot be read: Profile name '../../etc/passwd'"),
        (lambda h: h.update(kind="diary"), "Unknown kind 'diary'"),
        (lambda h: h.update(rules="mine"), "Unknown rules 'mine'"),
        (lambda h: h.pop("name"), "cannot be read: .*'name'"),
        (lambda h: h.pop("digest"), "cannot be read: .*'digest'"),
        (lambda h: h.update(mood="good"), "cannot be read: .*'mood'"),
        (lambda h: h["accounting"].update(empty=3), "cannot be read: Accounting does not add up"),
        (lambda h: h["accounting"].pop("empty"), "cannot be read: .*'empty'"),
        (
            lambda h: h["accounting"].update(templated=12, statements_found=16),
            "does not add up: its templates have '11'",
        ),
    ],
)
def test_a_header_that_cannot_be_is_refused(stored, change, message):
    rewritten(stored, change)
    with pytest.raises(ProfileError, match=message):
        read_profile(stored)


def test_metadata_that_are_no_object_are_refused(tmp_path):
    for text in ("{", "3", "null", "[]"):
        pq.write_table(templates_table(ROWS).replace_schema_metadata({METADATA_KEY: text}), tmp_path / "p.parquet")
        with pytest.raises(ProfileError, match=r"p\.parquet"):
            read_profile(tmp_path / "p.parquet")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("select", "SELECT", 1, 1), ("select", "SELECT", 2, 1)], "twice"),
        ([("select", "SELECT", 0, 0)], "1 <= shapes <= executions"),
        ([("select", "SELECT", 1, 2)], "1 <= shapes <= executions"),
        ([("select", None, 1, 1)], "null"),
    ],
)
def test_rows_that_cannot_be_are_refused(rows, message):
    with pytest.raises(ProfileError, match=message):
        templates_table(rows)


def test_columns_that_lack_or_are_of_another_type_are_refused():
    with pytest.raises(ProfileError, match="lack the column 'executions'"):
        Profile(name="p", kind="log", templates=templates_table(ROWS).drop_columns(["executions"]))
    table = templates_table(ROWS).set_column(2, "executions", pa.array(["x"] * len(ROWS)))
    with pytest.raises(ProfileError, match="templates are not"):
        Profile(name="p", kind="log", templates=table)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"name": "../up"}, "'../up'.*--name"),
        ({"name": ".hidden"}, "--name"),
        ({"name": ""}, "--name"),
        ({"name": "a\n"}, "--name"),
        ({"name": "a" * 101}, "--name"),
        ({"kind": "logs"}, "Unknown kind 'logs'. Did you mean 'log'"),
        ({"rules": "writen"}, "Unknown rules 'writen'. Did you mean 'written'"),
        ({"max_n": 0}, "--max-n"),
        ({"predicted_for": "t"}, "of kind 'log'.*--predicted-for"),
    ],
)
def test_settings_that_cannot_be_are_refused(header, message):
    with pytest.raises(UsageError, match=message):
        made(**header)


def test_counts_are_weighted_and_of_the_length_asked_for():
    profile = made([("select", "SELECT FROM", 5, 2), ("insert", "SELECT FROM", 1, 1)])
    assert profile.ngram_counts("executions") == {"SELECT": 6, "FROM": 6, "SELECT FROM": 6}
    assert profile.ngram_counts("shapes", 1) == {"SELECT": 3, "FROM": 3}
    assert profile.ngram_counts("shapes") is profile.ngram_counts("shapes", 15)
    with pytest.raises(ProfileError, match="has max_n 15, less than the '16' asked for"):
        profile.ngram_counts(max_n=16)
    with pytest.raises(UsageError, match=r"Unknown weighting 'shape'\. Did you mean 'shapes'"):
        profile.ngram_counts("shape")


@pytest.mark.parametrize(("kind", "weight"), [("log", 5), ("queries", 5), ("predictions", 5), ("training_set", 2)])
def test_auto_weighting_is_by_kind(kind, weight):
    assert made([("select", "SELECT", 5, 2)], kind=kind).ngram_counts() == {"SELECT": weight}


def test_without_rare_leaves_rows_out_and_says_so(tmp_path):
    shared = made().without_rare(3)
    assert sorted(shared.templates["template"].to_pylist()) == ["SELECT , FROM WHERE =", "SELECT FROM"]
    assert (shared.min_count, shared.kept, shared.templated, shared.statements) == (3, 8, 11, 15)
    assert shared.ngram_counts("executions")["FROM"] == 8
    assert shared.digest != made().digest
    write_profile(shared, tmp_path / "p.parquet")
    assert read_profile(tmp_path / "p.parquet") == shared
    assert shared.without_rare(2).min_count == 3
    assert made().without_rare(1) == made()
    with pytest.raises(UsageError, match="--min-count"):
        made().without_rare(0)


def test_without_rare_does_not_reuse_the_counts():
    profile = made()
    before = profile.ngram_counts()
    assert profile.without_rare(3).ngram_counts() != before


def test_parse_rate_is_of_templated_and_rejected():
    assert made().parse_rate == 11 / 13


def test_accounting_comes_back_from_plain_data():
    assert Accounting.from_dict(json.loads(json.dumps(ACCOUNTING.as_dict()))) == ACCOUNTING
    with pytest.raises(AccountingError, match="'extra'"):
        Accounting.from_dict(ACCOUNTING.as_dict() | {"extra": 1})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows_read": 21}, "rows_read is '21', but excluded 4 \\+ empty 2 \\+ parsed 12 \\+ unparsable 2 = 20"),
        ({"excluded": {}}, "rows_read is '20'"),
        ({"templated": 10}, "statements_found is '15', but templated 10 \\+ other_kinds 2 \\+ rejected 2 = 14"),
        ({"rejected": {"syntax_error": 3}}, "statements_found"),
        ({"rejected": {"a": 3, "b": -1}}, "rejected holds '-1'"),
        ({"empty": 2.0}, "empty holds '2.0'"),
        ({"empty": True}, "empty holds 'True'"),
    ],
)
def test_accounting_that_does_not_add_up(change, message):
    ACCOUNTING.check()
    with pytest.raises(AccountingError, match=message):
        Accounting(**ACCOUNTING.as_dict() | change).check()


def test_accounting_must_agree_with_the_rows():
    with pytest.raises(AccountingError, match="its templates have '11' executions, its accounting 12 templated"):
        made(accounting=Accounting(rows_read=12, parsed=12, statements_found=12, templated=12)).check()
