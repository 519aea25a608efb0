"""After an exception the terminal is restored and the traceback printed."""

import pytest

from tests.terminal.fork_server import RUN_PROGRAM
from tests.terminal.pseudo_terminal import is_cooked
from tests.terminal.reading import wait_for_start
from tests.terminal.restored import assert_restored, left_changed
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

LENGTH = ("--length", "4")  # which is evaluated sooner
FAIL = 'def fail(*_): raise RuntimeError("broken for the test")'

WORKER = f"from rnn_tui.run.run import Run\n{FAIL}\nRun.advance = fail"
START_UP = f"from rnn_tui.tui.app import RnnTui\n{FAIL}\nRnnTui.on_mount = fail"
COMPOSING = f"from rnn_tui.tui.dashboard import Dashboard\n{FAIL}\nDashboard.compose = fail"
FIRST_UPDATE = (
    f"from rnn_tui.tui.panes.bit_grid import BitGridPane\n{FAIL}\nBitGridPane.update_from = fail"
)
LATER_UPDATE = f"""
from rnn_tui.tui.panes.bit_grid import BitGridPane
{FAIL}
show = BitGridPane.update_from
BitGridPane.update_from = lambda pane, seen: fail() if seen.step > 500 else show(pane, seen)
"""
KEY = f"from rnn_tui.tui.dashboard import Dashboard\n{FAIL}\nDashboard.action_toggle_window = fail"
IMPORTING = """
import sys
for name in [name for name in sys.modules if name.startswith("rnn_tui")]:
    del sys.modules[name]
sys.modules["rnn_tui.tui.dashboard"] = None
"""


@pytest.mark.parametrize(
    "breaking",
    [START_UP, COMPOSING, FIRST_UPDATE, LATER_UPDATE],
    ids=["start-up", "composing", "first update", "later update"],
)
def test_exception_in_the_screen_exits_with_the_traceback(breaking: str) -> None:
    with Terminal(*LENGTH, code=f"{breaking}\n{RUN_PROGRAM}") as terminal:
        assert terminal.wait() == 1
        assert_ended_in_order(terminal)


def test_exception_in_a_key_exits_with_the_traceback() -> None:
    with Terminal(*LENGTH, code=f"{KEY}\n{RUN_PROGRAM}") as terminal:
        wait_for_start(terminal)
        terminal.send("w")
        assert terminal.wait() == 1
        assert_ended_in_order(terminal)


def test_exception_in_the_worker_is_displayed_and_printed_on_exit() -> None:
    with Terminal(*LENGTH, code=f"{WORKER}\n{RUN_PROGRAM}") as terminal:
        terminal.wait_for("q shows the traceback")
        terminal.send("t")  # the screen lives on
        terminal.send("q")
        assert terminal.wait() == 1
        assert_ended_in_order(terminal)


def test_failed_import_never_opens_the_screen() -> None:
    with Terminal(code=f"{IMPORTING}\n{RUN_PROGRAM}") as terminal:
        assert terminal.wait() == 1
        assert not left_changed(terminal.written)
        assert not terminal.is_alternate
        assert terminal.modes == terminal.modes_before
        assert "rnn_tui.tui.dashboard" in terminal.left_behind


def assert_ended_in_order(terminal: Terminal) -> None:
    assert_restored(terminal.written)
    assert is_cooked(terminal.modes)
    assert terminal.modes == terminal.modes_before
    assert "Traceback" in terminal.left_behind
    assert "RuntimeError: broken for the test" in terminal.left_behind.replace("\n", " ")
