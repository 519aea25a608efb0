"""Tasks of plain memory: what came in has to come out, or to be told apart, later on."""

from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MOST_EXAMPLES
from rnn_tui.engine.tasks.bit_sequences import Answers, BitArray, StreamTask, before, everywhere


@final
class Echo(StreamTask):
    """y_t = x_{t-lag}; the first `lag` steps are not asked."""

    summary = "say each bit again, lag steps later: 2^lag things to be remembered"
    input_names = ("x",)
    memory_name = "held"
    uses_lag = True

    def run(self, bits: BitArray) -> Answers:
        held = before(bits[:, :, 0], self.lag)
        asked = everywhere(bits)
        asked[: self.lag] = False
        return Answers(held, held, asked)


@final
class DelayedXor(StreamTask):
    """y_t = x_t XOR x_{t-lag}; the first `lag` steps are not asked."""

    summary = "is this bit unlike the one lag steps ago? memory, and a step that no line divides"
    input_names = ("x",)
    memory_name = "held"
    uses_lag = True

    def run(self, bits: BitArray) -> Answers:
        now = bits[:, :, 0]
        held = before(now, self.lag)
        asked = everywhere(bits)
        asked[: self.lag] = False
        return Answers(now ^ held, held, asked)


@final
class FlipFlop(StreamTask):
    """One bit that `set` makes 1 and `reset` makes 0, and that stays between; reset wins."""

    summary = "a switch that set turns on and reset turns off: hold one bit for any time"
    input_names = ("set", "reset")
    memory_name = "state"
    EVENTS = 0.2  # how likely each of the two is at a step

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        lots = random.random_sample((count, self.time)).T
        happens = [lots < self.EVENTS, (lots >= self.EVENTS) & (lots < 2 * self.EVENTS)]
        return np.stack(happens, axis=-1).astype(np.float64)

    def everything(self) -> None:
        return None

    def run(self, bits: BitArray) -> Answers:
        on, off = bits[:, :, 0], bits[:, :, 1]
        states = np.zeros_like(on)
        state = np.zeros_like(on[0])
        for step in range(len(on)):
            state = (state | on[step]) & (1 - off[step])
            states[step] = state
        return Answers(states, before(states), everywhere(bits))


@final
class TemporalOrder(StreamTask):
    """A and B happen once each, at random steps; asked at the last step is whether A came first."""

    summary = "did A come before B? asked once, at the end (Hochreiter & Schmidhuber 1997)"
    input_names = ("A", "B")
    memory_name = "first"

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        steps = random.random_sample((count, self.time)).argsort(axis=1)[:, :2]
        return self._marked(steps)

    def everything(self) -> Batch | None:
        steps = [(a, b) for a in range(self.time) for b in range(self.time) if a != b]
        return self.solve(self._marked(np.array(steps))) if len(steps) <= MOST_EXAMPLES else None

    def read(self, text: str) -> FloatArray:
        inputs = super().read(text)
        if (inputs.sum(axis=0) != 1).any() or (inputs.sum(axis=2) > 1).any():
            raise ValueError(f"one A and one B, at different steps, as in {self.prompt}")
        return inputs

    def run(self, bits: BitArray) -> Answers:
        a, b = (np.cumsum(bits[:, :, which], axis=0) > 0 for which in range(2))
        first = np.zeros(bits.shape[:2], dtype=np.int64)  # 1 for A, 2 for B
        seen = np.zeros_like(first[0])
        for step in range(len(first)):
            seen = np.where(seen > 0, seen, np.where(a[step], 1, np.where(b[step], 2, 0)))
            first[step] = seen
        asked = np.zeros(bits.shape[:2], dtype=np.bool_)
        asked[-1] = True
        return Answers((first == 1).astype(np.int64) * asked, before(first), asked)

    def _marked(self, steps: BitArray) -> FloatArray:
        """Return inputs with A and B at `steps` (count, 2)."""
        marked: FloatArray = steps[None, :, :] == np.arange(self.time)[:, None, None]
        return marked.astype(np.float64)
