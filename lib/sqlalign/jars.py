"""Delta's jars: fetched once into the environment; `python -m sqlalign.jars` does it by hand.

Spark takes them by path (`spark.jars`). Resolving the package with Ivy instead brings 33 artefacts at every start.
"""

import hashlib
import os
import shutil
import ssl
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from sqlalign.errors import InputError

MAVEN_URL = "MAVEN"
MAVEN_VARIABLE = "SQLALIGN_MAVEN_URL"
DELTA_VERSION = "4.4.0"
DELTA_PACKAGE = f"io.delta:delta-spark_4.2_2.13:{DELTA_VERSION}"

# SHA-1 as Maven Central publishes them beside the jars (NAME.jar.sha1); pinned, so a mirror cannot change both.
DELTA_JARS: Mapping[str, str] = {
    "delta-spark_4.2_2.13": "c2ab26421b8de44a2161b5e0b7da7954049f1ca1",
    "delta-storage": "a068e489ce20d7f79bc4ca2d3392f12adbb69ddd",
    "delta-kernel-api": "58b895b7000ed3d67551c30f1c83a39be11f590e",
    "delta-kernel-defaults": "13f676570d3c8f2650c3e9a3142530c24720327f",
    "delta-kernel-unitycatalog": "4f5d11adea096407d41eb7e127c7911b027fdebf",
}


def jars_folder() -> Path:
    """Where the jars of this environment lie: SQLALIGN_JARS if set, else PREFIX/share/sqlalign/jars."""
    return Path(os.environ.get("SQLALIGN_JARS") or Path(sys.prefix) / "share" / "sqlalign" / "jars")


def jar_path(artifact: str, folder: Path | None = None) -> Path:
    """The jar of an artifact of io.delta, there or not; `folder` defaults to jars_folder()."""
    return (folder or jars_folder()) / f"{artifact}-{DELTA_VERSION}.jar"


def delta_jars(folder: Path | None = None) -> list[Path]:
    """Delta's five jars, or an empty list where one is missing."""
    paths = [jar_path(artifact, folder) for artifact in DELTA_JARS]
    return paths if all(path.is_file() for path in paths) else []


def check_versions() -> None:
    """Raises InputError where the installed delta-spark is not the version that the jars are of."""
    installed = version("delta-spark")
    if installed != DELTA_VERSION:
        raise InputError(
            f"delta-spark '{installed}' is installed, the jars are of {DELTA_VERSION}. "
            f"Install delta-spark=={DELTA_VERSION}."
        )


def maven_url() -> str:
    """Base address of the Maven repository: SQLALIGN_MAVEN_URL if set, else Maven Central."""
    return (os.environ.get(MAVEN_VARIABLE) or MAVEN_URL).rstrip("/")


def fetch_jars(folder: Path, url: str, jars: Mapping[str, str] = DELTA_JARS) -> list[Path]:
    """Fetch those jars that the folder lacks or has damaged; returns the paths of the fetched ones.

    `jars` maps an artifact of io.delta to the SHA-1 of its jar. A jar appears under its name only when whole and right.
    Raises InputError where one cannot be had or is not what it should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lacking = {name: sha1 for name, sha1 in jars.items() if not _is_right(jar_path(name, folder), sha1)}
    return [_fetch(jar_path(name, folder), jar_url(url, name), sha1) for name, sha1 in lacking.items()]


def jar_url(url: str, artifact: str) -> str:
    """The address of an artifact of io.delta in a Maven repository."""
    return f"{url}/io/delta/{artifact}/{DELTA_VERSION}/{artifact}-{DELTA_VERSION}.jar"


def _fetch(path: Path, url: str, sha1: str) -> Path:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as scratch:
        part = Path(scratch) / path.name
        _download(url, part)
        if not _is_right(part, sha1):
            raise InputError(
                f"'{url}' gave {part.stat().st_size} bytes with SHA-1 {_sha1(part)}, expected {sha1}. "
                f"Try again, or set {MAVEN_VARIABLE} to a mirror that has the original."
            )
        part.replace(path)
    return path


def _download(url: str, path: Path) -> None:
    try:
        with (
            urllib.request.urlopen(url, timeout=60, context=ssl.create_default_context()) as response,
            path.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise InputError(
            f"Cannot fetch '{url}': {reason}. Set {MAVEN_VARIABLE} to a Maven repository that this machine reaches."
        ) from error


def _is_right(path: Path, sha1: str) -> bool:
    return path.is_file() and _sha1(path) == sha1


def _sha1(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


def main() -> int:
    """Fetch what this environment lacks and say so; exit code 1 and one line on stderr where that fails."""
    folder = jars_folder()
    try:
        check_versions()
        fetched = fetch_jars(folder, maven_url())
    except (InputError, OSError) as error:
        print(f"sqlalign: {error}", file=sys.stderr)
        return 1
    print(f"Delta {DELTA_VERSION}: {len(fetched)} jars fetched, {len(DELTA_JARS) - len(fetched)} were there: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
