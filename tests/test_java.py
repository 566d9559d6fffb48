"""A Java counts where it starts and is new enough. Scripts that answer as java does stand in for other versions."""

from pathlib import Path

import pytest

from sqlalign import java
from sqlalign.errors import SqlalignError


def install(home: Path, version: str) -> Path:
    binary = home / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho '    java.home = {home}\n    java.version = {version}' >&2\n")
    binary.chmod(0o755)
    return binary


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(java, "JVM_FOLDERS", (f"{tmp_path}/jvm/*",))


@pytest.mark.parametrize(("text", "version"), [("1.8.0_392", 8), ("17.0.15", 17), ("25", 25), ("21-ea", 21)])
def test_versions_old_and_new(tmp_path: Path, text: str, version: int) -> None:
    assert java.probe(install(tmp_path / "jdk", text)) == java.Java(tmp_path / "jdk", version)


def test_java_home_first_then_the_path_then_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "jvm" / "java-21", "21.0.1")
    assert java.check_java().version == 21
    monkeypatch.setenv("PATH", str(install(tmp_path / "path", "18").parent))
    assert java.check_java().version == 18
    install(tmp_path / "home", "19")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java.check_java().version == 19


def test_old_and_broken_ones_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken" / "java"
    broken.parent.mkdir()
    broken.write_text("no program")
    broken.chmod(0o755)
    old = install(tmp_path / "old", "1.8.0_392").parent
    monkeypatch.setenv("PATH", f"{broken.parent}:{old}")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    assert java.find_java() is None
    install(tmp_path / "jvm" / "java-25", "25.0.3")
    install(tmp_path / "jvm" / "java-17", "17.0.1")
    assert java.check_java().version == 17


def test_without_java_the_message_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(SqlalignError, match=r"No Java 17 .* JAVA_HOME '/nowhere'.*or set JAVA_HOME\.$"):
        java.check_java()
