"""A run with those who follow it, and the states from which any of its steps is soon reached."""

from time import perf_counter
from typing import final

from rnn_tui.config.settings import UserError
from rnn_tui.run.changes import AppliedChange, Change
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState
from rnn_tui.run.summary import RunSummary, summarize_run


@final
class Branch:
    """Drives `run` and has it followed. Its `timeline` is the way that it has come.

    `number` tells it from the others, the first is 1; `parent` is that of the branch from which it
    was forked after `forked` steps, or 0.
    """

    def __init__(
        self,
        run: Run,
        observer: RunObserver,
        number: int = 1,
        parent: int = 0,
        keyframes: Keyframes | None = None,
    ) -> None:
        self.run, self.observer, self.number, self.parent = run, observer, number, parent
        self.fork_step = run.step
        self.keyframes = keyframes or Keyframes(run.state)
        self._cached_summary: RunSummary | None = None  # as it was when it was left
        observer.observe(run, self.keyframes)

    def advance(self, count: int) -> None:
        """Take `count` steps, or fewer where training cannot go on."""
        run, began, self._cached_summary = self.run, perf_counter(), None
        end = run.step + count
        while run.step < end and not run.halt_reason:
            run.advance(int(min(end, self.observer.next_step)) - run.step)
            self.observer.observe(run, self.keyframes)
        self.keyframes.record(run, perf_counter() - began)

    def apply(self, change: Change) -> AppliedChange | None:
        """Take up `change`, as `Run.apply`; raises SettingsError, also where nothing may change."""
        if self.observer.read_only_reason:
            raise UserError(self.observer.read_only_reason)
        self._cached_summary = None
        applied = self.run.apply(change)
        self.observer.observe(self.run, self.keyframes)
        return applied

    def activate(self) -> None:
        """Turn to it, for the first time or again."""
        self.observer.activate()
        self._cached_summary = None

    def deactivate(self) -> None:
        """Turn to something else, for a while or for good."""
        self.observer.deactivate(self.run, self.keyframes)
        self._cached_summary = self._make_summary()
        if self.is_evaluated:
            self.run.evaluation_tracker.release()

    @property
    def is_evaluated(self) -> bool:
        """Whether the score of the step where it is is known."""
        return self.run.evaluation_tracker.score_step == self.run.step

    def step_evaluation(self) -> None:
        """Hold a paper of the exam of this branch, which was left before."""
        self.run.evaluation_tracker.step_evaluation(self.run.trainer.model, self.run.step)
        if self.is_evaluated:
            self.run.evaluation_tracker.release()
            self._cached_summary = self._make_summary()

    @property
    def summary(self) -> RunSummary:
        """What there is to compare of it."""
        return self._cached_summary or self._make_summary()

    def _make_summary(self) -> RunSummary:
        name, forked = self.observer.name, self.fork_step if self.parent else 0
        return summarize_run(
            self.run, self.number, name, self.keyframes.training_seconds, self.parent, forked
        )

    def keyframes_until(self, run: Run) -> Keyframes:
        """Return the way to `run`, which leaves this one where it now is."""
        fraction = run.step / max(1, self.run.step)
        return self.keyframes.until(
            run.step, len(run.log), fraction * self.keyframes.training_seconds
        )

    def run_at(self, state: RunState, n_changes: int | None = None) -> Run:
        """Return a run at `state` that will make the same changes again, the first so many."""
        log = self.run.log
        schedule = [(it.step, it.change) for it in log[state.n_changes : n_changes]]
        return Run.from_state(state, self.run.initial_settings, log, schedule)
