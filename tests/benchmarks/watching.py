"""Starts the dashboard for benchmarks."""

from time import sleep

from rnn_tui.tui.panes import VIEWS
from tests.terminal.programs import COMMAND
from tests.terminal.reading import step_shown, wait_for_step
from tests.terminal.terminal import Terminal

COLUMNS, ROWS = 120, 40
ENDLESS = "1000000000000"  # steps
UNLIMITED = ("--speed", "max", "--steps", ENDLESS)
KEYS = {view: str(number) for number, view in enumerate(VIEWS, start=1)}
# Texts that only one of the views has.
MARKS = {
    "train": "─ changes",
    "inside": "─ hidden states",
    "compare": "recorded runs",
    "map": "a + b, lowest bit first",
}
SETTLE_SECONDS = 3.0
SIZES = ((80, 24), (120, 40), (200, 60))


def dashboard(
    *arguments: str, rate: float = 0.0, size: tuple[int, int] = (COLUMNS, ROWS)
) -> Terminal:
    """Execute the dashboard: a fork would not load the program."""
    return Terminal(*arguments, command=COMMAND, columns=size[0], rows=size[1], rate=rate)


def unlimited(
    *arguments: str, rate: float = 0.0, size: tuple[int, int] = (COLUMNS, ROWS)
) -> Terminal:
    """Start a dashboard that trains at unlimited speed and does not end."""
    return dashboard(*UNLIMITED, *arguments, rate=rate, size=size)


def show_view(terminal: Terminal, view: str, step: int) -> None:
    """Show `view` once the run is at `step`, and give its first analyses time to appear."""
    wait_for_step(terminal, step)
    terminal.send(KEYS[view])
    terminal.wait_for(MARKS[view])
    sleep(SETTLE_SECONDS)


def steps_per_second(terminal: Terminal, seconds: float) -> float:
    """Return the speed of the displayed run over about `seconds`."""
    readings = []
    for wait in (0.0, seconds):
        sleep(wait)
        moment = wait_for_step(terminal, step_shown(terminal.text) + 1)
        readings.append((moment, step_shown(terminal.text)))
    (began, first), (ended, last) = readings
    return (last - first) / (ended - began)
