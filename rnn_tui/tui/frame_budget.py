"""Limits the share of a processor that the screen takes from training."""

from math import inf
from typing import final

FRAME_SHARE = 0.05  # of the time of one processor, for frames and keys
MAX_FRAME_INTERVAL_SECONDS = 0.25  # however expensive frames are


@final
class FrameBudget:
    """Spaces frames by what they cost, as training and the screen share one interpreter."""

    def __init__(self) -> None:
        self._began_at = self._cpu_began_at = -inf

    def begin_if_due(self, now: float, cpu_seconds: float) -> bool:
        """Return whether a frame is due, which is then taken to begin.

        `now` is of a clock, and `cpu_seconds` the processor time of the thread so far.
        """
        since, spent = now - self._began_at, cpu_seconds - self._cpu_began_at
        if since < min(spent / FRAME_SHARE, MAX_FRAME_INTERVAL_SECONDS):
            return False
        self._began_at, self._cpu_began_at = now, cpu_seconds
        return True
