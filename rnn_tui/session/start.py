"""How a session begins: with a new run, with one that goes on, or with one that is repeated."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import final

from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.recording.journal_target import JournalTarget
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import ShouldContinue, resume
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Schedule
from rnn_tui.run.observer import NullObserver, RunObserver
from rnn_tui.run.run import Run
from rnn_tui.session.branches import Branches


@final
@dataclass(frozen=True, slots=True)
class StartedSession:
    """The branches of a session, the step at which it pauses by itself, and what is to be said."""

    branches: Branches
    pause_step: float
    message: str = ""


class SessionStart(ABC):
    """`settings` are those with which the run began; on `shelf`, if there is one, it is put."""

    settings: Settings
    journal_target: JournalTarget | None

    @abstractmethod
    def start(self, should_continue: ShouldContinue) -> StartedSession:
        """Make the run; `progress` is told the step on a long way, and returns whether to go on."""

    def make_observer(self, run: Run, parent: tuple[str, int] | None) -> RunObserver:
        """Return who follows a `run` that comes from the step of another, if from one."""
        if self.journal_target is None:
            return NullObserver()
        return Recorder(self.journal_target, run, parent, schedule=run.pending_changes)


def start_run(
    settings: Settings, schedule: Schedule = (), journal_target: JournalTarget | None = None
) -> Branch:
    """Return a new run that is put on `shelf`, if there is one."""
    run = Run(settings, schedule)
    return Branch(
        run, Recorder(journal_target, run, schedule=schedule) if journal_target else NullObserver()
    )


@final
@dataclass(frozen=True, slots=True)
class NewRun(SessionStart):
    settings: Settings
    schedule: Schedule = ()
    journal_target: JournalTarget | None = None

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        first = start_run(self.settings, self.schedule, self.journal_target)
        return StartedSession(Branches(first, self.make_observer), self.settings.steps)


@final
@dataclass(frozen=True, slots=True)
class ResumeRun(SessionStart):
    """Goes on with the run of the journal `path`."""

    path: Path
    settings: Settings
    journal_target: JournalTarget | None

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        try:
            branch, notice = resume(self.path, should_continue)
        except OSError as reason:
            raise JournalError(f"{self.path}: {reason}") from None
        end = self.settings.steps if branch.run.step <= self.settings.steps else inf
        return StartedSession(Branches(branch, self.make_observer), end, notice)


@final
@dataclass(frozen=True, slots=True)
class ReplayRun(SessionStart):
    """Has `replay` repeat its run; what is forked from it is put on `shelf`."""

    settings: Settings
    verifier: ReplayVerifier
    journal_target: JournalTarget | None

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        branch = Branch(Run(self.settings), self.verifier)
        end, name = self.verifier.end_step, self.verifier.name
        return StartedSession(
            Branches(branch, self.make_observer), end, f"replaying {end:,} steps of {name}"
        )
