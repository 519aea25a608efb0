"""Those who follow a run step by step: they write it down, or compare it with what was written."""

from abc import ABC, abstractmethod
from math import inf
from pathlib import Path
from typing import final

from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run


class RunObserver(ABC):
    """Is called after every change, and whenever the run has taken `due` steps.

    `name` is that of the run, as it is listed; `news` is what there is to tell, and `trouble` what
    cannot be written any more.
    """

    name = ""
    path: Path | None = None  # of the journal, once there is one
    next_step: float = inf
    message = warning = ""
    read_only_reason = ""  # why the run can not be changed, if so

    def pop_message(self) -> str:
        """Return the news there are, and that once."""
        message, self.message = self.message, ""
        return message

    @abstractmethod
    def activate(self) -> None:
        """Note that the run is the one that somebody turns to."""

    @abstractmethod
    def observe(self, run: Run, keyframes: Keyframes) -> None:
        """Look at `run`, which has come by `timeline`."""

    @abstractmethod
    def deactivate(self, run: Run, keyframes: Keyframes) -> None:
        """Look at `run` for the last time, at least for a while."""

    @abstractmethod
    def close(self) -> None:
        """Let go what is held, for good."""


class PassiveObserver(RunObserver):
    """One who keeps nothing, and so has nothing to take up or to let go."""

    def activate(self) -> None:
        pass

    def deactivate(self, run: Run, keyframes: Keyframes) -> None:
        pass

    def close(self) -> None:
        pass


@final
class NullObserver(PassiveObserver):
    """Of a run that is not written down."""

    def observe(self, run: Run, keyframes: Keyframes) -> None:
        pass
