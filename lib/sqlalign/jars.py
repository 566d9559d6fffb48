"""Delta's jars: fetched once into the environment; `python -m sqlalign.jars` does it by hand.

Spark's own resolver fetches them, from the repositories that it is set up with. Mirrors are named in an Ivy settings
file: SQLALIGN_IVY_SETTINGS, or spark.jars.ivySettings in the spark-defaults.conf of SPARK_CONF_DIR.

Sessions take the jars by path (`spark.jars`). Resolving the package brings 33 artefacts at every start instead.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from sqlalign.errors import InputError, SqlalignError
from sqlalign.java import check_java

SETTINGS_VARIABLE = "SQLALIGN_IVY_SETTINGS"
DELTA_VERSION = "4.4.0"
DELTA_PACKAGE = f"io.delta:delta-spark_4.2_2.13:{DELTA_VERSION}"

# SHA-256 of each jar: whatever repository it comes from, it is the one that was tested.
DELTA_JARS: Mapping[str, str] = {
    "delta-spark_4.2_2.13": "27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    "delta-storage": "c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
    "delta-kernel-api": "ee9b5a14ac3b7efdff4d61a58478fe8eb0e5a3fbca43889dca7290795fe79a11",
    "delta-kernel-defaults": "225c975199e4718b38ee5b7e6da7f19e9585024262b2cec2656b32151a856b0b",
    "delta-kernel-unitycatalog": "cea22dfb4ac562b3cd27bf652697750e8336009d73fb06631363aaaad5345ffa",
}

NOT_NEEDED = "org.*:*,com.*:*,io.unitycatalog:*"
"""What Delta's jars depend on and Spark brings itself, or only a Unity Catalog needs: 75 of 87 MB."""

TIMEOUT_S = 300
"""A network that swallows packets would hold the resolver for ever."""


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


def fetch_jars(folder: Path, jars: Mapping[str, str] = DELTA_JARS) -> list[Path]:
    """Fetch those jars that the folder lacks or has damaged; returns the paths of the fetched ones.

    `jars` maps an artifact of io.delta to the SHA-256 of its jar. A jar appears under its name only when whole and
    right. Raises InputError where one cannot be had or is not what it should be, SqlalignError where there is no Java.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lacking = {name: sha256 for name, sha256 in jars.items() if not _is_right(jar_path(name, folder), sha256)}
    if not lacking:
        return []
    with tempfile.TemporaryDirectory(prefix="sqlalign-") as scratch:
        resolved = _resolve(lacking, Path(scratch))
        for name, sha256 in lacking.items():
            _check_jar(resolved / f"io.delta_{name}-{DELTA_VERSION}.jar", sha256)
        return [_put(resolved / f"io.delta_{name}-{DELTA_VERSION}.jar", jar_path(name, folder)) for name in lacking]


def _resolve(artifacts: Iterable[str], scratch: Path) -> Path:
    """Have Spark's resolver fetch artifacts of io.delta below `scratch`; returns the folder of their jars."""
    script = scratch / "nothing.py"
    script.touch()
    try:
        done = subprocess.run(
            _submit_command(artifacts, scratch / "ivy", script),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _unreachable(f"no answer in {TIMEOUT_S} s") from error
    if done.returncode:
        raise _unreachable(_reason(done))
    return scratch / "ivy" / "jars"


def _environment() -> dict[str, str]:
    # spark-submit refuses a master beside the address of a Connect server
    kept = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"}
    return kept | {"JAVA_HOME": str(check_java().home), "PYSPARK_DRIVER_PYTHON": sys.executable}


def _submit_command(artifacts: Iterable[str], ivy: Path, script: Path) -> list[str]:
    """A spark-submit that resolves the artifacts and then runs the script, which starts no session."""
    options = {
        "spark.jars.packages": ",".join(f"io.delta:{artifact}:{DELTA_VERSION}" for artifact in artifacts),
        "spark.jars.excludes": NOT_NEEDED,
        "spark.jars.ivy": str(ivy),
    }
    if os.environ.get(SETTINGS_VARIABLE):
        options["spark.jars.ivySettings"] = os.environ[SETTINGS_VARIABLE]
    confs = [part for option, value in options.items() for part in ("--conf", f"{option}={value}")]
    return [str(_spark_submit()), "--master", "local[1]", "--deploy-mode", "client", *confs, str(script)]


def _spark_submit() -> Path:
    """The one in the pyspark wheel; it goes to the Spark of SPARK_HOME if that is set."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise InputError("'pyspark' is not installed in this environment. Install sqlalign with its dependencies.")
    return Path(spec.origin).parent / "bin" / "spark-submit"


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """What the resolver's page of text comes to: the exception that ended it, or the last line."""
    exception = re.search(r'^Exception in thread "main" [\w.$]+: (.+)$', done.stderr, re.MULTILINE)
    if exception is None:
        return (done.stderr.strip() or f"exit code {done.returncode}").rpartition("\n")[2].strip()
    # the same is said of each jar: [unresolved dependency: …, unresolved dependency: …]
    return re.split(", (?=unresolved|download failed)", exception[1].strip("[]"))[0].rstrip(".")


def _unreachable(reason: str) -> InputError:
    return InputError(
        f"Spark's resolver cannot get '{DELTA_PACKAGE}': {reason}. Set {SETTINGS_VARIABLE} to an Ivy settings file "
        "whose repositories this machine reaches; a proxy goes into JAVA_TOOL_OPTIONS."
    )


def _check_jar(path: Path, sha256: str) -> None:
    if not _is_right(path, sha256):
        found = f"{path.stat().st_size} bytes with SHA-256 {_sha256(path)}" if path.is_file() else "no such jar"
        raise InputError(
            f"Spark's resolver gave for '{path.name}' {found}, expected {sha256}. "
            f"Set {SETTINGS_VARIABLE} to an Ivy settings file whose repositories have the original."
        )


def _put(source: Path, path: Path) -> Path:
    """Copy beside, then rename: the temporary folder may be on another disk."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as scratch:
        shutil.copyfile(source, Path(scratch) / path.name).replace(path)
    return path


def _is_right(path: Path, sha256: str) -> bool:
    return path.is_file() and _sha256(path) == sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Fetch what this environment lacks and say so; exit code 1 and one line on stderr where that fails."""
    folder = jars_folder()
    try:
        check_versions()
        fetched = fetch_jars(folder)
    except (SqlalignError, OSError) as error:
        print(f"sqlalign: {error}", file=sys.stderr)
        return 1
    print(f"Delta {DELTA_VERSION}: {len(fetched)} jars fetched, {len(DELTA_JARS) - len(fetched)} were there: {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
