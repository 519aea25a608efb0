"""States of a run along its way, from which any step of it is soon reached again."""

from collections.abc import Sequence
from typing import final

from rnn_tui.run.run import Run
from rnn_tui.run.state import State

APART = 0.05  # seconds of training from one state to the next, at the least
MOST, FEWEST = 128, 16  # states
MOST_BYTES = 16 << 20

Moment = tuple[float, State]  # with the seconds that training had taken by then


@final
class Timeline:
    """Keeps states, ever thinner the more there are, from `first` on.

    What is dropped is always the state whose loss leaves the smallest gap, in seconds of training.
    `seconds` is how long all of it has taken so far.
    """

    def __init__(self, first: State) -> None:
        self.seconds = 0.0
        self._kept: list[Moment] = [(0.0, first)]

    @property
    def later(self) -> Sequence[Moment]:
        """All that is kept but the first."""
        return self._kept[1:]

    def passed(self, run: Run, seconds: float) -> None:
        """Note that `run` has just been trained for so many seconds more; keep it now and then."""
        self.seconds += seconds
        if self.seconds - self._kept[-1][0] >= APART:
            self._kept.append((self.seconds, run.state))
            self._thin()

    def add(self, state: State, seconds: float) -> None:
        """Keep `state`, to which training took so many seconds."""
        self.seconds = seconds
        if state.step > self._kept[-1][1].step:
            self._kept.append((seconds, state))

    def insert(self, state: State) -> None:
        """Keep `state`, which was passed again on the way to another."""
        after = next((i for i, (_, it) in enumerate(self._kept) if it.step >= state.step), None)
        if after is None or self._kept[after][1].step == state.step:
            return
        (start, first), (end, last) = self._kept[after - 1], self._kept[after]
        share = (state.step - first.step) / (last.step - first.step)
        self._kept.insert(after, (start + share * (end - start), state))
        self._thin()

    def before(self, step: int, changes: int | None = None) -> State:
        """Return the newest state before `step`, with no more `changes` than so many made."""
        fitting = (
            state
            for _, state in reversed(self._kept)
            if state.step < step and (changes is None or state.changes <= changes)
        )
        return next(fitting, self._kept[0][1])

    def branch(self, step: int, changes: int, seconds: float) -> "Timeline":
        """Return the timeline of a run that leaves this one after `step`, so many seconds on."""
        other = Timeline(self._kept[0][1])
        other._kept = [
            (at, state)
            for at, state in self._kept
            if state.step <= step and state.changes <= changes
        ] or self._kept[:1]
        other.seconds = max(seconds, other._kept[-1][0])
        return other

    def thin_to(self, most: int) -> None:
        """Keep at most so many states."""
        while len(self._kept) > most:
            self._drop_one()

    def _thin(self) -> None:
        size = self._kept[-1][1].size
        self.thin_to(max(FEWEST, min(MOST, MOST_BYTES // size)))

    def _drop_one(self) -> None:
        moments = [at for at, _ in self._kept]
        gaps = [after - before for before, after in zip(moments, moments[2:], strict=False)]
        del self._kept[1 + gaps.index(min(gaps))]
