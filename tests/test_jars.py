"""Jars are fetched whole and right, or not at all. Spark's real resolver runs, on a folder as its only repository."""

import hashlib
from pathlib import Path

import pytest

from sqlalign.errors import InputError
from sqlalign.jars import DELTA_JARS, DELTA_VERSION, delta_jars, fetch_jars, jar_path, main

CONTENT = {"delta-one": b"first jar", "delta-two": b"second jar"}
JARS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
LAYOUT = "[organisation]/[module]/[revision]/[artifact]-[revision].[ext]"

# what Spark brings itself is not in the repository: it must not be asked for
POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>io.delta</groupId><artifactId>{name}</artifactId><version>{version}</version>
<dependencies><dependency>
<groupId>org.apache.hadoop</groupId><artifactId>not-here</artifactId><version>1</version>
</dependency></dependencies></project>
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds CONTENT, named in the Ivy settings."""
    root = tmp_path / "repository"
    for name, content in CONTENT.items():
        jar = root / "io" / "delta" / name / DELTA_VERSION / f"{name}-{DELTA_VERSION}.jar"
        jar.parent.mkdir(parents=True)
        jar.write_bytes(content)
        jar.with_suffix(".pom").write_text(POM.format(name=name, version=DELTA_VERSION))
    settings = tmp_path / "settings.xml"
    settings.write_text(
        '<ivysettings><settings defaultResolver="folder"/><resolvers><filesystem name="folder" m2compatible="true">'
        f'<ivy pattern="{root}/{LAYOUT}"/><artifact pattern="{root}/{LAYOUT}"/>'
        "</filesystem></resolvers></ivysettings>"
    )
    monkeypatch.setenv("SQLALIGN_IVY_SETTINGS", str(settings))
    return root


def test_fetches_what_is_lacking_or_damaged_and_only_that(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "jars"
    folder.mkdir()
    whole, damaged = (jar_path(name, folder) for name in CONTENT)
    whole.write_bytes(CONTENT["delta-one"])
    damaged.write_bytes(b"second")
    assert fetch_jars(folder, JARS) == [damaged]
    assert sorted(folder.iterdir()) == [whole, damaged]
    assert damaged.read_bytes() == CONTENT["delta-two"]
    monkeypatch.setenv("SQLALIGN_IVY_SETTINGS", "nowhere.xml")
    assert fetch_jars(folder, JARS) == []


def test_with_one_wrong_jar_none_appears(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    with pytest.raises(InputError, match=r"'io\.delta_delta-two-.*expected 0000.*SQLALIGN_IVY_SETTINGS"):
        fetch_jars(folder, JARS | {"delta-two": "0000"})
    assert list(folder.iterdir()) == []


def test_what_no_repository_has_is_one_line(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"^Spark's resolver cannot get .*delta-three.*SQLALIGN_IVY_SETTINGS"
    ) as caught:
        fetch_jars(tmp_path / "jars", {"delta-three": "0000"})
    assert "\n" not in str(caught.value)


def test_by_hand_a_failure_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SQLALIGN_JARS", str(tmp_path / "jars"))
    monkeypatch.setenv("SQLALIGN_IVY_SETTINGS", str(tmp_path / "nowhere.xml"))
    assert main() == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("sqlalign: Spark's resolver cannot get 'io.delta:delta-spark")
    assert "nowhere.xml" in err
    assert err.count("\n") == 1


def test_delta_is_there_with_all_its_jars_only(tmp_path: Path) -> None:
    paths = [jar_path(name, tmp_path) for name in DELTA_JARS]
    for path in paths[:-1]:
        path.touch()
    assert delta_jars(tmp_path) == []
    paths[-1].touch()
    assert delta_jars(tmp_path) == paths
