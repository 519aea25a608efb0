"""How many steps to take at a time, so that a run keeps its speed and still hears its orders."""

from math import ceil, inf
from time import monotonic
from typing import final

SLICE = 0.004  # seconds of training between two looks at the orders
METER = 0.5  # seconds over which the speed is measured


@final
class Pace:
    """Holds a run to `steps_per_second`; what a slow machine misses is not caught up on."""

    def __init__(self, steps_per_second: float) -> None:
        self._slice = 1
        self.set(steps_per_second)

    def set(self, steps_per_second: float) -> None:
        self.steps_per_second = steps_per_second
        self.start()

    def start(self) -> None:
        """Count from now: after a pause, or a change of speed. The first step is due at once."""
        now = monotonic()
        self._due_since, self._taken = now, -1.0
        self.measured = 0.0
        self._meter_since, self._metered = now, 0

    def due(self) -> int:
        """Return how many steps to take now; 0 when it is too early for the next."""
        if self.steps_per_second == inf:
            return self._slice
        due = (monotonic() - self._due_since) * self.steps_per_second - self._taken
        return min(int(due), self._slice)

    def wait(self) -> float:
        """Return the seconds until the next step is due."""
        next_due = self._due_since + ceil(self._taken + 1) / self.steps_per_second
        return max(0.0, next_due - monotonic())

    def took(self, steps: int, seconds: float) -> None:
        """Note that `steps` have just been taken in `seconds`."""
        now = monotonic()
        if seconds > 0:
            ideal = steps * SLICE / seconds
            self._slice = max(1, min(2 * self._slice, round(ideal)))
        self._taken += steps
        behind = (now - self._due_since) * self.steps_per_second - self._taken
        if behind > self.steps_per_second / 4 + 1:
            self._due_since, self._taken = now, -1.0
        self._metered += steps
        if now - self._meter_since >= METER:
            self.measured = self._metered / (now - self._meter_since)
            self._meter_since, self._metered = now, 0
