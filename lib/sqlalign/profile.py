"""A profile: the templates of one set of SQL with their weights, and what is needed to compare it honestly.

On disk it is one portable Parquet file: a row per statement kind and template, and a JSON object in the schema's
metadata under the key `sqlalign`. The same rows give the same bytes: no time, no host, no order of partitions is in it.
n-gram counts follow exactly from the templates and are not stored.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import sqlalign
from sqlalign.errors import AccountingError, ProfileError, SqlalignError, UsageError, did_you_mean
from sqlalign.ngrams import MAX_N, check_max_n, count_ngrams
from sqlalign.sql.version import RULES, TEMPLATE_VERSION

FORMAT = 1
KINDS = ("log", "queries", "training_set", "predictions")
WEIGHTINGS = ("auto", "executions", "shapes")
METADATA_KEY = b"sqlalign"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TEMPLATES_SCHEMA = pa.schema(
    [
        pa.field("statement_kind", pa.string(), nullable=False),
        pa.field("template", pa.string(), nullable=False),
        pa.field("executions", pa.int64(), nullable=False),
        pa.field("shapes", pa.int64(), nullable=False),
    ]
)


def check_choice(setting: str, value: str, allowed: Iterable[str]) -> str:
    """The value itself. Raises UsageError, with the nearest allowed one, where it is not allowed for the setting."""
    choices = list(allowed)
    if value not in choices:
        hint = did_you_mean(value, choices)
        raise UsageError(f"Unknown {setting} '{value}'.{hint} Set --{setting} to one of: {', '.join(choices)}.")
    return value


def check_name(name: str) -> str:
    """The name itself. Raises UsageError where it could not be the name of a profile."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"Profile name '{name}' is not made of letters, digits, '.', '_' and '-', at most 100, a letter or digit "
            "first. Set --name to such a name."
        )
    return name


def resolve_weighting(weighting: str, kind: str) -> str:
    """`auto` as what it means for a kind of profile: shapes for training sets, executions for all others.

    Raises UsageError for an unknown weighting.
    """
    if check_choice("weighting", weighting, WEIGHTINGS) == "auto":
        return "shapes" if kind == "training_set" else "executions"
    return weighting


def versions() -> dict[str, str]:
    """The versions that a template depends on."""
    return {"sqlalign": sqlalign.__version__, "sqlglot": version("sqlglot")}


@dataclass(frozen=True)
class Accounting:
    """Where every row and every statement of an input went, in rows weighted by their executions.

    `excluded` is by filter, `other_kinds` by statement kind, `rejected` by reason, `repairs` by name,
    `unknown` by the class of a construct that templates have no rendering for (it stands in them as OTHER).

    >>> Accounting(rows_read=3, empty=1, parsed=2, statements_found=2, templated=1, other_kinds={"use": 1}).check()
    """

    rows_read: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    empty: int = 0
    parsed: int = 0
    unparsable: int = 0
    statements_found: int = 0
    templated: int = 0
    other_kinds: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raises AccountingError where a number is negative or one of the two equations does not hold.

        rows_read = Σ excluded + empty + parsed + unparsable; statements_found = templated + Σ other_kinds + Σ rejected.
        """
        self._check_numbers()
        rows = {"excluded": sum(self.excluded.values()), "empty": self.empty, "parsed": self.parsed}
        _check_sum("rows_read", self.rows_read, rows | {"unparsable": self.unparsable})
        other, rejected = sum(self.other_kinds.values()), sum(self.rejected.values())
        statements = {"templated": self.templated, "other_kinds": other, "rejected": rejected}
        _check_sum("statements_found", self.statements_found, statements)

    def _check_numbers(self) -> None:
        for name, value in self.as_dict().items():
            for number in value.values() if isinstance(value, dict) else [value]:
                if not isinstance(number, int) or isinstance(number, bool) or number < 0:
                    raise AccountingError(f"The accounting's {name} holds '{number}', not a number of rows.")

    @property
    def parse_rate(self) -> float:
        """templated / (templated + rejected), in [0, 1]; 0 where there is neither."""
        return self.templated / max(1, self.templated + sum(self.rejected.values()))

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {name: dict(v) if isinstance(v, Mapping) else v for name, v in self.__dict__.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Accounting":
        """The inverse of `as_dict`. Raises AccountingError for keys that are missing or unknown."""
        expected = {f.name for f in fields(cls)}
        if values.keys() != expected:
            wrong = ", ".join(sorted(values.keys() ^ expected))
            raise AccountingError(
                f"The accounting's keys are not those of this version: '{wrong}' are missing or unknown."
            )
        return cls(**values)


def _check_sum(whole: str, total: int, parts: Mapping[str, int]) -> None:
    if total != sum(parts.values()):
        listed = " + ".join(f"{name} {n}" for name, n in parts.items())
        raise AccountingError(
            f"Accounting does not add up: {whole} is '{total}', but {listed} = {sum(parts.values())}."
        )


def templates_table(rows: Iterable[tuple[str, str, int, int]]) -> pa.Table:
    """(statement_kind, template, executions, shapes) rows as the table that a profile holds."""
    return _checked_templates(
        pa.Table.from_pylist(
            [dict(zip(TEMPLATES_SCHEMA.names, row, strict=True)) for row in rows], schema=TEMPLATES_SCHEMA
        )
    )


def _checked_templates(templates: pa.Table) -> pa.Table:
    """Sorted by kind and template, in one chunk, of the one schema. Raises ProfileError for rows that cannot be."""
    missing = [name for name in TEMPLATES_SCHEMA.names if name not in templates.column_names]
    if missing:
        raise ProfileError(f"A profile's templates lack the column '{missing[0]}'; found: {templates.column_names}.")
    try:
        rows = templates.select(TEMPLATES_SCHEMA.names).cast(TEMPLATES_SCHEMA)
    except (pa.ArrowInvalid, ValueError) as error:
        raise ProfileError(f"A profile's templates are not '{TEMPLATES_SCHEMA.to_string()}': {error}") from error
    if any(column.null_count for column in rows.columns):
        raise ProfileError("A profile's templates hold a null; every row has a kind, a template and two weights.")
    rows = rows.replace_schema_metadata(None).sort_by([("statement_kind", "ascending"), ("template", "ascending")])
    _check_rows(rows)
    return rows.combine_chunks()


def _check_rows(rows: pa.Table) -> None:
    """One row per kind and template, 1 ≤ shapes ≤ executions."""
    if rows.group_by(["statement_kind", "template"]).aggregate([]).num_rows != rows.num_rows:
        raise ProfileError(
            "A profile's templates hold a kind and template twice. Add their weights up to one row each."
        )
    if (
        rows.num_rows
        and not pc.all(
            pc.and_(pc.less_equal(1, rows["shapes"]), pc.less_equal(rows["shapes"], rows["executions"]))
        ).as_py()
    ):
        raise ProfileError("A profile's templates hold a row that does not have 1 <= shapes <= executions.")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The templates of one set of SQL, with their weights, and where they come from.

    `templates` has the columns of TEMPLATES_SCHEMA and is sorted by kind and template, whatever order it is given in.
    Identity is rules, template_version and max_n: profiles that differ there are not compared. `keys` is the number of
    distinct keys (shapes) of the input; `min_count` above 1 says that rarer templates were left out.
    Raises UsageError for a name, kind or rules that cannot be, ProfileError for rows that cannot be.
    """

    name: str
    kind: str
    rules: str = "canonical"
    template_version: int = TEMPLATE_VERSION
    max_n: int = MAX_N
    dialects: tuple[str, ...] = ()
    predicted_for: str | None = None
    layout: str | None = None
    origin: str | None = None
    licence: str | None = None
    created_by: Mapping[str, str] = field(default_factory=versions)
    accounting: Accounting = field(default_factory=Accounting)
    keys: int = 0
    min_count: int = 1
    templates: pa.Table = field(repr=False)
    _counts: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        check_choice("kind", self.kind, KINDS)
        check_choice("rules", self.rules, RULES)
        check_max_n(self.max_n)
        if self.predicted_for is not None and self.kind != "predictions":
            raise UsageError(
                f"Profile '{self.name}' is of kind '{self.kind}', and only predictions are made for a target. "
                "Set --kind predictions or leave --predicted-for out."
            )
        object.__setattr__(self, "dialects", tuple(sorted(set(self.dialects))))
        object.__setattr__(self, "templates", _checked_templates(self.templates))

    @property
    def statements(self) -> int:
        """Statements found, by executions."""
        return self.accounting.statements_found

    @property
    def templated(self) -> int:
        """Statements that gave a template, by executions."""
        return self.accounting.templated

    @property
    def parse_rate(self) -> float:
        """templated / (templated + rejected), in [0, 1]; 0 where there is neither."""
        return self.accounting.parse_rate

    @property
    def kept(self) -> int:
        """Statements whose template is held, by executions: all templated ones unless rare ones are left out."""
        return pc.sum(self.templates["executions"]).as_py() or 0

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the identity and the sorted rows: equal for equal content, whatever name and origin."""
        sha = hashlib.sha256(_json([self.rules, self.template_version, self.max_n]).encode())
        for row in zip(*(column.to_pylist() for column in self.templates.columns), strict=True):
            sha.update(b"\n" + _json(row).encode())
        return sha.hexdigest()

    def ngram_counts(self, weighting: str = "auto", max_n: int | None = None) -> Mapping[str, int]:
        """n-gram → count, computed once for each weighting and length; not to be changed by the caller.

        `max_n` is the profile's own unless told. Raises ProfileError where it is longer than the profile's, UsageError
        for an unknown weighting.
        """
        length = self.max_n if max_n is None else max_n
        if length > self.max_n:
            raise ProfileError(
                f"Profile '{self.name}' has max_n {self.max_n}, less than the '{length}' asked for. "
                f"Set --max-n to {self.max_n} or rebuild it with --max-n {length}."
            )
        key = (resolve_weighting(weighting, self.kind), length)
        if key not in self._counts:
            weights = self.templates[key[0]].to_pylist()
            self._counts[key] = count_ngrams(zip(self.templates["template"].to_pylist(), weights, strict=True), length)
        return self._counts[key]

    def without_rare(self, min_count: int) -> "Profile":
        """The profile without the rows of fewer than `min_count` executions, to be shared; its accounting stays.

        Raises UsageError where min_count is below 1.
        """
        if min_count < 1:
            raise UsageError(f"The least count '{min_count}' is below 1. Set --min-count to 1 (all templates) or more.")
        frequent = self.templates.filter(pc.greater_equal(self.templates["executions"], min_count))
        return replace(self, templates=frequent, min_count=max(min_count, self.min_count))

    def check(self) -> None:
        """Raises AccountingError where the accounting does not add up or does not agree with the rows."""
        self.accounting.check()
        if self.kept > self.templated or (self.min_count == 1 and self.kept != self.templated):
            raise AccountingError(
                f"Profile '{self.name}' does not add up: its templates have '{self.kept}' executions, "
                f"its accounting {self.templated} templated statements."
            )

    def header(self) -> dict[str, Any]:
        """What stands in the file's metadata, as plain data."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in HELD_ELSEWHERE}
        plain = {"dialects": list(self.dialects), "created_by": dict(self.created_by)}
        return {
            **values,
            **plain,
            "format": FORMAT,
            "accounting": self.accounting.as_dict(),
            "shapes": {"keys": self.keys},
            "digest": self.digest,
        }


HELD_ELSEWHERE = ("templates", "keys", "_counts")


def profile_bytes(profile: Profile) -> bytes:
    """The profile as the bytes of its file. Raises AccountingError where it does not add up."""
    profile.check()
    table = profile.templates.replace_schema_metadata({METADATA_KEY: _json(profile.header())})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=9)
    return sink.getvalue().to_pybytes()


def write_profile(profile: Profile, path: str | Path) -> None:
    """Writes the file at once or not at all: under a temporary name first.

    Raises AccountingError where the profile does not add up, ProfileError where the file cannot be written.
    """
    path, content = Path(path), profile_bytes(profile)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_rename(content, temporary, path)
    except OSError as error:
        raise ProfileError(
            f"Profile '{profile.name}' cannot be written to '{path}': {error.strerror or error}. Set --store to a "
            "folder that can be written."
        ) from error


def _write_and_rename(content: bytes, temporary: Path, path: Path) -> None:
    """The content on disk under its last name; no temporary file is left behind, whatever happens."""
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_header(path: str | Path) -> dict[str, Any]:
    """The metadata of a profile's file without its rows: the keys of `Profile.header`, and `templates`, their number.

    Raises ProfileError for a file that is missing, truncated or no profile of this format.
    """
    with _open_profile(Path(path)) as file:
        return _header(file, Path(path)) | {"templates": file.metadata.num_rows}


def read_profile(path: str | Path) -> Profile:
    """The profile of a file, its digest and accounting checked.

    Raises ProfileError for a file that is missing, truncated, damaged or no profile of this format.
    """
    path = Path(path)
    with _open_profile(path) as file:
        return _profile(_header(file, path), file.read(), path)


def _profile(header: dict[str, Any], rows: pa.Table, path: Path) -> Profile:
    values = {name: value for name, value in header.items() if name not in ("format", "digest", "shapes")}
    try:
        values |= {"accounting": Accounting.from_dict(header["accounting"]), "keys": header["shapes"]["keys"]}
        profile = Profile(**values, templates=rows)
        profile.check()
        digest, said = profile.digest, header["digest"]
    except (SqlalignError, TypeError, AttributeError, KeyError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if digest != said:
        raise _damaged(path, f"its rows have the digest '{digest}', its header says '{said}'")
    return profile


@contextmanager
def _open_profile(path: Path) -> Iterator[pq.ParquetFile]:
    """The open file. Whatever the reader says about a broken one, then or later, becomes a ProfileError."""
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise ProfileError(
            f"Profile file '{path}' {found}. Give the path of a file written by 'sqlalign profiles export'."
        )
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
        raise _damaged(path, reason) from error


def _header(file: pq.ParquetFile, path: Path) -> dict[str, Any]:
    """The JSON object of the metadata, of a format that this version reads."""
    metadata = file.schema_arrow.metadata or {}
    if METADATA_KEY not in metadata:
        raise ProfileError(
            f"File '{path}' is Parquet, but no profile: its metadata have no '{METADATA_KEY.decode()}'. Make a profile "
            "of its SQL with 'sqlalign profile'."
        )
    try:
        header = dict(json.loads(metadata[METADATA_KEY]))
    except (ValueError, TypeError) as error:
        raise _damaged(path, f"its metadata are no JSON object: {error}") from error
    if header.get("format") != FORMAT:
        raise ProfileError(
            f"Profile file '{path}' has format '{header.get('format')}'; this version reads {FORMAT}. Rebuild it with "
            "'sqlalign profile', or use the version of sqlalign that wrote it."
        )
    return header


def _damaged(path: Path, reason: str) -> ProfileError:
    return ProfileError(
        f"Profile file '{path}' cannot be read: {reason}. Rebuild it with 'sqlalign profile' or copy it again."
    )


def _json(value: Any) -> str:
    """One spelling of a value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
