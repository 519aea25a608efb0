"""Re-simulates a run up to an earlier step, from the last keyframe before it."""

from collections.abc import Callable
from time import monotonic
from typing import final

from rnn_tui.run.branch import Branch
from rnn_tui.run.keyframes import MIN_KEYFRAME_INTERVAL_SECONDS
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.rate_limiter import TRAINING_SLICE_SECONDS


@final
class Rewind:
    """Trains a copy of `branch` up to `target_step`, and is `done` there.

    With `n_changes` only the first so many changes are applied.
    """

    def __init__(self, branch: Branch, target_step: int, n_changes: int | None = None) -> None:
        self.branch, self.target_step = branch, target_step
        self.run = branch.run_at(branch.keyframes.latest_before(target_step, n_changes), n_changes)
        self.run.advance(0)  # applies the changes at its start
        self.start_step = self.run.step
        self._saved_at = monotonic()
        self._step_budget = StepBudget(TRAINING_SLICE_SECONDS)

    @property
    def done(self) -> bool:
        return self.run.step >= self.target_step or bool(self.run.halt_reason)

    @property
    def progress_text(self) -> str:
        """The progress of the seek in percent."""
        distance = max(1, self.target_step - self.start_step)
        fraction = (self.run.step - self.start_step) / distance
        return f"seeking to step {self.target_step:,}: {fraction:.0%}"

    @property
    def slice_steps(self) -> int:
        """The number of steps that take one slice of time."""
        return self._step_budget.steps

    def advance(self, steps: int, is_interrupted: Callable[[], bool] = lambda: False) -> None:
        """Take up to `steps` steps, as `Run.advance`.

        Keyframes are inserted, which make the next seek shorter.
        """
        with self._step_budget.timed_slice(self.run):
            self.run.advance(min(steps, self.target_step - self.run.step), is_interrupted)
        if monotonic() - self._saved_at >= MIN_KEYFRAME_INTERVAL_SECONDS and not self.done:
            self.branch.keyframes.insert(self.run.state)
            self._saved_at = monotonic()

    def seek(self, target_step: int) -> "Rewind":
        """Return the rewind to another step, from here if no keyframe is nearer."""
        if target_step > self.run.step >= self.branch.keyframes.latest_before(target_step).step:
            self.target_step, self.start_step = target_step, self.run.step
            return self
        rewind = Rewind(self.branch, target_step)
        rewind.run.inspector.pin_adapted(self.run.inspector.pinned_example)
        return rewind
