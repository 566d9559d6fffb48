"""Rebuild the profiles that are shipped with the package, from copies of public data sets, by the project's own job.

    python jobs/build_box.py                    # all of them, both rule sets, from ../shared/data/training_sets
    python jobs/build_box.py spider-train

Each profile says where its data come from, under which licence, and the digest of the very file it was made of. No SQL
text is in them: templates and their weights only.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import click

from sqlalign.errors import InputError, UsageError, did_you_mean
from sqlalign.profile import Profile, write_profile
from sqlalign.profiling import profile_queries
from sqlalign.report.terminal import accounting_table, accounting_warnings, show
from sqlalign.sources.read import open_source
from sqlalign.sources.rows import reading
from sqlalign.spark import spark_session
from sqlalign.sql.version import RULES

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "training_sets"
BOX = ROOT / "lib" / "sqlalign" / "box"


class DataSet(NamedTuple):
    """A data set: its file and the file's SHA-256, the dialect it is written in, where it comes from, its licence."""

    file: str
    sha256: str
    dialect: str
    origin: str
    licence: str


TEXT2SQL = "https://github.com/jkkummerfeld/text2sql-data (Finegan-Dollak et al. 2018)"
SEE_TEXT2SQL = "see the repository"
DATA_SETS = {
    "spider-train": DataSet(
        "spider_train.sql",
        "20b623d4873dad57f5f66cbeaaee5d400def52d77c5a136bba879605660a6613",
        "sqlite",
        "Spider 1.0, training split, https://yale-lily.github.io/spider (Yu et al. 2018)",
        "CC BY-SA 4.0",
    ),
    "bird-train": DataSet(
        "bird_train.json",
        "c240b624afb8963dc1f607b695a21c66035e37fd3a249d46a866b7fd9fb1d00f",
        "sqlite",
        "BIRD, training split, https://bird-bench.github.io (Li et al. 2023)",
        "CC BY-SA 4.0",
    ),
    "wikisql": DataSet(
        "wikisql.json.bz2",
        "f63b68f12c3ffe810d986347e03f3858d00cf6672f82cc10c062cae3da326946",
        "",
        f"WikiSQL (Zhong et al. 2017), as SQL text from {TEXT2SQL}",
        "BSD",
    ),
    "bull-train": DataSet(
        "bull_en_train.json",
        "4479238d1c8653688919b752611cd2fa9d7e3deb7d35a8f7f0adca1093510fa5",
        "sqlite",
        "BULL of FinSQL, English training split (Zhang et al. 2024)",
        "unstated",
    ),
} | {
    name: DataSet(f"{name}.json", sha256, "", f"{name}, from {TEXT2SQL}", SEE_TEXT2SQL)
    for name, sha256 in {
        "atis": "ce2d0bf341718061dc0e2ecc50d200b191121c762bb29c24b28749a2ebc9f4c7",
        "geography": "b20ad8ed357029c9efa49aa64434729f624591850f66b1137cabcc0e45273c1b",
        "scholar": "390dc4f1851d78e323adc0ffcbeeb7ac98a6d4ee74fedbdf544a4ba540d98e93",
        "advising": "ec8d6a2d570b1768b25ef51d2445bb599b537d9b3d802bf498513a70337599bd",
        "imdb": "e1cca6cd1074408e156769fbdcf72e93446bd31d5ae71cd67e5dbfa30816115f",
        "yelp": "4a43983e8fd04d169c7f1661eac22ee016e7b382af90a0bab394017fc71dea0b",
        "academic": "0b23af718374e2c0a5176ea4a9f2c4f13c4e18efd6ed1b5fb8bed1db2a7cdb97",
        "restaurants": "f1fd300ac621761eb6f2b3f709668753990f13263bbf0c9caac8c78b0fb695d4",
    }.items()
}


def checked_file(name: str, data: Path) -> Path:
    """The data set's file. Raises InputError where it is missing or is not the file that the table means."""
    path = data / DATA_SETS[name].file
    if not path.is_file():
        raise InputError(f"Data set '{name}' has no file '{path}'. Set --data to the folder that has it.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != DATA_SETS[name].sha256:
        raise InputError(
            f"File '{path}' has the digest {found[:12]}…, not {DATA_SETS[name].sha256[:12]}…. Set --data to a folder "
            f"with the right one, or change DATA_SETS of {Path(__file__).name} after looking at what is new in it."
        )
    return path


def profile_data_set(name: str, rules: str, data: Path) -> Profile:
    """The profile of a data set. Raises InputError for a file that is missing, another, or damaged."""
    path, described = checked_file(name, data), DATA_SETS[name]
    with reading(str(path)):
        source = open_source(spark_session(), str(path), kind="training_set", dialect=described.dialect)
        return profile_queries(
            source.queries,
            name=name,
            kind="training_set",
            rules=rules,
            layout=source.layout,
            origin=f"{described.origin}; {described.file}, SHA-256 {described.sha256}",
            licence=described.licence,
        )


def check_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, all of them where there are none. Raises UsageError for one that is no data set's."""
    for name in names:
        if name not in DATA_SETS:
            hint = did_you_mean(name, DATA_SETS)
            raise UsageError(f"Unknown data set '{name}'.{hint} Set NAMES to some of: {', '.join(DATA_SETS)}.")
    return names or tuple(DATA_SETS)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="The folder of the data sets.")
@click.option("--box", type=click.Path(path_type=Path), default=BOX, help="Where the profiles go.")
def main(names: tuple[str, ...], data: Path, box: Path) -> None:
    """Rebuild the bundled profiles NAMES (all unless told) under both rule sets.

    \b
    Example:
      python jobs/build_box.py spider-train atis
    """
    try:
        for name in check_names(names):
            for rules in RULES:
                build(name, rules, data, box)
    except (InputError, UsageError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(error.exit_code) from error


def build(name: str, rules: str, data: Path, box: Path) -> None:
    """One profile: made, written, its accounting printed."""
    profile = profile_data_set(name, rules, data)
    write_profile(profile, box / f"{name}.{rules}.parquet")
    show(accounting_table(profile))
    for warning in accounting_warnings(profile):
        click.echo(f"Warning: {warning}", err=True)


if __name__ == "__main__":
    main()
