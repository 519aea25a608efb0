"""Those who follow a run step by step: they write it down, or compare it with what was written."""

from abc import ABC, abstractmethod
from math import inf
from pathlib import Path
from typing import final

from rnn_tui.run.keyframes import Timeline
from rnn_tui.run.run import Run


class Follower(ABC):
    """Is called after every change, and whenever the run has taken `due` steps.

    `name` is that of the run, as it is listed; `news` is what there is to tell, and `trouble` what
    cannot be written any more.
    """

    name = ""
    path: Path | None = None  # of the journal, once there is one
    due: float = inf
    news = trouble = ""
    fixed = ""  # why the run can not be changed, if so

    def told(self) -> str:
        """Return the news there are, and that once."""
        news, self.news = self.news, ""
        return news

    @abstractmethod
    def take_up(self) -> None:
        """Note that the run is the one that somebody turns to."""

    @abstractmethod
    def follow(self, run: Run, timeline: Timeline) -> None:
        """Look at `run`, which has come by `timeline`."""

    @abstractmethod
    def leave(self, run: Run, timeline: Timeline) -> None:
        """Look at `run` for the last time, at least for a while."""

    @abstractmethod
    def close(self) -> None:
        """Let go what is held, for good."""


class Onlooker(Follower):
    """One who keeps nothing, and so has nothing to take up or to let go."""

    def take_up(self) -> None:
        pass

    def leave(self, run: Run, timeline: Timeline) -> None:
        pass

    def close(self) -> None:
        pass


@final
class Nobody(Onlooker):
    """Of a run that is not written down."""

    def follow(self, run: Run, timeline: Timeline) -> None:
        pass
