"""A slow or stalled link: training continues, and the newest state is displayed."""

import signal
from functools import partial
from pathlib import Path
from time import sleep

import pytest

from tests.support.variants import variants
from tests.terminal.answers import Answer, in_pieces, late, never, torn
from tests.terminal.pictures import is_paused_at
from tests.terminal.reading import (
    assert_key_works,
    assert_trains_during_a_stall,
    step_shown,
    wait_for_start,
    wait_for_step,
)
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

SPEED = 200  # steps a second
LENGTH = ("--length", "4")  # which is evaluated sooner
ENDLESS = (*LENGTH, "--speed", str(SPEED), "--steps", "100000000")
PAUSED = (*LENGTH, "--paused")
MAX_BACKLOG = 30_000  # bytes
ESCAPE, REDRAW = "\x1b", "\x0c"
MAX_DIALOG_BYTES = 2_000  # all cells of the window take four times as many
SLOW_RATE = 8_000.0  # bytes a second


def test_trains_during_a_stall_and_then_shows_the_newest_state(tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    recorded = (*ENDLESS, "--speed", "2000", "--journal", str(journal))
    with Terminal(*recorded, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        assert_trains_during_a_stall(terminal, journal, MAX_BACKLOG)
        assert_key_works(terminal)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_handles_keys_pressed_during_a_stall() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        terminal.link.stall()
        sleep(1)
        terminal.send("+")
        sleep(1)
        written = len(terminal.written)
        terminal.link.resume()
        terminal.wait_for("lr 0.1 → 0.2")
        assert len(terminal.written) - written < MAX_BACKLOG


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.long),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.long),
    ],
)
def test_exits_on_a_signal_during_a_stall(number: int, status: int) -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        terminal.link.stall()
        sleep(1.5)
        terminal.signal(number)
        assert terminal.reap() == status
        assert terminal.modes == terminal.modes_before


def test_exits_in_the_middle_of_a_frame_during_a_stall() -> None:
    with Terminal(*PAUSED, columns=200, rows=60) as terminal:
        terminal.wait_for("accuracy")
        terminal.wait_until_still()
        terminal.link.stall()
        terminal.send(REDRAW)  # more than the kernel keeps
        sleep(1)
        terminal.signal(signal.SIGTERM)
        assert terminal.reap() == 143


def test_exits_when_its_terminal_is_closed_during_a_stall() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        terminal.link.stall()
        sleep(1.5)
        terminal.close()
        assert terminal.reap() == 129


def test_slow_link_shows_new_steps_and_handles_keys() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40, rate=SLOW_RATE) as terminal:
        wait_for_start(terminal)
        terminal.wait_for("? help")
        for _ in range(6):
            wait_for_step(terminal, step_shown(terminal.text) + 1)
        terminal.send("+")
        terminal.wait_for("lr 0.1 → 0.2")
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_dialog_repaints_only_its_own_cells() -> None:
    truecolor = {"COLORTERM": "truecolor"}
    with Terminal(*PAUSED, environment=truecolor, columns=120, rows=40) as terminal:
        terminal.wait_for(" after step 0 ─")  # the last that is drawn
        terminal.wait_until_still()
        for key, shown in ((":", "esc cancels"), (ESCAPE, "? help")):
            before = len(terminal.written)
            terminal.send(key)
            terminal.wait_for(shown)
            terminal.wait_until_still()
            assert len(terminal.written) - before < MAX_DIALOG_BYTES


@pytest.mark.parametrize("answer", variants([in_pieces, torn, late, never], short=[torn, never]))
def test_works_with_any_timing_of_replies(answer: Answer) -> None:
    with Terminal(*ENDLESS, answer=answer) as terminal:
        wait_for_start(terminal)
        for _ in range(2):
            wait_for_step(terminal, step_shown(terminal.text) + SPEED // 4)
            assert_key_works(terminal)
            assert_key_works(terminal)
        assert "new run" not in terminal.text, "a reply was taken for a key"
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before


def test_late_replies_are_no_keys_and_an_unfinished_paste_ends() -> None:
    with Terminal(*PAUSED, columns=80, rows=24) as terminal:
        terminal.wait_for("paused at step 0")
        terminal.send("S")
        terminal.wait_for(partial(is_paused_at, step=100))
        terminal.wait_until_still(1.0)
        before = terminal.text
        for reply in ("\x1bP>|xterm(390)\x1b\\", "\x1b[?62;22c"):
            terminal.send(reply)
            for piece in (reply[: len(reply) // 2], reply[len(reply) // 2 :]):
                terminal.send(piece)
                sleep(0.6)
        terminal.wait_until_still()
        assert terminal.text == before
        terminal.send("\x1b[200~" + "S" * 100)
        sleep(1)
        terminal.send("\x03")
        assert terminal.wait() == 130
        assert_restored(terminal.written)
