"""A run with its observer and the keyframes from which any of its steps is soon reached."""

from collections.abc import Callable
from time import perf_counter
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.run.changes import AppliedChange, Change
from rnn_tui.run.conditions import Condition
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState
from rnn_tui.run.summary import RunSummary, summarize_run


@final
class Branch:
    """Advances `run` under its `observer`, and records its `keyframes`.

    `number` counts the branches of a session from 1; `parent` is the number of the branch from
    which this one was forked after `fork_step` steps, or 0.
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
        self.fork_step, self._n_inherited_changes = run.step, len(run.log)
        self.keyframes = keyframes or Keyframes(run.state)
        self._cached_summary: RunSummary | None = None  # of an inactive branch
        self.is_superseded = False  # by a branch that repeats its steps
        observer.observe(run, self.keyframes)

    def advance(self, count: int, is_interrupted: Callable[[], bool] = lambda: False) -> None:
        """Take `count` steps, or fewer, as `Run.advance`."""
        run, started_at, self._cached_summary = self.run, perf_counter(), None
        end, n_hits, interrupted = run.step + count, len(run.breakpoints.hits), False
        while (
            run.step < end
            and not (run.halt_reason or interrupted)
            and len(run.breakpoints.hits) == n_hits
        ):
            stop = int(min(end, self.observer.next_due_step))
            interrupted = run.advance(stop - run.step, is_interrupted)
            self.observer.observe(run, self.keyframes)
        self.keyframes.record(run, perf_counter() - started_at)

    def apply(self, change: Change) -> AppliedChange | None:
        """Apply `change`, as `Run.apply`; raises UserError, also where the run is read-only."""
        if self.observer.read_only_reason:
            raise UserError(self.observer.read_only_reason)
        self._cached_summary = None
        applied = self.run.apply(change)
        self.observer.observe(self.run, self.keyframes)
        return applied

    def edit_breakpoint(self, action: str, condition: Condition) -> None:
        """Set, switch off or delete a breakpoint of the run, as `Breakpoints.edit`."""
        self.run.breakpoints.edit(self.run, action, condition)
        self.observer.observe(self.run, self.keyframes)

    def plan_steps(self, steps: int) -> None:
        """Move the end of the run to `steps`; raises UserError where the run is read-only."""
        if self.observer.read_only_reason:
            raise UserError(self.observer.read_only_reason)
        self.run.planned_steps = steps
        self.observer.observe(self.run, self.keyframes)

    def activate(self) -> None:
        """Make this the current branch of a session."""
        self.observer.activate()
        self._cached_summary = None

    def deactivate(self) -> None:
        """Make this an inactive branch of a session, perhaps for good."""
        self.observer.deactivate(self.run, self.keyframes)
        self._cached_summary = self._make_summary()
        if self.is_evaluated:
            self.run.evaluation_tracker.release()

    @property
    def is_untrained(self) -> bool:
        """Whether the run has no step of its own, and may be changed."""
        first_step = self.fork_step if self.parent else 0
        return self.run.step == first_step and not self.observer.read_only_reason

    @property
    def is_unchanged(self) -> bool:
        """Whether the run has neither a step nor a change of its own."""
        return self.is_untrained and len(self.run.log) == self._n_inherited_changes

    @property
    def is_evaluated(self) -> bool:
        """Whether the score is that of the weights."""
        return self.run.evaluation_tracker.score_step == self.run.weights_step

    def step_evaluation(self) -> None:
        """Evaluate the next chunk for this inactive branch."""
        run = self.run
        run.evaluation_tracker.step_evaluation(run.trainer.model, run.weights_step)
        if self.is_evaluated:
            self.run.evaluation_tracker.release()
            self._cached_summary = self._make_summary()

    @property
    def summary(self) -> RunSummary:
        """The summary of the run, to be compared with others."""
        return self._cached_summary or self._make_summary()

    def _make_summary(self) -> RunSummary:
        name, fork_step = self.observer.name, self.fork_step if self.parent else 0
        return summarize_run(
            self.run, self.number, name, self.keyframes.training_seconds, self.parent, fork_step
        )

    def keyframes_until(self, run: Run) -> Keyframes:
        """Return the keyframes of `run`, which is forked from this one at its present step."""
        fraction = run.step / max(1, self.run.step)
        return self.keyframes.until(
            run.step, len(run.log), fraction * self.keyframes.training_seconds
        )

    def run_at(self, state: RunState, n_changes: int | None = None) -> Run:
        """Return a run at `state` with the later changes up to `n_changes` as its schedule."""
        log = self.run.log
        schedule = [(applied.step, applied.change) for applied in log[state.n_changes : n_changes]]
        return Run.from_state(
            state, self.run.initial_settings, log, schedule, self.run.breakpoints.log
        )
