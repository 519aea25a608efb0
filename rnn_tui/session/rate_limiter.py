"""How many steps to take at a time, so that a run keeps its speed and still hears its orders."""

from math import inf
from time import monotonic
from typing import final

from rnn_tui.run.step_budget import Stride

SLICE = 0.004  # seconds of training between two looks at the orders
METER = 0.5  # seconds over which the speed is measured
PATIENCE = 0.25  # seconds of steps that are caught up on; what was missed before is let go


@final
class Pace:
    """Holds a run to `steps_per_second`, which may be infinity for as fast as it goes."""

    def __init__(self, steps_per_second: float) -> None:
        self._stride = Stride(SLICE)
        self.set(steps_per_second)

    def set(self, steps_per_second: float) -> None:
        self.steps_per_second = steps_per_second
        self.start()

    def start(self) -> None:
        """Count from now: after a pause, or a change of speed. The first step is due at once."""
        self.measured = 0.0
        self._meter_since, self._metered = monotonic(), 0
        self._count_from(monotonic())

    @property
    def at_once(self) -> int:
        """How many steps may be taken without a look at the orders."""
        return self._stride.steps

    def due(self) -> int:
        """Return how many steps to take now; 0 when it is too early for the next."""
        if self.steps_per_second == inf:
            return self._stride.steps
        now = monotonic()
        behind = (now - self._since) * self.steps_per_second - self._taken
        if behind > PATIENCE * self.steps_per_second + 2:
            self._count_from(now)
            behind = 1.0
        return min(int(behind), self._stride.steps)

    def wait(self) -> float:
        """Return the seconds until the next step is due."""
        next_due = self._since + (self._taken + 1) / self.steps_per_second
        return max(0.0, next_due - monotonic())

    def took(self, steps: int, seconds: float) -> None:
        """Note that `steps` have just been taken in `seconds`."""
        self._stride.took(steps, seconds)
        self._taken += steps
        self._metered += steps
        now = monotonic()
        if now - self._meter_since >= METER:
            self.measured = self._metered / (now - self._meter_since)
            self._meter_since, self._metered = now, 0

    def _count_from(self, moment: float) -> None:
        self._since, self._taken = moment, -1
