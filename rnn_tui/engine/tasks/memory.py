"""Memory tasks: targets that depend on inputs several time steps before."""

from __future__ import annotations

from itertools import product
from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MAX_BASELINE_EXAMPLES, MAX_EXHAUSTIVE_EXAMPLES
from rnn_tui.engine.tasks.bit_sequences import BitArray, BitSequenceTask, Labels, full_mask, shift


@final
class Echo(BitSequenceTask):
    """y_t = x_{t-lag}; the first `lag` time steps are not scored."""

    summary = "each bit, lag time steps later: needs to remember lag bits"
    input_names = ("x",)
    state_name = "delayed"
    uses_lag = True

    def label(self, bits: BitArray) -> Labels:
        delayed = shift(bits[:, :, 0], self.lag)
        mask = full_mask(bits)
        mask[: self.lag] = False
        return Labels(delayed, delayed, mask)


@final
class DelayedXor(BitSequenceTask):
    """y_t = x_t XOR x_{t-lag}; the first `lag` time steps are not scored."""

    summary = "XOR with the bit lag time steps before: memory, and not linearly separable"
    input_names = ("x",)
    state_name = "delayed"
    uses_lag = True

    def label(self, bits: BitArray) -> Labels:
        now = bits[:, :, 0]
        delayed = shift(now, self.lag)
        mask = full_mask(bits)
        mask[: self.lag] = False
        return Labels(now ^ delayed, delayed, mask)


@final
class FlipFlop(BitSequenceTask):
    """One bit that `set` makes 1 and `reset` makes 0 with priority, and that is kept otherwise."""

    summary = "a bit that set turns on and reset turns off: needs to remember it for any time"
    input_names = ("set", "reset")
    exclusive_inputs = True
    state_name = "state"
    EVENT_PROBABILITY = 0.2  # of set, and of reset, at a time step

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        numbers = random.random_sample((count, self.sequence_length)).T
        events = [
            numbers < self.EVENT_PROBABILITY,
            (numbers >= self.EVENT_PROBABILITY) & (numbers < 2 * self.EVENT_PROBABILITY),
        ]
        return np.stack(events, axis=-1).astype(np.float64)

    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> None:
        return None

    def baseline_examples(self) -> Batch:
        """Return every sequence, weighted by its probability, or a fixed sample."""
        if 3**self.sequence_length > MAX_BASELINE_EXAMPLES:
            return super().baseline_examples()
        events = np.array(list(product(range(3), repeat=self.sequence_length))).T[:, :, np.newaxis]
        batch = self.batch_from_inputs((events == [0, 1]).astype(float))
        quiet = (~batch.inputs.any(axis=2)).sum(axis=0)
        probabilities = self.EVENT_PROBABILITY ** (self.sequence_length - quiet)
        probabilities *= (1 - 2 * self.EVENT_PROBABILITY) ** quiet
        loss_weights = np.broadcast_to(probabilities[:, np.newaxis], batch.targets.shape)
        return batch._replace(loss_weights=loss_weights)

    def label(self, bits: BitArray) -> Labels:
        on, off = bits[:, :, 0], bits[:, :, 1]
        states = np.zeros_like(on)
        state = np.zeros_like(on[0])
        for step in range(len(on)):
            state = (state | on[step]) & (1 - off[step])
            states[step] = state
        return Labels(states, shift(states), full_mask(bits))


@final
class TemporalOrder(BitSequenceTask):
    """y_n = 1 if A came before B, each once at a random time step; scored at the last one only."""

    summary = "A before B, scored at the last time step (Hochreiter & Schmidhuber 1997)"
    input_names = ("A", "B")
    exclusive_inputs = True
    state_name = "first"

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        time_steps = random.random_sample((count, self.sequence_length)).argsort(axis=1)[:, :2]
        return self._one_hot(time_steps)

    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> Batch | None:
        if self.sequence_length * (self.sequence_length - 1) > limit:
            return None
        time_steps = [
            (a, b)
            for a in range(self.sequence_length)
            for b in range(self.sequence_length)
            if a != b
        ]
        return self.batch_from_inputs(self._one_hot(np.array(time_steps)))

    def parse_input(self, text: str) -> FloatArray:
        inputs = super().parse_input(text)
        if (inputs.sum(axis=0) != 1).any() or (inputs.sum(axis=2) > 1).any():
            raise ValueError(
                f"expected one A and one B at different time steps, as in {self.example_input}"
            )
        return inputs

    def label(self, bits: BitArray) -> Labels:
        a, b = (np.cumsum(bits[:, :, feature], axis=0) > 0 for feature in range(2))
        first = np.zeros(bits.shape[:2], dtype=np.int64)  # 1 for A, 2 for B
        seen = np.zeros_like(first[0])
        for step in range(len(first)):
            seen = np.where(seen > 0, seen, np.where(a[step], 1, np.where(b[step], 2, 0)))
            first[step] = seen
        mask = np.zeros(bits.shape[:2], dtype=np.bool_)
        mask[-1] = True
        return Labels((first == 1).astype(np.int64) * mask, shift(first), mask)

    def _one_hot(self, time_steps: BitArray) -> FloatArray:
        """Return inputs (time, count, 2) with A and B at `time_steps` (count, 2)."""
        events = time_steps[None, :, :] == np.arange(self.sequence_length)[:, None, None]
        return np.asarray(events, dtype=np.float64)
