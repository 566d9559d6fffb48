"""Data walks one way through the floors, and only some of them know Spark."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lib" / "sqlalign"

# From the ground up: a module imports of its own floor or of those before it, never of one after it.
FLOORS: list[tuple[str, ...]] = [
    ("errors", "schemas", "java", "jars"),
    ("sql",),
    ("ngrams", "rows"),
    ("profile",),
    ("box", "bundled"),
    ("store",),
    ("alignment",),
    ("sources",),
    ("steps",),
    ("tables",),
    ("spark", "config"),
    ("profiling", "comparing"),
    ("nightly",),
    ("report",),
    ("cli_nightly",),
    ("cli",),
]
KNOW_SPARK = {"steps", "tables", "sources", "spark"}
PURE = (
    "errors",
    "schemas",
    "sql",
    "ngrams",
    "profile",
    "box",
    "bundled",
    "store",
    "alignment",
    "report",
    "cli",
    "cli_nightly",
)

WITHOUT_PYSPARK = """
import importlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pyspark", "py4j", "delta"):
            raise ImportError(f"{name} must not be imported here")

sys.meta_path.insert(0, Refuse())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def modules() -> list[str]:
    """All modules below sqlalign, as dotted names: `sql.key`; a package is its `__init__`."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return [
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for path in paths
        if path.parent != PACKAGE or path.stem != "__init__"
    ]


def imports(module: str, *, deferred: bool = True) -> Iterator[str]:
    """Absolute names that a module imports; without `deferred`, those of its import time only."""
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    for node in _nodes(ast.parse(path.read_text()), deferred):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _nodes(node: ast.AST, deferred: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        skipped = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types(child)
        if deferred or not skipped:
            yield child
            yield from _nodes(child, deferred)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def floor_of(module: str) -> int:
    """The index of a module's floor; a module without one has to be given one here."""
    top = module.partition(".")[0]
    found = [index for index, names in enumerate(FLOORS) if top in names]
    assert found, f"'{top}' stands on no floor: add it to FLOORS"
    return found[0]


def own_imports(module: str) -> set[str]:
    """The top-level names below sqlalign that a module imports, inside functions too."""
    names = {
        name.removeprefix("sqlalign.").partition(".")[0] for name in imports(module) if name.startswith("sqlalign.")
    }
    return names - {"__version__"}


@pytest.mark.parametrize("module", modules())
def test_no_module_imports_of_a_higher_floor(module: str) -> None:
    higher = {name for name in own_imports(module) if floor_of(name) > floor_of(module)}
    assert not higher


@pytest.mark.parametrize("module", modules())
def test_only_the_floors_of_spark_import_pyspark(module: str) -> None:
    knows = any(name.partition(".")[0] in ("pyspark", "py4j", "delta") for name in imports(module, deferred=False))
    assert not knows or module.partition(".")[0] in KNOW_SPARK


def test_pure_modules_import_without_pyspark() -> None:
    pure = [f"sqlalign.{name.removesuffix('.__init__')}" for name in modules() if name.partition(".")[0] in PURE]
    done = subprocess.run([sys.executable, "-c", WITHOUT_PYSPARK, *pure], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
