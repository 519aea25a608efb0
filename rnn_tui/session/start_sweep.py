"""How a session starts with runs of a sweep, which are trained again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from rnn_tui.recording.resume import Cancelled, ShouldContinue
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.session import INACTIVE_KEYFRAMES, MAX_BRANCHES, Session
from rnn_tui.session.start import SessionStart, StartedSession
from rnn_tui.sweep.job import Job

SLICE_SECONDS = 0.1  # between two reports of the progress


@final
@dataclass(frozen=True, slots=True)
class SweepRun:
    """A run of a sweep, trained to `step`."""

    job: Job
    step: int


@final
class CompareSweepRuns(SessionStart):
    """Trains `runs` exactly as the sweep has, each on a branch; the last one is the current.

    Of more runs than a session has branches, the first ones are compared. None is recorded; forks
    from them are, in `journal_target`.
    """

    def __init__(self, runs: Sequence[SweepRun], journal_target: JournalTarget | None) -> None:
        self.runs, self.journal_target = runs[:MAX_BRANCHES], journal_target
        self.settings = self.runs[-1].job.settings

    def start(self, should_continue: ShouldContinue) -> StartedSession:
        n_steps, n_taken = sum(each.step for each in self.runs), 0
        branches: list[Branch] = []
        for number, each in enumerate(self.runs, 1):
            settings = replace(each.job.settings, steps=each.step)
            branch = Branch(Run(settings, each.job.schedule), RunObserver(), number)
            budget = StepBudget(SLICE_SECONDS)
            while branch.run.step < each.step and not branch.run.halt_reason:
                with budget.timed_slice(branch.run):
                    branch.advance(min(budget.steps, each.step - branch.run.step))
                if not should_continue(n_taken + branch.run.step, n_steps):
                    raise Cancelled
            n_taken += each.step
            branches.append(branch)
        *earlier, current = branches
        for branch in earlier:
            branch.deactivate()
            branch.keyframes.thin_to(INACTIVE_KEYFRAMES)
        session = Session(current, self.make_observer, earlier)
        message = f"{len(branches)} runs of the sweep, a branch each: b next branch"
        return StartedSession(session, current.run.step, message)
