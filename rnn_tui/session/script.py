"""Scripts of requests: those still to be handled, and what is kept between them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.run.branch import Branch
from rnn_tui.run.conditions import Condition
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.session import Bookmark


@final
@dataclass(frozen=True, slots=True)
class ScriptProgress:
    """The `serial` number of the latest script that is complete, and why requests were refused."""

    serial: int = 0
    refusals: tuple[str, ...] = ()  # of all scripts so far


@final
@dataclass(frozen=True, slots=True)
class TemporaryBreakpoint:
    """A temporary breakpoint, at which training does or does not pause."""

    condition: Condition
    pauses: bool

    def set_in(self, branch: Branch) -> None:
        """Set the breakpoint in `branch`; raises UserError where it can never be hit."""
        present = branch.run.breakpoints.by_text.get(self.condition.text)
        if not (present and present.enabled):
            branch.edit_breakpoint("set", self.condition)


@final
class Script:
    """Handles requests in order, each after the steps of the one before; a refused one is skipped.

    `bookmarks` are by number, each with the speed; `temporary_breakpoint` is None if none is set.
    """

    def __init__(self, rate_limiter: RateLimiter) -> None:
        self.progress = ScriptProgress()
        self.bookmarks: dict[int, tuple[Bookmark, float]] = {}
        self.temporary_breakpoint: TemporaryBreakpoint | None = None
        self._rate_limiter = rate_limiter
        self._limited_speed: float | None = None  # to which `limit_speed` returns
        self._calls = deque[Callable[[], None]]()  # that handle the requests

    def append(self, serial: int, calls: Iterable[Callable[[], None]]) -> None:
        """Append calls that each handle a request; after them `progress.serial` is `serial`."""
        self._calls.extend(calls)
        self._calls.append(partial(self._end, serial))

    def _end(self, serial: int) -> None:
        self.progress = replace(self.progress, serial=serial)

    def advance(self, is_stepping: Callable[[], bool]) -> Iterator[str]:
        """Handle requests until one `is_stepping`, and yield the reason of each refusal."""
        while self._calls and not is_stepping():
            try:
                self._calls.popleft()()
            except UserError as reason:
                refusals = (*self.progress.refusals, str(reason))
                self.progress = replace(self.progress, refusals=refusals)
                yield str(reason)

    def pauses_at(self, condition: Condition) -> bool:
        """Return whether training pauses at the breakpoint of `condition`."""
        temporary = self.temporary_breakpoint
        return temporary is None or temporary.pauses or temporary.condition != condition

    def unlimit_speed(self) -> None:
        """Train at full speed until `limit_speed`."""
        if self._limited_speed is None:
            self._limited_speed = self._rate_limiter.steps_per_second
            self._rate_limiter.set_rate(inf)

    def limit_speed(self) -> None:
        """Return to the speed before `unlimit_speed`, unless it was changed meanwhile."""
        if self._limited_speed is not None and self._rate_limiter.steps_per_second == inf:
            self._rate_limiter.set_rate(self._limited_speed)
        self._limited_speed = None
