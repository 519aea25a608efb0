"""Imports point one way, ui → session → engine, and files stay small."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rnn_tui

PACKAGE = Path(rnn_tui.__file__).parent
TESTS = Path(__file__).parent
MOST_LINES = 300

# What a part may import of this program, besides what is its own.
MAY_IMPORT = {
    "engine": (),
    "appearance.py": ("settings",),
    "settings.py": ("engine",),
    "options.py": ("engine", "settings"),
    "turns.py": ("engine", "settings"),
    "recipes.py": ("settings", "turns"),
    "quirks.py": ("engine", "settings", "options", "turns"),
    "session": ("engine", "settings", "options", "turns", "recipes"),
    "command.py": ("session", "recipes", "turns", "options", "settings"),
    "figures.py": ("session", "engine"),
    "words.py": ("settings",),
    "ladder.py": (),
    "spelling.py": (),
    "interrupt.py": (),
    "arguments.py": ("session", "settings"),
    "parts.py": ("engine", "settings"),
    "telling.py": ("command", "words", "session", "engine"),
    "reporting.py": ("telling", "spelling", "figures", "session", "engine"),
    "headless.py": (
        "reporting",
        "figures",
        "command",
        "interrupt",
        "session",
        "quirks",
        "settings",
        "engine",
    ),
    "plain": (
        "telling",
        "parts",
        "words",
        "ladder",
        "spelling",
        "interrupt",
        "session",
        "quirks",
        "recipes",
        "options",
        "settings",
        "engine",
    ),
}

LOAD_WITHOUT_SCREEN = """
import importlib, pkgutil, sys
import rnn_tui.cli.main, rnn_tui.cli.train, rnn_tui.engine, rnn_tui.session, rnn_tui.line_mode
for part in (rnn_tui.engine, rnn_tui.session, rnn_tui.line_mode):
    for module in pkgutil.walk_packages(part.__path__, part.__name__ + "."):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def sources(part: str) -> list[Path]:
    path = PACKAGE / part
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def imports(source: Path) -> Iterator[str]:
    """Yield every module that `source` imports, at its top or within a function."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source} imports relatively"
            assert node.module is not None
            yield node.module


def test_training_loads_no_screen() -> None:
    command = [sys.executable, "-c", LOAD_WITHOUT_SCREEN]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"textual", "plotext", "rich"}


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_point_one_way(part: str) -> None:
    own = part.removesuffix(".py")
    allowed = {"rnn_tui", *(f"rnn_tui.{name}" for name in (own, *MAY_IMPORT[part]))}
    for source in sources(part):
        mine = [name for name in imports(source) if name.split(".")[0] == "rnn_tui"]
        assert {".".join(name.split(".")[:2]) for name in mine} <= allowed, source


def test_the_engine_needs_numpy_and_nothing_else() -> None:
    for source in sources("engine"):
        roots = {name.split(".")[0] for name in imports(source)} - {"rnn_tui", "numpy"}
        assert roots <= sys.stdlib_module_names, source


def test_plotext_is_touched_in_one_file_only() -> None:
    touching = [source.name for source in sources("") if "plotext" in imports(source)]
    assert touching == ["plot.py"]


@pytest.mark.parametrize("root", [PACKAGE, TESTS], ids=["rnn_tui", "tests"])
def test_no_file_is_too_long_to_read(root: Path) -> None:
    lengths = {
        str(path.relative_to(root)): len(path.read_text("utf-8").splitlines())
        for path in root.rglob("*.py")
    }
    assert lengths
    assert [path for path, length in lengths.items() if length > MOST_LINES] == []
