"""Jars are fetched whole and right, or not at all. A folder serves as the Maven repository."""

import hashlib
from pathlib import Path

import pytest

from sqlalign.errors import InputError
from sqlalign.jars import DELTA_JARS, delta_jars, fetch_jars, jar_path, jar_url, maven_url

CONTENT = {"delta-one": b"first jar", "delta-two": b"second jar"}
JARS = {name: hashlib.sha1(content).hexdigest() for name, content in CONTENT.items()}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "maven"
    for name, content in CONTENT.items():
        path = Path(jar_url(str(root), name))
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return root


def test_fetches_what_is_lacking_and_only_that(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    paths = [jar_path(name, folder) for name in JARS]
    assert fetch_jars(folder, repository.as_uri(), JARS) == paths
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert fetch_jars(folder, repository.as_uri(), JARS) == []


def test_a_damaged_jar_is_fetched_again(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    fetch_jars(folder, repository.as_uri(), JARS)
    damaged = jar_path("delta-two", folder)
    damaged.write_bytes(b"second")
    assert fetch_jars(folder, repository.as_uri(), JARS) == [damaged]
    assert damaged.read_bytes() == CONTENT["delta-two"]


def test_a_wrong_jar_never_appears_under_its_name(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    with pytest.raises(InputError, match="expected 0000.*SQLALIGN_MAVEN_URL"):
        fetch_jars(folder, repository.as_uri(), {"delta-one": "0000"})
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("url", ["no address", "file:///nowhere", "http://127.0.0.1:1"])
def test_a_repository_out_of_reach_is_one_line(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^Cannot fetch '.*' *.*SQLALIGN_MAVEN_URL") as caught:
        fetch_jars(tmp_path / "jars", url, JARS)
    assert "\n" not in str(caught.value)


def test_delta_is_there_with_all_its_jars_only(tmp_path: Path) -> None:
    paths = [jar_path(name, tmp_path) for name in DELTA_JARS]
    for path in paths[:-1]:
        path.touch()
    assert delta_jars(tmp_path) == []
    paths[-1].touch()
    assert delta_jars(tmp_path) == paths


def test_the_repository_can_be_a_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLALIGN_MAVEN_URL", "https://maven.example/central/")
    assert maven_url() == "https://maven.example/central"
    monkeypatch.delenv("SQLALIGN_MAVEN_URL")
    assert maven_url() == "MAVEN"
