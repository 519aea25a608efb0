"""A look back: the run as it was after any step, trained again from the state kept before it."""

from time import monotonic
from typing import final

from rnn_tui.run.keyframes import APART
from rnn_tui.run.step_budget import Stride
from rnn_tui.session.branch import Branch
from rnn_tui.session.rate_limiter import SLICE


@final
class Past:
    """Shows `branch` as it was after `target` steps, once it has `arrived` there.

    With `changes` only so many of them are made.
    """

    def __init__(self, branch: Branch, target: int, changes: int | None = None) -> None:
        self.branch, self.target = branch, target
        self.run = branch.run_from(branch.timeline.before(target, changes), changes)
        self.run.advance(0)  # for the changes at the very start
        self.start = self.run.step
        self._kept_at = monotonic()
        self._stride = Stride(SLICE)

    @property
    def arrived(self) -> bool:
        return self.run.step >= self.target or bool(self.run.halted)

    @property
    def at_once(self) -> int:
        """How many steps take as long as a key may wait."""
        return self._stride.steps

    def proceed(self, steps: int) -> None:
        """Take up to so many `steps` on the way, and keep states of it: the next way is shorter."""
        with self._stride.timed(self.run):
            self.run.advance(min(steps, self.target - self.run.step))
        if monotonic() - self._kept_at >= APART and not self.arrived:
            self.branch.timeline.insert(self.run.state)
            self._kept_at = monotonic()

    def seek(self, target: int) -> "Past":
        """Return a look at another step, from here if that is the shorter way."""
        if target > self.run.step >= self.branch.timeline.before(target).step:
            self.target, self.start = target, self.run.step
            return self
        other = Past(self.branch, target)
        other.run.viewer.hold_as(self.run.viewer)
        return other
