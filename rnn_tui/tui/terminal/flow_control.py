"""Flow control by cursor position reports, so that no backlog builds up on a slow link.

Each frame ends with a request for the cursor position (CPR), to which every terminal replies. The
reply acknowledges all output before it, whatever buffers lie between. While one is overdue no frame
is sent; when it arrives, the newest one is.
"""

from collections import deque
from math import inf
from typing import final

CPR_REQUEST = "\x1b[6n"
REPLY_SLACK_SECONDS = 0.05  # by which a reply may be slower than the fastest so far
REPLY_TIMEOUT_SECONDS = 5.0
FIRST_REPLY_TIMEOUT_SECONDS = 1.0  # a terminal that has never replied may be unable to


@final
class FlowControl:
    """Decides when a frame may be sent; `now` is in seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._sent_at: deque[float] = deque()
        self._n_unanswered = 0  # also requests whose replies are no longer waited for
        self._min_round_trip = inf
        self._is_unresponsive = False  # the terminal seems to send no replies

    @property
    def pending(self) -> bool:
        """Whether a reply is pending."""
        return bool(self._sent_at)

    @property
    def may_reply(self) -> bool:
        """Whether replies may still come, also those that timed out: a slow terminal sends them."""
        return self._n_unanswered > 0 and not self._is_unresponsive

    def reset(self) -> None:
        """Expect no reply to the requests so far."""
        self._sent_at.clear()
        self._n_unanswered = 0

    def sent(self, now: float) -> None:
        self._n_unanswered += 1
        if not self._is_unresponsive:
            self._sent_at.append(now)

    def acknowledged(self, now: float) -> None:
        self._is_unresponsive = False
        self._n_unanswered = max(0, self._n_unanswered - 1)
        if self._sent_at:
            self._min_round_trip = min(self._min_round_trip, now - self._sent_at.popleft())

    def delay(self, now: float) -> float:
        """Return the seconds until a frame may be sent if no reply arrives before."""
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
