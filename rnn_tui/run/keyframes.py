"""States of a run at earlier steps, from which any step is soon computed again."""

from collections.abc import Sequence
from typing import final

from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState

MIN_KEYFRAME_INTERVAL_SECONDS = 0.05  # of training
MAX_KEYFRAMES, MIN_KEYFRAMES = 128, 16
MAX_KEYFRAME_BYTES = 16 << 20

Keyframe = tuple[float, RunState]  # with the seconds that training had taken by then


def keyframes_within(minimum: int, maximum: int, size: int) -> int:
    """Return how many states of `size` bytes fit in MAX_KEYFRAME_BYTES, `minimum` to `maximum`."""
    return max(minimum, min(maximum, MAX_KEYFRAME_BYTES // size))


@final
class Keyframes:
    """Bounded list of states, thinned evenly in seconds of training; the first is always kept.

    The state that leaves the smallest gap is dropped first. `training_seconds` is the total.
    """

    def __init__(self, initial_state: RunState) -> None:
        self.training_seconds = 0.0
        self._keyframes: list[Keyframe] = [(0.0, initial_state)]

    @property
    def entries(self) -> Sequence[Keyframe]:
        """All keyframes with their seconds, oldest first."""
        return self._keyframes

    def record(self, run: Run, seconds: float) -> None:
        """Add `seconds` of training, and the state of `run` if the last keyframe is old enough."""
        self.training_seconds += seconds
        if self.training_seconds - self._keyframes[-1][0] >= MIN_KEYFRAME_INTERVAL_SECONDS:
            self._keyframes.append((self.training_seconds, run.state))
            self._thin()

    def add(self, state: RunState, seconds: float) -> None:
        """Append `state`, which training reached after `seconds` in total."""
        self.training_seconds = seconds
        if state.step > self._keyframes[-1][1].step:
            self._keyframes.append((seconds, state))

    def insert(self, state: RunState) -> None:
        """Insert `state`, which was computed again, between its neighbours."""
        index = next(
            (i for i, (_, other) in enumerate(self._keyframes) if other.step >= state.step), None
        )
        if index is None or self._keyframes[index][1].step == state.step:
            return
        (start, first), (end, last) = self._keyframes[index - 1], self._keyframes[index]
        fraction = (state.step - first.step) / (last.step - first.step)
        self._keyframes.insert(index, (start + fraction * (end - start), state))
        self._thin()

    def latest_before(self, step: int, max_changes: int | None = None) -> RunState:
        """Return the newest state before `step`, after at most `max_changes` changes."""
        candidates = (
            state
            for _, state in reversed(self._keyframes)
            if state.step < step and (max_changes is None or state.n_changes <= max_changes)
        )
        return next(candidates, self._keyframes[0][1])

    def until(self, step: int, max_changes: int, seconds: float) -> "Keyframes":
        """Return the keyframes of a run forked after `step` and `seconds` of training."""
        keyframes = Keyframes(self._keyframes[0][1])
        keyframes._keyframes = [
            (seconds_at, state)
            for seconds_at, state in self._keyframes
            if state.step <= step and state.n_changes <= max_changes
        ] or self._keyframes[:1]
        keyframes.training_seconds = max(seconds, keyframes._keyframes[-1][0])
        return keyframes

    def copy(self) -> "Keyframes":
        """Return the same keyframes, to be changed on their own."""
        keyframes = Keyframes(self._keyframes[0][1])
        keyframes._keyframes = list(self._keyframes)
        keyframes.training_seconds = self.training_seconds
        return keyframes

    def thin_to(self, max_keyframes: int) -> None:
        """Drop states until there are at most `max_keyframes`."""
        while len(self._keyframes) > max_keyframes:
            self._drop_one()

    def _thin(self) -> None:
        size = self._keyframes[-1][1].nbytes
        self.thin_to(keyframes_within(MIN_KEYFRAMES, MAX_KEYFRAMES, size))

    def _drop_one(self) -> None:
        times = [seconds for seconds, _ in self._keyframes]
        gaps = [after - before for before, after in zip(times, times[2:], strict=False)]
        del self._keyframes[1 + gaps.index(min(gaps))]
