"""Training speed with the dashboard, relative to `rnn-tui train`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import final

from tests.benchmarks.report import Effort, Row, main, speeds, spread
from tests.benchmarks.watching import (
    COLUMNS,
    ENDLESS,
    KEYS,
    ROWS,
    SETTLE_SECONDS,
    UNLIMITED,
    show_view,
)
from tests.terminal.terminal import Terminal

COMMAND = (sys.executable, "-m", "tests.benchmarks.counted_program")
HEADLESS = ("train", "--json", "--every", ENDLESS, "--steps", ENDLESS)
TURNS = 8  # of each program in a round
TURN_SECONDS = 0.5  # short: the speed of a shared machine changes within seconds
TIMEOUT_SECONDS = 5.0
WARM_UP_SECONDS = 0.12  # of a program that was stopped


@final
class CountedProgram:
    """`rnn-tui ARGUMENTS` that runs only in its turns, and counts its steps."""

    def __init__(self, terminal: Terminal, count_file: Path) -> None:
        self.terminal, self._count_file = terminal, count_file

    def turn(self) -> float:
        """Let it run for one turn, and return its speed in steps a second."""
        self.terminal.signal(signal.SIGCONT)
        sleep(WARM_UP_SECONDS)
        began, first = self._count()
        sleep(TURN_SECONDS)
        ended, last = self._count()
        self.terminal.signal(signal.SIGSTOP)
        return (last - first) / (ended - began)

    def _count(self) -> tuple[float, int]:
        """Return a time in seconds, and the step of the run at that time."""
        before = self._counts()
        self.terminal.signal(signal.SIGUSR1)
        deadline = monotonic() + TIMEOUT_SECONDS
        while len(counts := self._counts()) == len(before):
            assert monotonic() < deadline, self.terminal.text
            sleep(0.001)
        moment, step = counts[-1].split()
        return float(moment), int(step)

    def _counts(self) -> list[str]:
        text = self._count_file.read_text(encoding="ascii")
        return text[: text.rfind("\n") + 1].splitlines()


def retained_speed(effort: Effort) -> Iterator[Row]:
    """Speed with and without the dashboard: in turns of half a second, default recipe, 120 × 40.

    All programs are started first; each is stopped by a signal while another one has its turn.
    """
    measured: dict[str, list[float]] = {name: [] for name in ("headless", *KEYS)}
    with TemporaryDirectory() as folder, ExitStack() as started:
        programs = {}
        for name in measured:
            count_file = Path(folder, name)
            count_file.touch()
            terminal = Terminal(
                *(UNLIMITED if name in KEYS else HEADLESS),
                command=COMMAND,
                columns=COLUMNS,
                rows=ROWS,
                environment={"COUNT_FILE": str(count_file)},
            )
            started.enter_context(terminal)
            if name in KEYS:
                show_view(terminal, name, 1)
            else:
                sleep(SETTLE_SECONDS)
            terminal.signal(signal.SIGSTOP)
            programs[name] = CountedProgram(terminal, count_file)
        for _ in range(max(1, round(effort.rounds * TURNS * effort.share))):
            for name, program in programs.items():
                measured[name].append(program.turn())
    yield speeds("rnn-tui train", measured["headless"])
    for view in KEYS:
        yield speeds(f"view {view}", measured[view])
        yield _relative(f"view {view} / headless", measured[view], measured["headless"])


def _relative(what: str, ours: list[float], theirs: list[float]) -> Row:
    """Return the median of the ratios of turns, noting that of all steps and the quartiles."""
    single = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    quarter = len(single) // 4
    middle = spread(single[quarter : len(single) - quarter], "{:.2f}")
    total = sum(ours) / sum(theirs)
    return Row(what, f"× {median(single):.2f}", f"of all steps {total:.2f}; quartiles {middle}")


if __name__ == "__main__":
    main(retained_speed)
