"""A link that is slow, or has gone quiet: training goes on, and what comes is the newest state."""

import signal
from itertools import pairwise
from time import perf_counter, sleep

import pytest

from tests.terminal.answers import Answer, in_pieces, late, never, torn
from tests.terminal.reading import assert_hears, step_shown, wait_for_start, wait_for_step
from tests.terminal.restored import assert_restored
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

PACE = 1_000  # steps a second
ENDLESS = ("--speed", str(PACE), "--steps", "100000000")
QUIET = 10.0  # seconds
BACKLOG = 30_000  # bytes
GRACE = 15.0  # seconds in which it ends though nobody reads what it writes
ESCAPE, REDRAW = "\x1b", "\x0c"
DIALOG = 2_000  # bytes; all cells of the window take four times as many
SLOW = 8_000.0  # bytes a second


def test_trains_on_while_nobody_reads_and_then_shows_the_newest_state() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        before = step_shown(terminal.text)
        terminal.link.stall()
        sleep(QUIET)
        written = len(terminal.written)
        terminal.link.resume()
        wait_for_step(terminal, before + int(0.9 * PACE * QUIET), 3)
        assert len(terminal.written) - written < BACKLOG
        assert_hears(terminal)
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_hears_the_keys_that_were_pressed_while_nobody_read() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        terminal.link.stall()
        sleep(3)
        terminal.send("+")
        sleep(1)
        terminal.link.resume()
        terminal.wait_for("lr 0.1 → 0.2", 3)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_ends_though_nobody_reads(number: int, status: int) -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        terminal.link.stall()
        sleep(3)
        began = perf_counter()
        terminal.signal(number)
        assert terminal.reap(GRACE) == status
        assert perf_counter() - began < GRACE
        assert terminal.modes == terminal.modes_before


def test_ends_in_the_middle_of_a_frame_that_nobody_reads() -> None:
    with Terminal("--paused", columns=200, rows=60) as terminal:
        terminal.wait_for("accuracy", 20)
        terminal.wait_until_still()
        terminal.link.stall()
        terminal.send(REDRAW)  # more than the kernel keeps
        sleep(1)
        terminal.signal(signal.SIGTERM)
        assert terminal.reap(GRACE) == 143


def test_ends_though_nobody_reads_and_the_terminal_is_closed() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40) as terminal:
        wait_for_start(terminal)
        terminal.link.stall()
        sleep(3)
        terminal.close()
        assert terminal.reap(GRACE) == 129


def test_a_slow_link_shows_new_steps_all_the_time_and_hears_keys() -> None:
    with Terminal(*ENDLESS, columns=120, rows=40, rate=SLOW) as terminal:
        wait_for_start(terminal)
        terminal.wait_for("? help", 20)
        moments = [perf_counter()]
        for _ in range(8):
            moments.append(wait_for_step(terminal, step_shown(terminal.text) + 1))
        assert max(later - earlier for earlier, later in pairwise(moments)) < 1.5
        pressed = terminal.send("+")
        assert terminal.wait_for("lr 0.1 → 0.2") - pressed < 2
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)


def test_a_dialog_costs_its_own_cells_and_no_others() -> None:
    truecolor = {"COLORTERM": "truecolor"}
    with Terminal("--paused", environment=truecolor, columns=120, rows=40) as terminal:
        terminal.wait_for("accuracy", 20)
        terminal.wait_until_still()
        for key, shown in ((":", "esc cancels"), (ESCAPE, "? help")):
            before = len(terminal.written)
            terminal.send(key)
            terminal.wait_for(shown)
            terminal.wait_until_still()
            assert len(terminal.written) - before < DIALOG


@pytest.mark.parametrize("answer", [in_pieces, torn, late, never])
def test_works_however_the_terminal_answers(answer: Answer) -> None:
    with Terminal(*ENDLESS, answer=answer) as terminal:
        wait_for_start(terminal)
        for _ in range(3):
            wait_for_step(terminal, step_shown(terminal.text) + PACE, 3)
            assert_hears(terminal)
            assert_hears(terminal)
        assert "new run" not in terminal.text, "an answer was taken for a key"
        terminal.send("q")
        assert terminal.wait() == 0
        assert_restored(terminal.written)
        assert terminal.modes == terminal.modes_before


def test_takes_no_late_reply_for_keys_and_no_endless_paste_for_ever() -> None:
    with Terminal("--paused", columns=80, rows=24) as terminal:
        terminal.wait_for("paused at step 0")
        terminal.send("S")
        terminal.wait_for("paused at step 100")
        terminal.wait_until_still()
        before = terminal.text
        for reply in (
            "\x1bP>|xterm(390)\x1b\\",
            "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
            "\x1b[?62;22c",
            "\x1b[>0;276;0c",
            "\x1b_Gi=1;OK\x1b\\",
        ):
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
