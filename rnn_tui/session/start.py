"""How a session begins: with a new run, with one that goes on, or with one that is repeated."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import final

from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.replay import Replay
from rnn_tui.recording.resume import Progress, resume
from rnn_tui.run.changes import Schedule
from rnn_tui.run.observer import Follower, Nobody
from rnn_tui.run.run import Run
from rnn_tui.session.branch import Branch
from rnn_tui.session.branches import Branches


@final
@dataclass(frozen=True, slots=True)
class Opened:
    """The branches of a session, the step at which it pauses by itself, and what is to be said."""

    branches: Branches
    end: float
    notice: str = ""


class Opening(ABC):
    """`settings` are those with which the run began; on `shelf`, if there is one, it is put."""

    settings: Settings
    shelf: Shelf | None

    @abstractmethod
    def open(self, progress: Progress) -> Opened:
        """Make the run; `progress` is told the step on a long way, and returns whether to go on."""

    def follow(self, run: Run, parent: tuple[str, int] | None) -> Follower:
        """Return who follows a `run` that comes from the step of another, if from one."""
        if self.shelf is None:
            return Nobody()
        return Recorder(self.shelf, run, parent, schedule=run.pending)


def begin(settings: Settings, schedule: Schedule = (), shelf: Shelf | None = None) -> Branch:
    """Return a new run that is put on `shelf`, if there is one."""
    run = Run(settings, schedule)
    return Branch(run, Recorder(shelf, run, schedule=schedule) if shelf else Nobody())


@final
@dataclass(frozen=True, slots=True)
class New(Opening):
    settings: Settings
    schedule: Schedule = ()
    shelf: Shelf | None = None

    def open(self, progress: Progress) -> Opened:
        first = begin(self.settings, self.schedule, self.shelf)
        return Opened(Branches(first, self.follow), self.settings.steps)


@final
@dataclass(frozen=True, slots=True)
class Resumed(Opening):
    """Goes on with the run of the journal `path`."""

    path: Path
    settings: Settings
    shelf: Shelf | None

    def open(self, progress: Progress) -> Opened:
        try:
            branch, notice = resume(self.path, progress)
        except OSError as reason:
            raise JournalError(f"{self.path}: {reason}") from None
        end = self.settings.steps if branch.run.step <= self.settings.steps else inf
        return Opened(Branches(branch, self.follow), end, notice)


@final
@dataclass(frozen=True, slots=True)
class Repeated(Opening):
    """Has `replay` repeat its run; what is forked from it is put on `shelf`."""

    settings: Settings
    replay: Replay
    shelf: Shelf | None

    def open(self, progress: Progress) -> Opened:
        branch = Branch(Run(self.settings), self.replay)
        end, name = self.replay.end, self.replay.name
        return Opened(Branches(branch, self.follow), end, f"repeats {end:,} steps of {name}")
