"""How soon the far end has taken what was sent, so that no backlog builds up on a slow link.

Each frame ends with a question that every terminal answers: where is the cursor? The answer says
that all before it has arrived, whatever buffers lie between. While one is overdue nothing more is
sent; when it comes, the newest state is.
"""

from collections import deque
from math import inf
from typing import final

QUESTION = "\x1b[6n"
SLACK = 0.05  # seconds by which an answer may be slower than the fastest so far
PATIENCE = 5.0  # seconds after which an answer is given up
FIRST_PATIENCE = 1.0  # seconds; a terminal that has never answered may be one that cannot


@final
class Link:
    """Told of every question sent and every answer, in seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._asked: deque[float] = deque()
        self._fastest = inf
        self._silent = False  # it seems to be a terminal that answers no questions

    @property
    def awaits(self) -> bool:
        """Whether an answer is under way."""
        return bool(self._asked)

    def asked(self, now: float) -> None:
        if not self._silent:
            self._asked.append(now)

    def answered(self, now: float) -> None:
        self._silent = False
        if self._asked:
            self._fastest = min(self._fastest, now - self._asked.popleft())

    def wait(self, now: float) -> float:
        """Return the seconds until a frame may be sent, if no answer comes before."""
        if not self._asked or now <= self._asked[0] + self._fastest + SLACK < inf:
            return 0.0
        unknown = self._fastest == inf
        given_up = self._asked[0] + (FIRST_PATIENCE if unknown else PATIENCE)
        if now < given_up:
            return given_up - now
        self._silent = unknown
        self._asked.clear()
        return 0.0
