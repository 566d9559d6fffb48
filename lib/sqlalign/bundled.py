"""The box: profiles that are shipped with the package, so that training sets can be ranked before any is downloaded."""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import Any

from sqlalign.profile import Profile, read_header, read_profile

SUFFIX = ".parquet"


def bundled_files() -> dict[tuple[str, str], Traversable]:
    """(name, rules) → file, for each profile in the box; sorted."""
    box = files("sqlalign").joinpath("box")
    found = [file for file in box.iterdir() if file.name.endswith(SUFFIX)] if box.is_dir() else []
    named = {file.name.removesuffix(SUFFIX).rpartition("."): file for file in found}
    return {(name, rules): file for (name, _, rules), file in sorted(named.items())}


def load_bundled(name: str, rules: str) -> Profile:
    """A profile of the box. Raises KeyError where it has none such, ProfileError for a damaged one."""
    with as_file(bundled_files()[name, rules]) as path:
        return read_profile(path)


def bundled_headers() -> list[dict[str, Any]]:
    """The headers of the box's profiles, by name and rules. Raises ProfileError for a damaged one."""
    headers = []
    for file in bundled_files().values():
        with as_file(file) as path:
            headers.append(read_header(path))
    return headers
