"""A store: a folder that holds profiles by name, DIR/profiles/NAME.RULES.parquet; the box stands behind it."""

from pathlib import Path
from typing import Any

from sqlalign.bundled import SUFFIX, bundled_files, bundled_headers, load_bundled
from sqlalign.errors import ProfileError, did_you_mean
from sqlalign.profile import Profile, check_choice, check_name, read_header, read_profile, write_profile
from sqlalign.sql.version import RULES


def profile_path(store: str | Path, name: str, rules: str) -> Path:
    """Where a store holds a profile. Raises UsageError for a name or rules that cannot be."""
    return Path(store) / "profiles" / f"{check_name(name)}.{check_choice('rules', rules, RULES)}{SUFFIX}"


def save_profile(store: str | Path, profile: Profile) -> Path:
    """Writes the profile into the store, in place of one of the same name and rules; its path.

    Raises AccountingError where it does not add up, ProfileError where the store cannot be written.
    """
    path = profile_path(store, profile.name, profile.rules)
    write_profile(profile, path)
    return path


def load_profile(name: str, rules: str = "canonical", store: str | Path | None = None) -> Profile:
    """The profile of this name and rules: the store's or, where it has none, the box's.

    Raises ProfileError where neither has it, with the nearest name, and where its file is damaged or holds another.
    """
    if store is not None and (path := profile_path(_folder(store).parent, name, rules)).exists():
        return _load_stored(path, name, rules)
    if (check_name(name), check_choice("rules", rules, RULES)) in bundled_files():
        return load_bundled(name, rules)
    raise _unknown(name, rules, store)


def list_profiles(store: str | Path | None = None) -> list[dict[str, Any]]:
    """Headers of all profiles that can be named, by name and rules, each with its `place`, "store" or "box".

    One of the box that the store has too is left out. Raises ProfileError, naming it, for a file that is no profile.
    """
    stored = [_checked_header(path, *identity) for identity, path in _stored_files(store).items()]
    names = {(header["name"], header["rules"]) for header in stored}
    boxed = [h | {"place": "box"} for h in bundled_headers() if (h["name"], h["rules"]) not in names]
    return sorted(stored + boxed, key=lambda header: (header["name"], header["rules"]))


def export_profile(
    name: str, rules: str, file: str | Path, store: str | Path | None = None, min_count: int = 1
) -> Profile:
    """Writes a profile, without the templates of fewer than `min_count` executions, to a file; what was written.

    Raises ProfileError where there is no such profile or the file cannot be written.
    """
    profile = load_profile(name, rules, store).without_rare(min_count)
    write_profile(profile, file)
    return profile


def import_profile(file: str | Path, store: str | Path) -> Profile:
    """Puts an exported file into the store, checked, under the name it holds. Raises ProfileError for a damaged one."""
    profile = read_profile(file)
    save_profile(store, profile)
    return profile


def _folder(store: str | Path) -> Path:
    """The store's folder of profiles. Raises ProfileError where the store is a file."""
    store = Path(store)
    if store.exists() and not store.is_dir():
        raise ProfileError(f"Store '{store}' is a file, not a folder. Set --store to a folder.")
    return store / "profiles"


def _stored_files(store: str | Path | None) -> dict[tuple[str, str], Path]:
    """(name, rules) → file of a store; hidden and temporary files are not seen. Raises ProfileError for a stray one."""
    folder = _folder(store) if store is not None else None
    if folder is None or not folder.is_dir():
        return {}
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    return {_identity(path): path for path in paths}


def _identity(path: Path) -> tuple[str, str]:
    """Name and rules that a file's name tells."""
    name, _, rules = path.name.removesuffix(SUFFIX).rpartition(".")
    if not path.name.endswith(SUFFIX) or rules not in RULES or not name:
        raise ProfileError(
            f"File '{path}' is no profile: its name is not NAME.RULES{SUFFIX} with rules {' or '.join(RULES)}. "
            "Remove it from the store, or set --store to another folder."
        )
    return name, rules


def _load_stored(path: Path, name: str, rules: str) -> Profile:
    """The profile of a store's file, which must be what the file's name says."""
    _checked_header(path, name, rules)
    return read_profile(path)


def _checked_header(path: Path, name: str, rules: str) -> dict[str, Any]:
    """The header of a store's file, which must be of the profile that the file's name says."""
    header = read_header(path)
    if (header.get("name"), header.get("rules")) != (name, rules):
        raise ProfileError(
            f"File '{path}' holds profile '{header.get('name')}' of the {header.get('rules')} rules, not what its name "
            "says. Remove it and take it in with 'sqlalign profiles import'."
        )
    return header | {"place": "store"}


def _unknown(name: str, rules: str, store: str | Path | None) -> ProfileError:
    """What to say of a name that neither the store nor the box has under these rules."""
    known = [*_stored_files(store), *bundled_files()]
    elsewhere = sorted({r for n, r in known if n == name})
    if elsewhere:
        return ProfileError(
            f"Profile '{name}' exists under the {elsewhere[0]} rules only, not under the {rules} ones. Set --rules "
            f"{elsewhere[0]}, or build it with 'sqlalign profile --name {name} --rules {rules}'."
        )
    names = sorted({n for n, r in known if r == rules})
    where = "the box" if store is None else f"the box and the store '{store}'"
    where += "" if store is None or Path(store).is_dir() else " (which does not exist)"
    return ProfileError(
        f"Unknown profile '{name}'.{did_you_mean(name, names)} Profiles of the {rules} rules in {where}: "
        f"{', '.join(names) or 'none'}. Set --store, or build it with 'sqlalign profile --name {name}'."
    )
