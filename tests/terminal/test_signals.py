"""However it is ended or disturbed: it ends with the right status, or it lives on."""

import random
import signal
from time import monotonic, sleep

import pytest

from tests.terminal.fork_server import RUN_PROGRAM
from tests.terminal.processes import busy, seconds_to_end, threads
from tests.terminal.pseudo_terminal import is_cooked
from tests.terminal.reading import assert_hears, step_shown, wait_for_start, wait_for_step
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

ENDLESS = ("--speed", "1000", "--steps", "100000000")
CTRL_C = "\x03"
WAYS_TO_END: dict[str, tuple[int | str, int]] = {
    "SIGTERM": (signal.SIGTERM, 143),
    "SIGHUP": (signal.SIGHUP, 129),
    "SIGINT": (signal.SIGINT, 130),
    "ctrl+c": (CTRL_C, 130),
    "q": ("q", 0),
    "ctrl+q": ("\x11", 0),
}
IGNORE_HANGUP = f"import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n{RUN_PROGRAM}"
GRACE = 3.0  # seconds in which it ends when its terminal has gone
STORM = 200  # changes of size


@pytest.mark.parametrize("way", WAYS_TO_END)
@pytest.mark.parametrize("state", ["at work", "paused"])
def test_ends_in_order_and_leaves_the_summary(way: str, state: str) -> None:
    cause, status = WAYS_TO_END[way]
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        if state == "paused":
            assert_hears(terminal)
        end(terminal, cause)
        assert terminal.wait() == status
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before
        assert is_cooked(terminal.modes)
        assert "rnn-tui train --recipe binary-addition --steps" in terminal.left_behind


@pytest.mark.parametrize("way", ["SIGTERM", "SIGHUP", "ctrl+c"])
def test_ends_in_order_while_a_dialog_is_open(way: str) -> None:
    cause, status = WAYS_TO_END[way]
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        terminal.send(":")
        terminal.wait_for("enter changes")
        end(terminal, cause)
        assert terminal.wait() == status
        assert_restored(terminal.written)


@pytest.mark.parametrize("way", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_ends_in_order_as_soon_as_it_has_opened_the_screen(way: str) -> None:
    cause, status = WAYS_TO_END[way]
    with Terminal(*ENDLESS) as terminal:
        deadline = monotonic() + 10
        while not terminal.is_alternate:
            assert monotonic() < deadline
            sleep(0.001)
        end(terminal, cause)
        assert terminal.wait() == status
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before


def end(terminal: Terminal, cause: int | str) -> None:
    if isinstance(cause, str):
        terminal.send(cause)
    else:
        terminal.signal(cause)


@pytest.mark.parametrize("state", ["at work", "paused"])
@pytest.mark.parametrize("hangup", ["handled", "ignored"])
def test_ends_when_its_terminal_is_closed(hangup: str, state: str) -> None:
    code = RUN_PROGRAM if hangup == "handled" else IGNORE_HANGUP
    with Terminal(*ENDLESS, code=code) as terminal:
        wait_for_start(terminal)
        if state == "paused":
            assert_hears(terminal)
        terminal.close()
        seconds_to_end(terminal.process, GRACE)
        assert terminal.reap() == 129


def test_a_stray_sigcont_changes_nothing() -> None:
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        before = threads(terminal.process).keys()
        for _ in range(20):
            terminal.signal(signal.SIGCONT)
            sleep(0.02)
        assert_hears(terminal)
        assert threads(terminal.process).keys() == before
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_goes_on_after_it_was_stopped_from_outside() -> None:
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        terminal.signal(signal.SIGSTOP)
        sleep(1)
        stopped_at = step_shown(terminal.text)
        terminal.signal(signal.SIGCONT)
        wait_for_step(terminal, stopped_at + 500)
        assert_hears(terminal)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_a_storm_of_sizes_ends_in_the_last() -> None:
    randomness = random.Random(0)
    with Terminal("--paused", columns=100, rows=30) as undisturbed, Terminal("--paused") as shaken:
        shaken.wait_for("paused at step")
        for _ in range(STORM):
            shaken.resize(randomness.randint(1, 220), randomness.randint(1, 70))
            sleep(0.002)
        shaken.resize(100, 30)
        undisturbed.wait_for("paused at step")
        for terminal in (shaken, undisturbed):
            terminal.wait_until_still()
        assert shaken.text == undisturbed.text
        assert_hears(shaken)
        shaken.send("q")
        assert shaken.wait() == 0
        assert_restored(shaken.written)


def test_costs_nothing_while_it_is_paused() -> None:
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        terminal.send(" ")
        terminal.wait_for("paused at step")
        terminal.wait_until_still(1.0, 20)
        before, written = busy(terminal.process), len(terminal.written)
        sleep(3)
        assert busy(terminal.process) - before < 0.3
        assert len(terminal.written) == written
