"""Reads the dashboard's screen and waits for a state of it."""

import re
from pathlib import Path
from time import sleep

from rnn_tui.recording.journal_format import read_journal
from tests.terminal.processes import TIMEOUT_SECONDS, is_alive
from tests.terminal.terminal import Terminal

STALL_STEPS = 2000
STEP = re.compile(r" step ([\d,]+)")


def step_shown(text: str) -> int:
    """Return the step in the headline, the screen's first line; -1 where there is none."""
    match = STEP.search(text.partition("\n")[0])
    return int(match[1].replace(",", "")) if match else -1


def wait_for_step(terminal: Terminal, step: int, timeout: float = TIMEOUT_SECONDS) -> float:
    return terminal.wait_for(lambda text: step_shown(text) >= step, timeout)


def wait_for_start(terminal: Terminal) -> None:
    """Wait until the panes are filled."""
    terminal.wait_for(lambda text: step_shown(text) >= 0 and "conf. %" in text)


def is_paused(text: str) -> bool:
    return "paused" in text.partition("\n")[0]


def assert_key_works(terminal: Terminal) -> None:
    """Press space and wait until the screen shows its effect."""
    before = is_paused(terminal.text)
    terminal.send(" ")
    terminal.wait_for(lambda text: is_paused(text) != before)


def assert_trains_during_a_stall(terminal: Terminal, journal: Path, max_bytes: int) -> None:
    """Stall the link for thousands of steps; then the newest step is shown within `max_bytes`.

    The run records to `journal`, which has a digest each thousand steps.
    """
    terminal.link.stall()
    before = read_journal(journal).last_step
    while read_journal(journal).last_step < before + STALL_STEPS:
        assert is_alive(terminal.process)
        sleep(0.05)
    newest, written = read_journal(journal).last_step, len(terminal.written)
    terminal.link.resume()
    wait_for_step(terminal, newest)
    assert len(terminal.written) - written < max_bytes
