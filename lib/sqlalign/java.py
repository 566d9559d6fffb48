"""Find a Java that Spark can run on; `python -m sqlalign.java` prints its home and exits 1 where there is none.

Only the standard library: the installation runs this before any dependency is there.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalign.errors import SqlalignError

MIN_JAVA = 17
"""Spark 4 runs on Java 17 and later."""

JVM_FOLDERS = ("/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home", "/opt/homebrew/opt/openjdk*")
"""Where Debian, Fedora, Apple and Homebrew keep Javas that need not be on the PATH."""


class Java(NamedTuple):
    """A Java that was started and told who it is."""

    home: Path
    version: int


def find_java() -> Java | None:
    """The first Java of version 17 or later of JAVA_HOME, the PATH and the usual folders; None where there is none.

    A candidate counts only if it starts: links into nowhere and stubs are passed over.
    """
    tried: set[Path] = set()
    for binary in _candidates():
        resolved = binary.resolve()
        if resolved in tried:
            continue
        tried.add(resolved)
        java = probe(binary)
        if java and java.version >= MIN_JAVA:
            return java
    return None


def check_java() -> Java:
    """As find_java. Raises SqlalignError where there is none."""
    java = find_java()
    if java is None:
        raise SqlalignError(
            f"No Java {MIN_JAVA} or later found in JAVA_HOME '{os.environ.get('JAVA_HOME', '')}', on the PATH or in "
            f"the usual folders. Install one ({install_hint()}) or set JAVA_HOME."
        )
    return java


def probe(binary: Path) -> Java | None:
    """What the binary says of itself; None if it does not start or is no Java.

    The text is `java -XshowSettings:properties -version`: `java.home = …` and `java.version = 17.0.1` or `1.8.0_392`.
    """
    command = [str(binary), "-XshowSettings:properties", "-version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    home = re.search(r"^\s*java\.home = (.+)$", done.stderr, re.MULTILINE)
    version = re.search(r"^\s*java\.version = (?:1\.)?(\d+)", done.stderr, re.MULTILINE)
    return Java(Path(home[1].strip()), int(version[1])) if home and version else None


def install_hint() -> str:
    """The one command that installs a Java on this platform."""
    if sys.platform == "darwin":
        return "brew install openjdk@17"
    if _on_path("apt-get"):
        return "sudo apt-get install openjdk-17-jre-headless"
    if _on_path("dnf"):
        return "sudo dnf install java-latest-openjdk-headless"
    return "see https://adoptium.net/installation"


def _candidates() -> Iterator[Path]:
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    yield from _on_path("java")
    found = [home / "bin" / "java" for pattern in JVM_FOLDERS for home in Path("/").glob(pattern.lstrip("/"))]
    yield from sorted(found, key=_digits)


def _on_path(name: str) -> list[Path]:
    """All files of the name on the PATH, not only the first: that may be an old Java."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return [Path(folder) / name for folder in folders if os.access(Path(folder) / name, os.X_OK)]


def _digits(path: Path) -> tuple[int, str]:
    """Older first: Spark is tested most on the oldest Java that it takes."""
    digits = re.search(r"\d+", path.parent.parent.name)
    return int(digits[0]) if digits else sys.maxsize, str(path)


def main() -> int:
    """Print the home of the Java that Spark will use, or say on stderr how to get one; `--quiet` says nothing."""
    quiet = "--quiet" in sys.argv[1:]
    try:
        java = check_java()
    except SqlalignError as error:
        if not quiet:
            print(f"sqlalign: {error}", file=sys.stderr)
        return error.exit_code
    if not quiet:
        print(java.home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
