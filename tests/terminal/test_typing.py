"""Keys sent at once, as by a script or after a stall, have the effect of keys sent one by one."""

import re
from pathlib import Path

import pytest

from tests.support.variants import variants
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

DOWN, ESCAPE, PALETTE = "\x1b[B", "\x1b", "\x10"
TO_CONTROLS = "\t" * 6  # past the five panes
# Keys sent at once, and a pattern in the text of the screen after them, one after another.
TYPED = {
    "changes": (
        (":lr=0.3\r", r"SGD 0\.3 "),
        ("L0.25\r", r"SGD 0\.25 "),
        (f"?{ESCAPE}i{ESCAPE}L{ESCAPE}:lr=0.2\r", r"SGD 0\.2 "),
        (f"{PALETTE}adam\r", r"Adam 0\.01 "),
        ("D7\r", r"seed 7 "),
        (f"{TO_CONTROLS}\r{DOWN}\r", r"task subtraction"),
    ),
    "steps": (
        (f"\t\r{ESCAPE}{ESCAPE}s", r"step 1\b"),
        (f"?{ESCAPE}s", r"step 2\b"),
        ("e\x1bs", r"step 3\b"),
        ("p5+6\r", r"5 \+ 6 = "),
        (f"s?{ESCAPE}4", r"(?s)step 4\b(?!.*mean of 100).*conf\. %"),
        ("0sssJ2\r", r"step 2 of 7"),
    ),
    "steps between changes": (
        (
            "sos+s",
            r"step 3\b(?s:.)*step 2: lr 0\.02 → 0\.05(?s:.)*step 1: optimizer sgd → mom",
        ),
    ),
}


def dashboard(folder: Path, columns: int = 120, rows: int = 40) -> Terminal:
    """Return the dashboard, paused, as started in `folder`, where it writes files."""
    arguments = ("--length", "4", "--paused", "--steps", "1000")
    return Terminal(*arguments, folder=folder, columns=columns, rows=rows)


@pytest.mark.parametrize(
    "piece", variants([1, 1000], short=[1000]), ids=["key by key", "in one piece"]
)
@pytest.mark.parametrize("name", TYPED)
def test_keys_typed_ahead_reach_the_widget_they_are_meant_for(
    name: str, piece: int, tmp_path: Path
) -> None:
    with dashboard(tmp_path) as terminal:
        terminal.wait_for("accuracy")
        for keys, pattern in TYPED[name]:
            for start in range(0, len(keys), piece):
                terminal.send(keys[start : start + piece])
            sought = re.compile(pattern)
            terminal.wait_for(lambda text, sought=sought: sought.search(text) is not None)  # type: ignore[misc]  # bound now


def test_interrupt_overtakes_queued_keys(tmp_path: Path) -> None:
    with dashboard(tmp_path, columns=200, rows=60) as terminal:
        terminal.wait_for("accuracy")
        terminal.send("v" * 201 + "s\x03")
        assert terminal.wait() == 130
        assert_restored(terminal.written)
        assert "after 0 steps" in terminal.left_behind


def test_drives_a_session_by_keys(tmp_path: Path) -> None:
    """Each key is pressed only when the one before has had its effect."""
    steps = {
        "+": r"lr 0\.2\b",
        "t": r"task subtraction",
        "o": r"optimizer sgd → momentum",
        "L0.05\r": r"lr 0\.05\b",
        ":clip-norm=1\r": r"clip norm inf → 1",
        f"{PALETTE}task: par\r": r"task parity",
        "S": r"step 100\b",
        " ": r"finished at step 1,000",
    }
    with dashboard(tmp_path) as terminal:
        terminal.wait_for("accuracy")
        for keys, pattern in steps.items():
            terminal.send(keys)
            sought = re.compile(pattern)
            terminal.wait_for(lambda text, sought=sought: sought.search(text) is not None)  # type: ignore[misc]  # bound now
        terminal.send("q")
        assert terminal.wait() == 0
        assert "to repeat the run:" in terminal.left_behind
