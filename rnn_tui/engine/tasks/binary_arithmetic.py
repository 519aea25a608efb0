"""Arithmetic on two natural numbers, one bit of each per time step, lowest first."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MAX_EXHAUSTIVE_EXAMPLES, StateArray, Task

if TYPE_CHECKING:
    import numpy.typing as npt

    IntArray = npt.NDArray[np.uint64]
else:
    IntArray = Any


class Pairs(NamedTuple):
    """Operands `a` and `b` and their `result`, each (count,), and which pairs are `valid`."""

    a: IntArray
    b: IntArray
    result: IntArray
    valid: npt.NDArray[np.bool_]

    def take(self, indices: npt.NDArray[Any] | slice) -> Pairs:
        """Return the pairs at `indices`."""
        return Pairs(self.a[indices], self.b[indices], self.result[indices], self.valid[indices])


class BinaryArithmeticTask(Task):
    """a ∘ b for numbers below 2^(length-1), so that the result has `length` bits; ∘ is `symbol`."""

    input_names = ("a", "b")
    lsb_first = is_arithmetic = True
    symbol: ClassVar[str]
    example_operands: ClassVar[tuple[int, int]] = (37, 101)  # of `example_input`

    @abstractmethod
    def calculate(self, a: IntArray, b: IntArray) -> Pairs:
        """Return the pairs of a and b, each (count,), with their results."""

    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        return self.encode(self.draw(random, count))

    def draw(self, random: np.random.RandomState, count: int) -> Pairs:
        """Draw a and b alternately, `count` of each, uniformly distributed below 2^(length-1)."""
        numbers = random.randint(0, 1 << (self.length - 1), size=(count, 2), dtype=np.int64)
        a, b = numbers.astype(np.uint64).T
        return self.calculate(a, b)

    def batch_from_inputs(self, inputs: FloatArray) -> Batch:
        a, b = (
            np.array(from_bits(inputs[:, :, feature] > 0.5), dtype=np.uint64)
            for feature in range(2)
        )
        return self.encode(self.calculate(a, b))

    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> Batch | None:
        if 4 ** (self.length - 1) > limit:
            return None
        numbers = np.arange(1 << (self.length - 1), dtype=np.uint64)
        pairs = self.calculate(np.repeat(numbers, len(numbers)), np.tile(numbers, len(numbers)))
        return self.encode(pairs.take(pairs.valid))

    def encode(self, pairs: Pairs) -> Batch:
        """Return the batch of the pairs' bits, in which pairs that are not valid have weight 0."""
        inputs = np.stack([to_bits(pairs.a, self.length), to_bits(pairs.b, self.length)], axis=-1)
        targets = to_bits(pairs.result, self.length)[:, :, None]
        n_valid = int(pairs.valid.sum())
        loss_weights = pairs.valid[None, :, None] / max(n_valid, 1)
        return Batch(inputs, targets, np.broadcast_to(loss_weights, targets.shape), n_valid)

    def required_state(self, inputs: FloatArray) -> StateArray:
        bits = inputs > 0.5
        results = self.batch_from_inputs(inputs).targets[:, :, 0] > 0.5
        return (bits[:, :, 0] ^ bits[:, :, 1] ^ results).astype(np.int64)

    @property
    def example_input(self) -> str:
        a, b = (min(number, (1 << (self.length - 1)) - 1) for number in self.example_operands)
        return f"{a}{self.symbol}{b}".replace("−", "-")

    def parse_input(self, text: str) -> FloatArray:
        match = re.fullmatch(r"\s*(\d+)\s*([+−])\s*(\d+)\s*", text.replace("-", "−"))
        if not match or match[2] != self.symbol:
            raise ValueError(f"expected two numbers, as in {self.example_input}")
        max_number = (1 << (self.length - 1)) - 1
        numbers = int(match[1]), int(match[3])
        if max(numbers) > max_number:
            raise ValueError(f"numbers must be from 0 to {max_number:,}")
        a, b = (np.array([number], dtype=np.uint64) for number in numbers)
        batch = self.encode(self.calculate(a, b))
        if not batch.n_valid:
            raise ValueError("this task needs a ≥ b")
        return batch.inputs

    def format_input(self, inputs: FloatArray) -> str:
        a, b = from_bits(inputs > 0.5)
        return f"{a} {self.symbol} {b}"

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return str(from_bits(outputs[:, None] > 0.5)[0])


def to_bits(numbers: IntArray, bits: int) -> FloatArray:
    """Return the bits of `numbers` (count,) as floats, (bits, count), lowest first."""
    octets = numbers.astype("<u8").view(np.uint8).reshape(-1, 8).T[: -(-bits // 8)]
    bit_rows = np.unpackbits(octets, axis=0, bitorder="little")[:bits]
    return bit_rows.astype(np.float64)


def from_bits(bits: npt.NDArray[np.bool_]) -> list[int]:
    """Return the `count` numbers with these bits (time, count), lowest first: inverts `to_bits`.

    Numbers have at most 64 bits.
    """
    octets = np.zeros((bits.shape[1], 8), dtype=np.uint8)
    packed = np.packbits(bits, axis=0, bitorder="little")
    octets[:, : len(packed)] = packed.T
    numbers: list[int] = octets.view("<u8")[:, 0].tolist()
    return numbers
