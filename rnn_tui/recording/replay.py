"""Compares a run, step by step, with what its journal says."""

from math import inf, isfinite
from typing import final

from rnn_tui.config.settings import SettingsError
from rnn_tui.recording.environment import this_machine
from rnn_tui.recording.journal_format import Changed, Digest, Recording, Resumed
from rnn_tui.recording.recorder import seen
from rnn_tui.run.changes import Change
from rnn_tui.run.keyframes import Timeline
from rnn_tui.run.observer import Onlooker
from rnn_tui.run.run import Run

CLOSE = 1e-9  # relative difference that rounding on another machine explains
VANISHED = 1e-12  # a loss below which nothing but rounding is left


@final
class Replay(Onlooker):
    """Makes the changes of `recording` at their steps, and compares its digests.

    `differs` says at which step the run first was another, `verdict` how far it was the same.
    """

    fixed = "this repeats a run: f starts a branch, which can be changed"

    def __init__(self, recording: Recording, name: str = "") -> None:
        self._lines = iter(recording.lines)
        self._next = next(self._lines, None)
        self.end = recording.steps
        self._promised = recording.header.machine.rounds_like(this_machine())
        self._identical = True
        self.name, self.differs, self.compared = name, "", 0
        self._look_ahead()

    @property
    def verdict(self) -> str:
        if self.differs:
            return self.differs
        how = "identical" if self._identical else "agrees to 1e-9"
        return f"{how} through step {self.compared:,}"

    @property
    def over(self) -> bool:
        """Whether there is nothing more to compare."""
        return self._next is None or bool(self.differs)

    def follow(self, run: Run, timeline: Timeline) -> None:
        while self._next is not None and self._next.step <= run.step and not self.differs:
            line, self._next = self._next, next(self._lines, None)
            match line:
                case Changed(step, change):
                    self._change(run, step, change)
                case Digest():
                    self._compare(line, seen(run))
                case Resumed(_, machine):
                    self._promised = machine.rounds_like(this_machine())
        if self._next is not None and run.halted:
            self.differs = f"differs first at step {run.step:,}: it halts, and did not"
        self._look_ahead()
        if self.over:
            self.news = self.verdict

    def _look_ahead(self) -> None:
        self.due = inf if self._next is None or self.differs else self._next.step

    def _change(self, run: Run, step: int, change: Change) -> None:
        try:
            if run.apply(change) is None:
                self.differs = f"differs first at step {step:,}: {change.spec} changes nothing"
        except SettingsError as reason:
            self.differs = f"differs first at step {step:,}: {change.spec}: {reason}"

    def _compare(self, there: Digest, here: Digest) -> None:
        if there.digest != here.digest:
            pairs = {
                "loss": (there.loss, here.loss),
                "norm of weights": (there.weights, here.weights),
                "norm of optimizer state": (there.memory, here.memory),
            }
            far = [name for name, (a, b) in pairs.items() if not _close(a, b)]
            if far or self._promised or there.step != here.step:
                name = far[0] if far else "loss"
                a, b = pairs[name]
                self.differs = (
                    f"differs first at step {there.step:,}: {name} is {b!r}, "
                    f"and was {a!r}" + ("" if far else "; other bits")
                )
                return
            self._identical = False
        self.compared = there.step


def _close(one: float, other: float) -> bool:
    if not (isfinite(one) and isfinite(other)):  # a journal has but the finite ones
        return not (isfinite(one) or isfinite(other))
    return abs(one - other) <= max(VANISHED, CLOSE * max(abs(one), abs(other)))
