"""How many steps to take at a time, so that the caller can soon do something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import final

from rnn_tui.run.run import Run


@final
class StepBudget:
    """The number of `steps` that take about `seconds`: one at first, then at most doubled.

    A step may take ten microseconds or half a second.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self.steps = seconds, 1

    def record(self, steps: int, seconds: float) -> None:
        """Adapt to `steps` that have just been taken in `seconds`."""
        if seconds > 0:
            fitting_steps = round(steps * self._seconds / seconds)
            self.steps = max(1, min(2 * self.steps, fitting_steps))

    @contextmanager
    def timed_slice(self, run: Run) -> Iterator[None]:
        """Adapt to the steps that `run` takes in the context."""
        started_at, first_step = perf_counter(), run.step
        yield
        self.record(run.step - first_step, perf_counter() - started_at)
