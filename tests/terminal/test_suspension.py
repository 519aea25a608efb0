"""Suspended with ctrl+z and resumed with fg; and no input left for the shell."""

import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import pytest

from tests.support.variants import variants
from tests.terminal.job import RUN_AS_JOB
from tests.terminal.processes import busy, state, wait_for_end
from tests.terminal.reading import assert_key_works, step_shown, wait_for_start, wait_for_step
from tests.terminal.restored import assert_restored, left_changed
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

ENDLESS = ("--length", "4", "--speed", "100", "--steps", "100000000")
CTRL_Z = "\x1a"


def as_a_job(rate: float = 0.0) -> Terminal:
    return Terminal(*ENDLESS, code=RUN_AS_JOB, rate=rate)


@contextmanager
def suspended_job() -> Iterator[Terminal]:
    """Start the program as a job, and suspend it by a key."""
    with as_a_job() as terminal:
        wait_for_start(terminal)
        terminal.send(CTRL_Z)
        terminal.wait_for("[1. stopped")
        yield terminal


def job_of(terminal: Terminal) -> int:
    started = re.search(rb"\[job (\d+)\]", terminal.written)
    assert started
    return int(started[1])


@pytest.mark.parametrize("way", ["ctrl+z", "SIGTSTP"])
def test_suspends_to_the_restored_terminal_and_redraws_on_resume(way: str) -> None:
    with as_a_job() as terminal:
        wait_for_start(terminal)
        for times in range(1, 4):
            if way == "ctrl+z":
                terminal.send(CTRL_Z)
            else:
                os.kill(job_of(terminal), signal.SIGTSTP)
            terminal.wait_for(f"{times}. stopped, modes as before")
            assert not terminal.is_alternate
            assert not left_changed(terminal.written)
            assert state(job_of(terminal)) == "T"
            terminal.send("fg\n")
            wait_for_start(terminal)
            assert terminal.is_alternate
            wait_for_step(terminal, step_shown(terminal.text) + 30)
            assert_key_works(terminal)
            assert_key_works(terminal)
        terminal.send("q")
        terminal.wait_for("[ended 0, modes as before, unread b''")
        assert_restored(terminal.written)


def test_uses_no_processor_time_while_suspended() -> None:
    with suspended_job() as terminal:
        before = busy(job_of(terminal)), len(terminal.written)
        sleep(1)
        assert (busy(job_of(terminal)), len(terminal.written)) == before
        terminal.send("fg\n")
        wait_for_start(terminal)


def test_fits_a_resize_during_suspension() -> None:
    with suspended_job() as terminal:
        terminal.resize(120, 40)
        terminal.send("fg\n")
        terminal.wait_for(lambda text: "─ gradient over time" in text and "? help" in text)
        assert_key_works(terminal)


@pytest.mark.parametrize("way", variants(["SIGTERM", "SIGHUP", "SIGINT"], short=["SIGTERM"]))
def test_exits_in_order_on_a_signal_during_suspension(way: str) -> None:
    with suspended_job() as terminal:
        number = getattr(signal, way)
        os.kill(job_of(terminal), number)
        terminal.send("fg\n")
        terminal.wait_for(f"[ended {128 + number}, modes as before")
        assert not left_changed(terminal.written)


def test_exits_when_its_shell_is_killed_during_suspension() -> None:
    with suspended_job() as terminal:
        program = job_of(terminal)
        terminal.signal(signal.SIGKILL)
        terminal.close()
        wait_for_end(program)


@pytest.mark.parametrize("way", variants(["q", "SIGTERM", "SIGINT"], short=["q", "SIGTERM"]))
@pytest.mark.parametrize("rate", [0.0, 8e3], ids=["quick link", "slow link"])
def test_leaves_no_replies_of_the_terminal_to_the_shell(way: str, rate: float) -> None:
    with as_a_job(rate) as terminal:
        wait_for_start(terminal)
        for _ in range(3):  # by then only differences are under way, each with a query
            wait_for_step(terminal, step_shown(terminal.text) + 10)
        if way == "q":
            terminal.send("q")
        else:
            os.kill(job_of(terminal), getattr(signal, way))
        terminal.wait_for("[ended")
        ended = re.search(rb"\[ended [-\d]+, modes as before, unread (.*?)\]\r", terminal.written)
        assert ended, terminal.text
        assert ended[1] == b"b''"
        assert "^[[" not in terminal.text


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_suspends_and_resumes_it() -> None:
    command = [str(shutil.which("bash")), "--norc", "--noprofile", "-i"]
    run = f"{sys.executable} -m rnn_tui {' '.join(ENDLESS)}"
    with Terminal(command=command, environment={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell> ")
        terminal.send(f"{run}\n")
        wait_for_start(terminal)
        terminal.send(CTRL_Z)
        terminal.wait_for("Stopped")
        terminal.send("echo it $((6*7))\n")
        terminal.wait_for("it 42")
        terminal.send("fg\n")
        wait_for_start(terminal)
        assert_key_works(terminal)
        terminal.send("q")
        terminal.wait_for("to repeat the run")
        terminal.send("echo status $?\n")
        terminal.wait_for("status 0")
        assert not left_changed(terminal.written.replace(b"\x1b[?2004h", b""))  # readline's own
