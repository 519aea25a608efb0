"""What the benchmarks of the dashboard have in common: how they start it and what they read."""

import re

from tests.terminal.terminal import Terminal

COLUMNS, ROWS = 120, 40
STEP = re.compile(r" step ([\d,]+)")


def dashboard(*arguments: str) -> Terminal:
    return Terminal(*arguments, columns=COLUMNS, rows=ROWS)


def unlimited() -> Terminal:
    """Start a dashboard that trains as fast as it goes, and does not come to an end."""
    return dashboard("--speed", "max", "--steps", "1000000000000")


def step_shown(text: str) -> int:
    """Return the step in the headline, the screen's first line; -1 where there is none."""
    match = STEP.search(text.partition("\n")[0])
    return int(match[1].replace(",", "")) if match else -1


def wait_for_step(terminal: Terminal, step: int, timeout: float = 30.0) -> float:
    return terminal.wait_for(lambda text: step_shown(text) >= step, timeout)
