import os

import pytest

from sqlalign.bundled import bundled_files
from sqlalign.errors import ProfileError, UsageError
from sqlalign.profile import Accounting, Profile, read_profile, templates_table
from sqlalign.store import export_profile, import_profile, list_profiles, load_profile, profile_path, save_profile


def made(name="prod", rules="canonical", executions=5):
    return Profile(
        name=name,
        kind="log",
        rules=rules,
        templates=templates_table([("select", "SELECT FROM", executions, 1), ("select", "SELECT", 1, 1)]),
        accounting=Accounting(
            rows_read=executions + 1, parsed=executions + 1, statements_found=executions + 1, templated=executions + 1
        ),
    )


def stored_names(store):
    return [(header["name"], header["rules"]) for header in list_profiles(store) if header["place"] == "store"]


def test_a_saved_profile_is_loaded_by_name_and_rules(tmp_path):
    assert save_profile(tmp_path, made()) == tmp_path / "profiles" / "prod.canonical.parquet"
    save_profile(tmp_path, made(rules="written"))
    assert load_profile("prod", "canonical", tmp_path) == made()
    assert load_profile("prod", "written", str(tmp_path)) == made(rules="written")


def test_saving_again_replaces(tmp_path):
    save_profile(tmp_path, made())
    save_profile(tmp_path, made(executions=9))
    assert load_profile("prod", store=tmp_path).kept == 10
    assert stored_names(tmp_path) == [("prod", "canonical")]


def test_names_with_dots_are_told_from_the_rules(tmp_path):
    for name in ("v1.2", "v1.2.written", "a-b_c"):
        save_profile(tmp_path, made(name))
    assert stored_names(tmp_path) == [("a-b_c", "canonical"), ("v1.2", "canonical"), ("v1.2.written", "canonical")]
    assert load_profile("v1.2.written", store=tmp_path).name == "v1.2.written"


@pytest.mark.parametrize("name", ["../prod", "a/b", "..", "", ".prod", "prod\n", "C:\\prod"])
def test_a_name_is_no_path(tmp_path, name):
    with pytest.raises(UsageError, match="--name"):
        profile_path(tmp_path, name, "canonical")
    with pytest.raises(UsageError, match="--name"):
        load_profile(name, "canonical")


def test_unknown_rules_are_a_usage_error(tmp_path):
    for store in (None, tmp_path):
        with pytest.raises(UsageError, match=r"Unknown rules 'canonic'\. Did you mean 'canonical'"):
            load_profile("prod", "canonic", store)


def test_an_unknown_name_tells_the_nearest_and_all(tmp_path):
    save_profile(tmp_path, made("shop-log"))
    save_profile(tmp_path, made("other"))
    with pytest.raises(ProfileError) as caught:
        load_profile("shop-lag", store=tmp_path)
    text = str(caught.value)
    assert "Unknown profile 'shop-lag'. Did you mean 'shop-log'?" in text
    assert "other" in text and f"the store '{tmp_path}'" in text
    assert "--store" in text and "sqlalign profile --name shop-lag" in text


def test_a_store_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(ProfileError, match=r"the store '.*nowhere' \(which does not exist\)"):
        load_profile("prod", store=tmp_path / "nowhere")


def test_a_name_under_the_other_rules_only(tmp_path):
    save_profile(tmp_path, made(rules="written"))
    with pytest.raises(ProfileError, match=r"'prod' exists under the written rules only.*--rules written"):
        load_profile("prod", "canonical", tmp_path)


def test_a_store_that_is_a_file_is_refused(tmp_path):
    file = tmp_path / "store"
    file.write_text("")
    for use in (
        lambda: load_profile("prod", store=file),
        lambda: list_profiles(file),
        lambda: save_profile(file, made()),
    ):
        with pytest.raises(ProfileError, match=r"'.*store.*--store"):
            use()


def test_a_store_without_a_profile_lists_only_the_box(tmp_path):
    assert list_profiles(tmp_path) == list_profiles(tmp_path / "nowhere") == list_profiles()
    assert {header["place"] for header in list_profiles()} <= {"box"}


@pytest.mark.parametrize(
    "stray", ["notes.txt", "prod.parquet", "prod.mine.parquet", "prod.canonical.parquet.crc", ".parquet"]
)
def test_a_stray_file_is_named_unless_hidden(tmp_path, stray):
    save_profile(tmp_path, made())
    (tmp_path / "profiles" / stray).write_text("x")
    assert load_profile("prod", store=tmp_path) == made()
    if stray.startswith("."):
        assert stored_names(tmp_path) == [("prod", "canonical")]
        return
    with pytest.raises(ProfileError, match=f"File '.*{stray}' is no profile.*--store"):
        list_profiles(tmp_path)


def test_a_half_written_file_is_named(tmp_path):
    path = save_profile(tmp_path, made())
    path.write_bytes(path.read_bytes()[:200])
    for use in (lambda: list_profiles(tmp_path), lambda: load_profile("prod", store=tmp_path)):
        with pytest.raises(ProfileError, match=r"Profile file '.*prod.canonical.parquet' cannot be read"):
            use()


def test_temporary_files_are_ignored(tmp_path):
    path = save_profile(tmp_path, made())
    path.with_name(f".{path.name}.12ab34cd.tmp").write_bytes(b"PAR1")
    assert stored_names(tmp_path) == [("prod", "canonical")]


def test_a_file_under_another_name_is_refused(tmp_path):
    path = save_profile(tmp_path, made())
    os.rename(path, path.with_name("dev.canonical.parquet"))
    for use in (lambda: load_profile("dev", store=tmp_path), lambda: list_profiles(tmp_path)):
        with pytest.raises(ProfileError, match="holds profile 'prod' of the canonical rules, not what its name says"):
            use()


def test_an_exported_profile_is_imported_elsewhere(tmp_path):
    save_profile(tmp_path / "here", made())
    file = tmp_path / "prod-of-may.parquet"
    assert export_profile("prod", "canonical", file, tmp_path / "here") == made()
    assert import_profile(file, tmp_path / "there") == made()
    stored = [tmp_path / place / "profiles" / "prod.canonical.parquet" for place in ("here", "there")]
    assert stored[0].read_bytes() == stored[1].read_bytes() == file.read_bytes()


def test_an_export_can_leave_rare_templates_out(tmp_path):
    save_profile(tmp_path, made())
    export_profile("prod", "canonical", tmp_path / "p.parquet", tmp_path, min_count=2)
    assert read_profile(tmp_path / "p.parquet").templates["template"].to_pylist() == ["SELECT FROM"]


def test_a_damaged_file_is_not_imported(tmp_path):
    (tmp_path / "p.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ProfileError, match=r"p\.parquet"):
        import_profile(tmp_path / "p.parquet", tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_everything_in_the_box_can_be_read_and_is_what_its_name_says():
    for name, rules in bundled_files():
        profile = load_profile(name, rules)
        assert (profile.name, profile.rules, profile.kind) == (name, rules, "training_set")
        assert profile.licence and profile.origin


def test_the_store_comes_before_the_box(tmp_path):
    if not bundled_files():
        pytest.skip("no profile is bundled in this working copy yet")
    name, rules = next(iter(bundled_files()))
    save_profile(tmp_path, made(name, rules))
    assert load_profile(name, rules, tmp_path) == made(name, rules)
    assert [h["place"] for h in list_profiles(tmp_path) if (h["name"], h["rules"]) == (name, rules)] == ["store"]
