"""Reads the dashboard's screen and waits for a state of it."""

import re
from time import sleep

from tests.terminal.terminal import Terminal

STEP = re.compile(r" step ([\d,]+)")


def step_shown(text: str) -> int:
    """Return the step in the headline, the screen's first line; -1 where there is none."""
    match = STEP.search(text.partition("\n")[0])
    return int(match[1].replace(",", "")) if match else -1


def wait_for_step(terminal: Terminal, step: int, timeout: float = 30.0) -> float:
    return terminal.wait_for(lambda text: step_shown(text) >= step, timeout)


def wait_for_start(terminal: Terminal) -> None:
    """Wait until the panes are filled."""
    terminal.wait_for(lambda text: step_shown(text) >= 0 and "conf. %" in text, 20)


def is_paused(text: str) -> bool:
    return "paused" in text.partition("\n")[0]


def assert_key_works(terminal: Terminal) -> None:
    """Press space and wait until the screen shows its effect."""
    before = is_paused(terminal.text)
    terminal.send(" ")
    terminal.wait_for(lambda text: is_paused(text) != before)


def assert_trains_during_a_stall(
    terminal: Terminal, speed: int, seconds: float, max_backlog: int
) -> None:
    """Stall the link of a run at `speed`; then the newest step is shown, after few bytes."""
    before = step_shown(terminal.text)
    terminal.link.stall()
    sleep(seconds)
    written = len(terminal.written)
    terminal.link.resume()
    wait_for_step(terminal, before + int(0.9 * speed * seconds), 3)
    assert len(terminal.written) - written < max_backlog
