"""Imports point one way: down the list of layers, and within a layer never in a circle."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import rnn_tui

PACKAGE = Path(rnn_tui.__file__).parent
# From the top down: a folder imports those below it only, none beside it, and may import `GROUND`.
LAYERS = [
    {"cli"},
    {"tui", "line_mode"},
    {"text"},
    {"lessons"},
    {"session"},
    {"sweep"},
    {"recording"},
    {"run"},
    {"config"},
    {"analysis"},
    {"engine"},
]
GROUND = {"signals", "error_text", "exit_status"}
ENTRY_POINTS = {"__init__", "__main__"}  # which may import any layer, and are imported by none

LOAD_WITHOUT_SCREEN = """
import importlib, pkgutil, sys
import rnn_tui.cli.main, rnn_tui.cli.train
import rnn_tui.analysis, rnn_tui.engine, rnn_tui.session, rnn_tui.line_mode
for part in (rnn_tui.analysis, rnn_tui.engine, rnn_tui.session, rnn_tui.line_mode):
    for module in pkgutil.walk_packages(part.__path__, part.__name__ + "."):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def sources(part: str = "") -> list[Path]:
    return sorted((PACKAGE / part).rglob("*.py"))


def module_of(source: Path) -> str:
    """Return the dotted name of the module in `source`."""
    parts = source.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_of(source): source for source in sources()}


@cache
def imports(source: Path) -> Sequence[str]:
    """Return every module that `source` imports, at its top, within a function, or for types."""
    return list(_imports(source))


def _imports(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source} imports relatively"
            assert node.module is not None
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from names & MODULES.keys()
            if not names <= MODULES.keys():
                yield node.module


def layer_of(module: str) -> int | None:
    """Return the place of a module's folder in LAYERS, None for the ground and entry points."""
    _, folder, *_ = [*module.split("."), "__init__"]
    if folder in GROUND | ENTRY_POINTS:
        return None
    return next(place for place, folders in enumerate(LAYERS) if folder in folders)


def test_every_file_has_a_layer() -> None:
    folders = {source.relative_to(PACKAGE).parts[0].removesuffix(".py") for source in sources()}
    assert folders == set().union(*LAYERS) | GROUND | ENTRY_POINTS


def is_allowed(module: str, imported: str) -> bool:
    """Return whether `module` may import `imported`, both of this package."""
    place, target = layer_of(module), layer_of(imported)
    same_folder = imported.split(".")[1:2] == module.split(".")[1:2]
    if place is not None and imported.split(".")[1] in ENTRY_POINTS:
        return False
    return target is None or place is None or same_folder or place < target


def test_imports_point_down_the_layers() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, source in MODULES.items()
        for imported in imports(source)
        if imported.startswith("rnn_tui.") and not is_allowed(module, imported)
    ]
    assert not wrong


def test_no_imports_go_in_a_circle() -> None:
    graph = {
        module: {name for name in imports(source) if name in MODULES and name != "rnn_tui"}
        for module, source in MODULES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_training_loads_no_screen() -> None:
    command = [sys.executable, "-c", LOAD_WITHOUT_SCREEN]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"textual", "plotext", "rich"}


def test_engine_and_analyses_need_numpy_and_nothing_else() -> None:
    for source in sources("engine") + sources("analysis"):
        roots = {name.split(".")[0] for name in imports(source)} - {"rnn_tui", "numpy"}
        assert roots <= sys.stdlib_module_names, source


def test_plotext_is_touched_in_one_file_only() -> None:
    touching = [source.name for source in sources() if "plotext" in imports(source)]
    assert touching == ["plot.py"]
