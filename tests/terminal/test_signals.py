"""Signals, hang-ups and resizes: an orderly exit with the correct status, or no effect."""

import random
import signal
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from tests.support.variants import variants
from tests.terminal.fork_server import RUN_PROGRAM
from tests.terminal.processes import (
    TIMEOUT_SECONDS,
    busy,
    children,
    is_alive,
    threads,
    wait_for_end,
)
from tests.terminal.pseudo_terminal import is_cooked
from tests.terminal.reading import assert_key_works, step_shown, wait_for_start, wait_for_step
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

LENGTH = "--length 4"  # which is evaluated sooner
ENDLESS = (*LENGTH.split(), "--speed", "100", "--steps", "100000000")
CTRL_C = "\x03"
EXITS: dict[str, tuple[int | str, int]] = {
    "SIGTERM": (signal.SIGTERM, 143),
    "SIGHUP": (signal.SIGHUP, 129),
    "SIGINT": (signal.SIGINT, 130),
    "ctrl+c": (CTRL_C, 130),
    "q": ("q", 0),
    "ctrl+q": ("\x11", 0),
}
IGNORE_HANGUP = f"import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n{RUN_PROGRAM}"
RESIZES = 25


@pytest.mark.parametrize(
    ("state", "way"),
    [
        *(("at work", way) for way in ("SIGHUP", "SIGINT", "ctrl+q")),
        ("paused", "SIGTERM"),
        ("in a dialog", "SIGHUP"),
        ("in a dialog", "ctrl+c"),
        *(pytest.param("paused", way, marks=pytest.mark.long) for way in ("SIGHUP", "q")),
        pytest.param("in a dialog", "SIGTERM", marks=pytest.mark.long),
    ],
)
def test_exits_in_order_and_prints_the_summary(way: str, state: str) -> None:
    cause, status = EXITS[way]
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        if state == "paused":
            assert_key_works(terminal)
        elif state == "in a dialog":
            terminal.send(":")
            terminal.wait_for("enter changes")
        end(terminal, cause)
        assert terminal.wait() == status
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before
        assert is_cooked(terminal.modes)
        assert f"rnn-tui train --recipe binary-addition {LENGTH} --steps" in terminal.left_behind


@pytest.mark.parametrize("way", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_exits_in_order_right_after_opening_the_screen(way: str) -> None:
    cause, status = EXITS[way]
    with Terminal(*ENDLESS) as terminal:
        deadline = monotonic() + TIMEOUT_SECONDS
        while not terminal.is_alternate:
            assert monotonic() < deadline
            sleep(0.001)
        end(terminal, cause)
        assert terminal.wait() == status
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before


@pytest.mark.parametrize("way", variants(["q", "ctrl+c", "SIGTERM", "SIGHUP"], short=["ctrl+c"]))
def test_siblings_send_nothing_at_the_step_of_a_paused_run_and_end_with_it(way: str) -> None:
    cause, status = EXITS[way]
    with Terminal("--paused", "--length", "3", "--seeds", "2") as terminal:
        terminal.wait_for("paused at step 0", 20)
        terminal.send("S")
        terminal.wait_for(" of 2 exact by step 100 ", 30)
        terminal.wait_until_still(1.0, 30)
        (siblings,) = children(terminal.process)
        end(terminal, cause)
        assert terminal.wait() == status
        assert not is_alive(siblings)
        assert_restored(terminal.written)
        assert "Traceback" not in terminal.left_behind


def end(terminal: Terminal, cause: int | str) -> None:
    if isinstance(cause, str):
        terminal.send(cause)
    else:
        terminal.signal(cause)


@pytest.mark.parametrize(
    ("hangup", "state"),
    [
        ("handled", "paused"),
        ("ignored", "at work"),
        pytest.param("handled", "at work", marks=pytest.mark.long),
        pytest.param("ignored", "paused", marks=pytest.mark.long),
    ],
)
def test_exits_when_its_terminal_is_closed(hangup: str, state: str) -> None:
    code = RUN_PROGRAM if hangup == "handled" else IGNORE_HANGUP
    with Terminal(*ENDLESS, code=code) as terminal:
        wait_for_start(terminal)
        if state == "paused":
            assert_key_works(terminal)
        terminal.close()
        wait_for_end(terminal.process)
        assert terminal.reap() == 129


@pytest.fixture(scope="module")
def running() -> Iterator[Terminal]:
    with Terminal(*ENDLESS) as terminal:
        wait_for_start(terminal)
        yield terminal
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_stray_sigcont_has_no_effect(running: Terminal) -> None:
    before = threads(running.process).keys()
    for _ in range(20):
        running.signal(signal.SIGCONT)
        sleep(0.02)
    assert_key_works(running)
    assert threads(running.process).keys() == before
    assert_key_works(running)


def test_continues_after_sigstop_and_sigcont(running: Terminal) -> None:
    running.signal(signal.SIGSTOP)
    running.wait_until_still()
    stopped_at = step_shown(running.text)
    running.signal(signal.SIGCONT)
    wait_for_step(running, stopped_at + 20)
    assert_key_works(running)
    assert_key_works(running)


def test_uses_no_processor_time_while_paused(running: Terminal) -> None:
    assert_key_works(running)
    running.wait_until_still(1.0, 20)
    before, written = busy(running.process), len(running.written)
    sleep(1.5)
    assert busy(running.process) - before < 0.15
    assert len(running.written) == written
    assert_key_works(running)


def test_many_resizes_end_in_the_layout_of_the_last() -> None:
    randomness = random.Random(0)
    paused = (*ENDLESS, "--paused")
    with Terminal(*paused, columns=100, rows=30) as undisturbed, Terminal(*paused) as shaken:
        shaken.wait_for("paused at step")
        for _ in range(RESIZES):
            shaken.resize(randomness.randint(1, 220), randomness.randint(1, 70))
            sleep(0.002)
        shaken.resize(100, 30)
        undisturbed.wait_for("paused at step")
        undisturbed.wait_until_still()
        shaken.wait_for(lambda text: text == undisturbed.text)
        assert_key_works(shaken)
        shaken.send("q")
        assert shaken.wait() == 0
        assert_restored(shaken.written)
