"""States of a run along its way, from which any step of it is soon reached again."""

from collections.abc import Sequence
from typing import final

from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState

MIN_KEYFRAME_INTERVAL_SECONDS = 0.05  # seconds of training from one state to the next, at the least
MAX_KEYFRAMES, MIN_KEYFRAMES = 128, 16  # states
MAX_KEYFRAME_BYTES = 16 << 20

Keyframe = tuple[float, RunState]  # with the seconds that training had taken by then


@final
class Keyframes:
    """Keeps states, ever thinner the more there are, from `first` on.

    What is dropped is always the state whose loss leaves the smallest gap, in seconds of training.
    `seconds` is how long all of it has taken so far.
    """

    def __init__(self, initial_state: RunState) -> None:
        self.training_seconds = 0.0
        self._keyframes: list[Keyframe] = [(0.0, initial_state)]

    @property
    def entries(self) -> Sequence[Keyframe]:
        """All keyframes with their seconds, oldest first."""
        return self._keyframes

    def record(self, run: Run, seconds: float) -> None:
        """Note that `run` has just been trained for so many seconds more; keep it now and then."""
        self.training_seconds += seconds
        if self.training_seconds - self._keyframes[-1][0] >= MIN_KEYFRAME_INTERVAL_SECONDS:
            self._keyframes.append((self.training_seconds, run.state))
            self._thin()

    def add(self, state: RunState, seconds: float) -> None:
        """Keep `state`, to which training took so many seconds."""
        self.training_seconds = seconds
        if state.step > self._keyframes[-1][1].step:
            self._keyframes.append((seconds, state))

    def insert(self, state: RunState) -> None:
        """Keep `state`, which was passed again on the way to another."""
        index = next(
            (i for i, (_, it) in enumerate(self._keyframes) if it.step >= state.step), None
        )
        if index is None or self._keyframes[index][1].step == state.step:
            return
        (start, first), (end, last) = self._keyframes[index - 1], self._keyframes[index]
        fraction = (state.step - first.step) / (last.step - first.step)
        self._keyframes.insert(index, (start + fraction * (end - start), state))
        self._thin()

    def latest_before(self, step: int, max_changes: int | None = None) -> RunState:
        """Return the newest state before `step`, with no more `changes` than so many made."""
        candidates = (
            state
            for _, state in reversed(self._keyframes)
            if state.step < step and (max_changes is None or state.n_changes <= max_changes)
        )
        return next(candidates, self._keyframes[0][1])

    def until(self, step: int, max_changes: int, seconds: float) -> "Keyframes":
        """Return the timeline of a run that leaves this one after `step`, so many seconds on."""
        keyframes = Keyframes(self._keyframes[0][1])
        keyframes._keyframes = [
            (seconds_at, state)
            for seconds_at, state in self._keyframes
            if state.step <= step and state.n_changes <= max_changes
        ] or self._keyframes[:1]
        keyframes.training_seconds = max(seconds, keyframes._keyframes[-1][0])
        return keyframes

    def thin_to(self, max_keyframes: int) -> None:
        """Keep at most so many states."""
        while len(self._keyframes) > max_keyframes:
            self._drop_one()

    def _thin(self) -> None:
        size = self._keyframes[-1][1].nbytes
        self.thin_to(max(MIN_KEYFRAMES, min(MAX_KEYFRAMES, MAX_KEYFRAME_BYTES // size)))

    def _drop_one(self) -> None:
        times = [seconds for seconds, _ in self._keyframes]
        gaps = [after - before for before, after in zip(times, times[2:], strict=False)]
        del self._keyframes[1 + gaps.index(min(gaps))]
