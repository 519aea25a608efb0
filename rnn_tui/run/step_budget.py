"""How many steps to take at a time, so that between them something else is soon heard."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import final

from rnn_tui.run.run import Run


@final
class StepBudget:
    """As many `steps` as take about so many seconds: one at first, at most twice as many the next.

    A step may take ten microseconds or half a second.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self.steps = seconds, 1

    def record(self, steps: int, seconds: float) -> None:
        """Note that `steps` have just been taken in `seconds`."""
        if seconds > 0:
            fitting_steps = round(steps * self._seconds / seconds)
            self.steps = max(1, min(2 * self.steps, fitting_steps))

    @contextmanager
    def timed_slice(self, run: Run) -> Iterator[None]:
        """Note how many steps `run` takes meanwhile, and how long it takes to."""
        started_at, first_step = perf_counter(), run.step
        yield
        self.record(run.step - first_step, perf_counter() - started_at)
