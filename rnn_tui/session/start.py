"""How a session starts: with a new run, a resumed one, or a replay."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalContents, JournalError
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import ShouldContinue, resume_opened
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Schedule
from rnn_tui.run.conditions import Condition
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.session.session import Session


@final
@dataclass(frozen=True, slots=True)
class StartedSession:
    """A session, the step at which it is to pause, and a first message."""

    session: Session
    pause_step: float
    message: str = ""


class SessionStart(ABC):
    """Starts a session; `settings` are the initial ones of its run.

    Without a `journal_target` new branches are not recorded.
    """

    settings: Settings
    journal_target: JournalTarget | None

    @abstractmethod
    def start(self, should_continue: ShouldContinue) -> StartedSession:
        """Return the session; `should_continue(step, last_step)` is called during a long resume."""

    def make_observer(self, run: Run, parent: tuple[str, int] | None) -> RunObserver:
        """Return the observer of `run`, which may have been forked from a step of a parent."""
        if self.journal_target is None:
            return RunObserver()
        return Recorder(self.journal_target, run, parent, schedule=run.pending_changes)


def start_run(
    settings: Settings,
    schedule: Schedule = (),
    journal_target: JournalTarget | None = None,
    breakpoints: Sequence[Condition] = (),
    *,
    headless: bool = False,
) -> Branch:
    """Return a new run, recorded if there is a `journal_target`."""
    run = Run(settings, schedule)
    observer = RunObserver()
    if journal_target is not None:
        observer = Recorder(journal_target, run, schedule=schedule, headless=headless)
    branch = Branch(run, observer)
    set_breakpoints(branch, breakpoints)
    return branch


def set_breakpoints(branch: Branch, conditions: Sequence[Condition]) -> list[str]:
    """Set breakpoints that are not set, and return the reasons why some cannot be."""
    reasons = []
    for condition in conditions:
        present = branch.run.breakpoints.by_text.get(condition.text)
        try:
            if not (present and present.enabled):
                branch.edit_breakpoint("set", condition)
        except UserError as reason:
            reasons.append(str(reason))
    return reasons


@final
@dataclass(frozen=True, slots=True)
class NewRun(SessionStart):
    settings: Settings
    schedule: Schedule = ()
    journal_target: JournalTarget | None = None
    breakpoints: Sequence[Condition] = ()

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        first = start_run(self.settings, self.schedule, self.journal_target, self.breakpoints)
        return StartedSession(Session(first, self.make_observer), self.settings.steps)


@final
@dataclass(frozen=True, slots=True)
class ResumeRun(SessionStart):
    """Resumes the run of a journal that is open for appending."""

    settings: Settings
    journal: Journal
    contents: JournalContents
    journal_target: JournalTarget | None
    breakpoints: Sequence[Condition] = ()

    @classmethod
    def open(cls, path: Path, breakpoints: Sequence[Condition] = ()) -> "ResumeRun":
        """Return the start of the run of the journal `path`; raises JournalError and OSError."""
        journal, contents = Journal.open_append(path)
        target = JournalTarget.from_path(path)
        return cls(contents.header.settings, journal, contents, target, breakpoints)

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        try:
            branch, message = resume_opened(self.journal, self.contents, should_continue)
        except OSError as reason:
            raise JournalError(f"{self.journal.path}: {reason.strerror or reason}") from None
        message = "; ".join([message, *set_breakpoints(branch, self.breakpoints)])
        planned = branch.run.planned_steps
        end = planned if branch.run.step <= planned else inf
        return StartedSession(Session(branch, self.make_observer), end, message)


@final
@dataclass(frozen=True, slots=True)
class ReplayRun(SessionStart):
    """Replays the run of `verifier`; only branches forked from it are recorded."""

    settings: Settings
    verifier: ReplayVerifier
    journal_target: JournalTarget | None

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        branch = Branch(Run(self.settings), self.verifier)
        end, name = self.verifier.end_step, self.verifier.name
        return StartedSession(
            Session(branch, self.make_observer), end, f"replaying {end:,} steps of {name}"
        )
