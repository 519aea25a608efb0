"""The branches of a session: the current one, and the step of it that is viewed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.config.unused import check_effect
from rnn_tui.engine.batch import Batch
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import AppliedChange, Change, Schedule, SetField
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.navigation import Rewind

MAX_BRANCHES = 64  # in memory; the journals of all are kept
INACTIVE_KEYFRAMES = 8  # kept of each branch that is not current
SLICE_SECONDS = 0.05  # of training between two reports of progress

ObserverFactory = Callable[[Run, tuple[str, int] | None], RunObserver]
ProgressCallback = Callable[[str, float], None]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Bookmark:
    """A copy of the run of `branch` at one moment, to which a session can return.

    `n_created` branches had been created before.
    """

    branch: Branch
    run: Run
    keyframes: Keyframes  # up to then
    pinned_example: Batch | None
    n_created: int


@final
class Session:
    """All `branches`, oldest first; `current` is the one that trains, `viewed` the displayed run.

    `make_observer` makes the observer of a new run, given the name of its parent and the step it
    was forked from, if it was. While a seek is waited for, `on_progress` is called with a message
    and the seconds so far; an exception that it raises ends the seek. `earlier` are inactive
    branches before `first`, which has the highest number.
    """

    def __init__(
        self, first: Branch, make_observer: ObserverFactory, earlier: Sequence[Branch] = ()
    ) -> None:
        self.branches, self.current, self._make_observer = [*earlier, first], first, make_observer
        self.rewind: Rewind | None = None
        self.on_progress: ProgressCallback = lambda _message, _seconds: None
        self._n_created = first.number
        self._pinned_example = first.run.inspector.pinned_example

    @property
    def viewed(self) -> Run:
        """The current run, or while rewound the re-simulated one."""
        return self.rewind.run if self.rewind else self.current.run

    @property
    def is_seeking(self) -> bool:
        return self.rewind is not None and not self.rewind.done

    @property
    def unevaluated_branch(self) -> Branch | None:
        """A branch that was left before its evaluation was complete, if there is one."""
        others = (branch for branch in self.branches if branch is not self.current)
        return next((branch for branch in others if not branch.is_evaluated), None)

    @property
    def viewed_step(self) -> int:
        """The step that is viewed, or sought."""
        return self.rewind.target_step if self.rewind else self.current.run.step

    def seek(self, target_step: int) -> None:
        """Start to seek `target_step`, 0 if it is negative; the latest ends the rewind."""
        latest_step = self.current.run.step
        if target_step >= latest_step:
            self.rewind = None
        else:
            target_step = max(0, target_step)
            self.rewind = (
                self.rewind.seek(target_step) if self.rewind else Rewind(self.current, target_step)
            )
        self._show_pinned_example()

    def next_change_step(self, *, forward: bool) -> int:
        """Return the step of the next change, or else the latest; backward the previous, or 0."""
        steps = [applied.step for applied in self.current.run.log]
        if forward:
            later = (step for step in steps if step > self.viewed_step)
            return min(later, default=self.current.run.step)
        return max((step for step in steps if step < self.viewed_step), default=0)

    def seek_now(self) -> Run:
        """Complete a seek, and return the viewed run."""
        if self.rewind:
            self._complete(self.rewind)
        return self.viewed

    def run_at(self, step: int | None) -> Run:
        """Return the current run as it was after `step`, or the viewed run if that is later."""
        if step is None or self.rewind or step >= self.current.run.step:
            return self.seek_now()
        rewind = Rewind(self.current, step)
        self._complete(rewind)
        return rewind.run

    def _complete(self, rewind: Rewind) -> None:
        started_at = monotonic()
        while not rewind.done:
            rewind.advance(rewind.slice_steps)
            self.on_progress(rewind.progress_text, monotonic() - started_at)

    def pin_example(self, input_text: str = "") -> None:
        """Pin the example of `input_text`, or else the displayed one; raises UserError.

        It stays pinned in every branch, where the task has such an example.
        """
        inspector = self.seek_now().inspector
        inspector.pin(input_text)
        self._pinned_example = inspector.pinned_example

    def unpin_example(self) -> None:
        """Show the newest training example from now on."""
        self._pinned_example = None
        self._show_pinned_example()

    def display_example(self, example: Batch | None) -> None:
        """Display `example` in the viewed run; None for the pinned one or the newest again."""
        if example is None:
            self._show_pinned_example()
        else:
            self.viewed.inspector.pin_adapted(example)

    def _show_pinned_example(self) -> None:
        self.viewed.inspector.pin_adapted(self._pinned_example)

    def apply(self, change: Change) -> AppliedChange | None:
        """Apply `change` to the current branch, as `Branch.apply`.

        Raises UserError, also for a setting that has no effect with the other settings.
        """
        if isinstance(change, SetField):
            changed = self.current.run.settings_state.apply(change).settings
            check_effect(change.name, change.value, [changed])
        applied = self.current.apply(change)
        self._show_pinned_example()
        return applied

    def restart(self, seed: int | None = None) -> None:
        """Restart with the current settings, and with `seed` if one is given, on a new branch."""
        self.start_run(self.current.run.restarted(seed))

    def start_run(self, run: Run) -> None:
        """Switch to the new `run` on a new branch, with the breakpoints of the current one."""
        run.breakpoints.match(run, self.current.run.breakpoints)
        self._add(run)

    def open_run(self, settings: Settings, schedule: Schedule, step: int) -> None:
        """Train a new run to `step`, or until it halts, on a new branch, and switch to it."""
        run, budget, started_at = Run(settings, schedule), StepBudget(SLICE_SECONDS), monotonic()
        branch = Branch(run, self._make_observer(run, None), self._n_created + 1)
        try:
            while run.step < step and not run.halt_reason:
                with budget.timed_slice(run):
                    branch.advance(min(budget.steps, step - run.step))
                progress = f"training with seed {settings.seed}: {run.step / step:.0%}"
                self.on_progress(progress, monotonic() - started_at)
        except BaseException:
            branch.observer.discard()
            raise
        self._n_created += 1
        self.branches.append(branch)
        self._switch_to(branch, drops_current=self._is_empty(self.current))

    def fork(self) -> None:
        """Fork a branch at the viewed step, with the changes that are still scheduled."""
        self._fork(self.seek_now())

    def undo(self) -> str:
        """Fork a branch just before the latest change, and return a message about it.

        Raises UserError if there is no change.
        """
        run = self.current.run
        if not run.log:
            raise UserError("nothing to undo")
        rewind = Rewind(self.current, run.log[-1].step, len(run.log) - 1)
        self._complete(rewind)
        self._fork(rewind.run, undoes_changes=True)
        return f"undone: {run.log[-1].text}"

    def bookmark(self) -> Bookmark:
        """Return the current run as it is now."""
        run = copy_run(self.current.run)
        keyframes = self.current.keyframes_until(run)
        keyframes.thin_to(INACTIVE_KEYFRAMES)
        return Bookmark(self.current, run, keyframes, self._pinned_example, self._n_created)

    def return_to(self, bookmark: Bookmark) -> None:
        """Fork a branch from the run of `bookmark`, exactly as it was, and switch to it.

        Its own branch and those created since are superseded.
        """
        self._pinned_example = bookmark.pinned_example
        source = bookmark.branch if bookmark.branch in self.branches else None
        self._add(copy_run(bookmark.run), source, bookmark.keyframes.copy())
        for branch in self.branches:
            if branch is source or branch.number > bookmark.n_created:
                branch.is_superseded = branch is not self.current

    def _fork(self, source: Run, *, undoes_changes: bool = False) -> None:
        parent = self.current
        run = Run.from_state(
            source.state,
            parent.run.initial_settings,
            source.log,
            parent.run.pending_changes,
            source.breakpoints.log,
        )
        run.planned_steps = parent.run.planned_steps
        run.breakpoints.match(run, parent.run.breakpoints)
        exact_step = parent.run.evaluation_tracker.known_exact_step_after(
            source.evaluation_tracker, run.step
        )
        run.evaluation_tracker.start_from_exact_step(exact_step)
        self._add(run, parent, parent.keyframes_until(run), undoes_changes=undoes_changes)

    def _add(
        self,
        run: Run,
        source: Branch | None = None,
        keyframes: Keyframes | None = None,
        *,
        undoes_changes: bool = False,
    ) -> None:
        """Add a branch of `run`, with the source and the keyframes if given, and switch to it."""
        is_dropped = self._is_empty(self.current, undoes_changes=undoes_changes)
        parent = self._parent_of(source) if source is self.current and is_dropped else source
        origin = (parent.observer.name, run.step) if parent else None
        self._n_created += 1
        branch = Branch(
            run,
            self._make_observer(run, origin),
            self._n_created,
            parent.number if parent else 0,
            keyframes,
        )
        self.branches.append(branch)
        self._switch_to(branch, drops_current=is_dropped)

    def _is_empty(self, branch: Branch, *, undoes_changes: bool = False) -> bool:
        """Return whether nothing would be lost with `branch`, whose changes are perhaps undone."""
        is_parent = any(other.parent == branch.number for other in self.branches)
        return not is_parent and (branch.is_untrained if undoes_changes else branch.is_unchanged)

    def _parent_of(self, branch: Branch) -> Branch | None:
        return next((other for other in self.branches if other.number == branch.parent), None)

    def next_branch(self) -> None:
        """Switch to the next branch, at its latest step."""
        index = self.branches.index(self.current) + 1
        branch = self.branches[index % len(self.branches)]
        self._switch_to(branch, drops_current=self._is_empty(self.current))

    def _switch_to(self, branch: Branch, *, drops_current: bool) -> None:
        self.rewind = None
        if branch is self.current:
            return
        left, self.current = self.current, branch
        left.deactivate()
        left.keyframes.thin_to(INACTIVE_KEYFRAMES)
        if drops_current:
            self.branches.remove(left)
            if parent := self._parent_of(left):
                parent.is_superseded = False
            left.observer.discard()
        branch.activate()
        others = [other for other in self.branches if other is not branch]
        for oldest in others[: max(0, len(self.branches) - MAX_BRANCHES)]:
            self.branches.remove(oldest)
            oldest.observer.close()
        self._show_pinned_example()

    def close(self) -> None:
        """Deactivate the current branch, and close the observers of all."""
        self.current.deactivate()
        for branch in self.branches:
            branch.observer.close()


def copy_run(run: Run) -> Run:
    """Return a run that is as `run` is now, with its pending changes and its breakpoints."""
    copied = Run.from_state(
        run.state, run.initial_settings, run.log, run.pending_changes, run.breakpoints.log
    )
    copied.planned_steps = run.planned_steps
    return copied
