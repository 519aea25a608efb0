"""What is kept between the requests of scripts: bookmarks, and a temporary breakpoint."""

from dataclasses import dataclass
from typing import final

from rnn_tui.run.conditions import Condition
from rnn_tui.session.session import Bookmark


@final
@dataclass(frozen=True, slots=True)
class ScriptProgress:
    """The `serial` number of the latest script that is complete, and why requests were refused."""

    serial: int = 0
    refusals: tuple[str, ...] = ()  # of all scripts so far


@final
@dataclass(frozen=True, slots=True)
class Watched:
    """A temporary breakpoint, at which training does or does not pause."""

    condition: Condition
    pauses: bool


@final
class ScriptState:
    """The progress of scripts, their bookmarks by number, and the temporary breakpoint."""

    def __init__(self) -> None:
        self.progress = ScriptProgress()
        self.bookmarks: dict[int, tuple[Bookmark, float]] = {}  # each with the speed
        self.watched: Watched | None = None

    def pauses_at(self, condition: Condition) -> bool:
        """Return whether training pauses at the breakpoint of `condition`."""
        watched = self.watched
        return watched is None or watched.pauses or watched.condition != condition
