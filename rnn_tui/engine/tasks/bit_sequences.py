"""The base class of tasks on sequences of random bits."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MAX_EXHAUSTIVE_EXAMPLES, StateArray, Task

if TYPE_CHECKING:
    import numpy.typing as npt

    BitArray = npt.NDArray[np.int64]
else:
    BitArray = Any

EXAMPLE_SEED = 52  # of `example_input`


class Labels(NamedTuple):
    """The targets, the required memory before each time step, and the mask of scored time steps.

    Each is (time, count).
    """

    targets: BitArray
    required_state: StateArray
    mask: npt.NDArray[np.bool_]


class BitSequenceTask(Task):
    """A task on random bits, independent and fair unless `draw` is overridden."""

    @abstractmethod
    def label(self, bits: BitArray) -> Labels:
        """Return the labels of `bits` (time, count, features)."""

    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        return self.batch_from_inputs(self.draw(random, count))

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        """Draw inputs (time, count, features), one sequence after another."""
        numbers = random.random_sample((count, self.sequence_length, self.inputs))
        return np.ascontiguousarray(np.rint(numbers).swapaxes(0, 1))

    def batch_from_inputs(self, inputs: FloatArray) -> Batch:
        targets, _, mask = self.label(inputs.astype(np.int64))
        count = inputs.shape[1]
        return Batch(
            inputs,
            targets[:, :, None].astype(np.float64),
            mask[:, :, None] / max(count, 1),
            count,
        )

    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> Batch | None:
        if 2 ** (self.sequence_length * self.inputs) > limit:
            return None
        return self.batch_from_inputs(all_bits(self.sequence_length, self.inputs))

    def required_state(self, inputs: FloatArray) -> StateArray:
        return self.label(inputs.astype(np.int64)).required_state

    @property
    def example_input(self) -> str:
        rows = self.fixed_sample(1, EXAMPLE_SEED).inputs[:, 0].T > 0.5
        return " ".join("".join("01"[int(bit)] for bit in row) for row in rows)

    def parse_input(self, text: str) -> FloatArray:
        rows = text.replace(",", " ").split()
        if not self.uses_length:
            rows = list("".join(rows))
        valid = [row for row in rows if len(row) <= self.sequence_length and not row.strip("01")]
        if not len(valid) == len(rows) == self.inputs:
            row = f"row{'s' * (self.inputs > 1)} of up to {self.sequence_length} bits"
            format_ = f"{self.inputs} {row if self.uses_length else 'bits'}"
            raise ValueError(f"expected {format_}, as in {self.example_input}")
        bits = np.array(
            [[int(bit) for bit in row.ljust(self.sequence_length, "0")] for row in rows]
        )
        return bits.T[:, None, :].astype(np.float64)

    def format_input(self, inputs: FloatArray) -> str:
        return ""

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        mask = self.label(inputs[:, None, :].astype(np.int64)).mask[:, 0]
        return "".join("01"[int(bit)] for bit in outputs[mask] > 0.5)


def all_bits(time: int, features: int) -> FloatArray:
    """Return all sequences of bits in counting order, (time, 2^(time·features), features).

    The first feature of the first time step is the highest digit.
    """
    digits = time * features
    numbers = np.arange(1 << digits)
    places = np.arange(digits - 1, -1, -1)
    bits = (numbers[None, :] >> places[:, None]) & 1
    in_time = bits.reshape(time, features, -1).swapaxes(1, 2)
    return np.ascontiguousarray(in_time).astype(np.float64)


def full_mask(bits: BitArray) -> npt.NDArray[np.bool_]:
    """Return the mask of all time steps of `bits` (time, count, features), (time, count)."""
    return np.ones(bits.shape[:2], dtype=np.bool_)


def shift(values: BitArray, lag: int = 1) -> BitArray:
    """Return `values` (time, count) shifted `lag` time steps later, with 0 before the start."""
    shifted = np.zeros_like(values)
    shifted[lag:] = values[:-lag]
    return shifted
