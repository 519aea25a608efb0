"""Rate limiter: how many steps to take at a time to keep a speed and a short response time."""

from math import inf
from time import monotonic
from typing import final

from rnn_tui.run.step_budget import StepBudget

TRAINING_SLICE_SECONDS = 0.03  # of training, unless a request interrupts it
SPEED_WINDOW_SECONDS = 0.5  # for measuring the speed
MAX_CATCH_UP_SECONDS = 0.25  # of missed steps that are made up for


@final
class RateLimiter:
    """Limits a run to `steps_per_second`; infinity for no limit."""

    def __init__(self, steps_per_second: float) -> None:
        self._step_budget = StepBudget(TRAINING_SLICE_SECONDS)
        self.set_rate(steps_per_second)

    def set_rate(self, steps_per_second: float) -> None:
        self.steps_per_second = steps_per_second
        self.reset()

    def reset(self) -> None:
        """Count from now, after a pause or a change of speed; the first step is due at once."""
        self.measured_speed = 0.0
        self._window_started_at, self._window_steps = monotonic(), 0
        self._reset_count(monotonic())

    @property
    def slice_steps(self) -> int:
        """The number of steps that take one slice of time."""
        return self._step_budget.steps

    def steps_due(self) -> int:
        """Return how many steps to take now; 0 if the next is not due."""
        if self.steps_per_second == inf:
            return self._step_budget.steps
        now = monotonic()
        steps_behind = (now - self._count_started_at) * self.steps_per_second - self._steps_taken
        if steps_behind > MAX_CATCH_UP_SECONDS * self.steps_per_second + 2:
            self._reset_count(now)
            steps_behind = 1.0
        return min(int(steps_behind), self._step_budget.steps)

    def seconds_until_due(self) -> float:
        """Return the seconds until the next step is due."""
        next_due_at = self._count_started_at + (self._steps_taken + 1) / self.steps_per_second
        return max(0.0, next_due_at - monotonic())

    def record(self, steps: int, seconds: float) -> None:
        """Record that `steps` have just been taken in `seconds`."""
        self._step_budget.record(steps, seconds)
        self._steps_taken += steps
        self._window_steps += steps
        now = monotonic()
        if now - self._window_started_at >= SPEED_WINDOW_SECONDS:
            self.measured_speed = self._window_steps / (now - self._window_started_at)
            self._window_started_at, self._window_steps = now, 0

    def _reset_count(self, started_at: float) -> None:
        self._count_started_at, self._steps_taken = started_at, -1
