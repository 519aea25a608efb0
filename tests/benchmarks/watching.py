"""Starts the dashboard for benchmarks."""

from tests.terminal.programs import COMMAND
from tests.terminal.terminal import Terminal

COLUMNS, ROWS = 120, 40
SIZES = ((80, 24), (120, 40), (200, 60))


def dashboard(
    *arguments: str, rate: float = 0.0, size: tuple[int, int] = (COLUMNS, ROWS)
) -> Terminal:
    """Execute the dashboard: a fork would not load the program."""
    return Terminal(*arguments, command=COMMAND, columns=size[0], rows=size[1], rate=rate)


def unlimited(*, rate: float = 0.0, size: tuple[int, int] = (COLUMNS, ROWS)) -> Terminal:
    """Start a dashboard that trains at unlimited speed and does not end."""
    return dashboard("--speed", "max", "--steps", "1000000000000", rate=rate, size=size)
