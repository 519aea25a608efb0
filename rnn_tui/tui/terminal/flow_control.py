"""How soon the far end has taken what was sent, so that no backlog builds up on a slow link.

Each frame ends with a question that every terminal answers: where is the cursor? The answer says
that all before it has arrived, whatever buffers lie between. While one is overdue nothing more is
sent; when it comes, the newest state is.
"""

from collections import deque
from math import inf
from typing import final

CPR_REQUEST = "\x1b[6n"
REPLY_SLACK_SECONDS = 0.05  # seconds by which an answer may be slower than the fastest so far
REPLY_TIMEOUT_SECONDS = 5.0  # seconds after which an answer is given up
FIRST_REPLY_TIMEOUT_SECONDS = (
    1.0  # seconds; a terminal that has never answered may be one that cannot
)


@final
class FlowControl:
    """Told of every question sent and every answer, in seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._sent_at: deque[float] = deque()
        self._min_round_trip = inf
        self._is_unresponsive = False  # it seems to be a terminal that answers no questions

    @property
    def pending(self) -> bool:
        """Whether an answer is under way."""
        return bool(self._sent_at)

    def sent(self, now: float) -> None:
        if not self._is_unresponsive:
            self._sent_at.append(now)

    def acknowledged(self, now: float) -> None:
        self._is_unresponsive = False
        if self._sent_at:
            self._min_round_trip = min(self._min_round_trip, now - self._sent_at.popleft())

    def delay(self, now: float) -> float:
        """Return the seconds until a frame may be sent, if no answer comes before."""
        if (
            not self._sent_at
            or now <= self._sent_at[0] + self._min_round_trip + REPLY_SLACK_SECONDS < inf
        ):
            return 0.0
        unknown = self._min_round_trip == inf
        timeout_at = self._sent_at[0] + (
            FIRST_REPLY_TIMEOUT_SECONDS if unknown else REPLY_TIMEOUT_SECONDS
        )
        if now < timeout_at:
            return timeout_at - now
        self._is_unresponsive = unknown
        self._sent_at.clear()
        return 0.0
