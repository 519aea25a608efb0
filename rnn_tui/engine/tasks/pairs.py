"""Arithmetic on two whole numbers, one column of bits at a time, lowest bit first."""

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import Task

IntArray = npt.NDArray[np.uint64]

MIN_BITS, MAX_BITS = 2, 64


class Pairs(NamedTuple):
    """Operands `a` and `b` and their `result`, each (count,), and which pairs are `allowed`."""

    a: IntArray
    b: IntArray
    result: IntArray
    allowed: npt.NDArray[np.bool_]

    def where(self, which: npt.NDArray[Any] | slice) -> "Pairs":
        """Return those pairs that the index `which` chooses."""
        return Pairs(self.a[which], self.b[which], self.result[which], self.allowed[which])


class PairTask(Task):
    """a ∘ b for numbers below 2^(bits-1), so that the result fits in `bits` columns.

    `carry_name` is what one column hands to the next; `symbol` stands between a and b.
    """

    inputs = 2
    outputs = 1
    symbol: ClassVar[str]
    carry_name: ClassVar[str]

    def __init__(self, bits: int = 8) -> None:
        if not MIN_BITS <= bits <= MAX_BITS:
            raise ValueError(f"bits must be from {MIN_BITS} to {MAX_BITS}, not {bits}")
        self.time = self.bits = bits

    @abstractmethod
    def solve(self, a: IntArray, b: IntArray) -> Pairs:
        """Return the pairs with their exact results."""

    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        return self.encode(self.draw(random, count))

    def draw(self, random: np.random.RandomState, count: int) -> Pairs:
        """Draw a, then b, `count` times over, each uniform below 2^(bits-1)."""
        numbers = random.randint(0, 1 << (self.bits - 1), size=(count, 2), dtype=np.int64)
        a, b = numbers.astype(np.uint64).T
        return self.solve(a, b)

    def all_pairs(self) -> Pairs:
        """Return every allowed pair, for up to eight bits: 4^(bits-1) of them at the most."""
        numbers = np.arange(1 << (self.bits - 1), dtype=np.uint64)
        pairs = self.solve(np.repeat(numbers, len(numbers)), np.tile(numbers, len(numbers)))
        return pairs.where(pairs.allowed)

    def encode(self, pairs: Pairs) -> Batch:
        """Spread the numbers out in time; a pair that is not allowed gets no share in the mean."""
        inputs = np.stack([self.spread(pairs.a), self.spread(pairs.b)], axis=-1)
        targets = self.spread(pairs.result)[:, :, None]
        learnt = int(pairs.allowed.sum())
        shares = pairs.allowed[None, :, None] / max(learnt, 1)
        return Batch(inputs, targets, np.broadcast_to(shares, targets.shape), learnt)

    def spread(self, numbers: IntArray) -> FloatArray:
        """Return the bits of `numbers` (count,) as floats, (time, count), lowest bit first."""
        octets = numbers.astype("<u8").view(np.uint8).reshape(-1, 8).T[: -(-self.bits // 8)]
        bits = np.unpackbits(octets, axis=0, bitorder="little")[: self.bits]
        return bits.astype(np.float64)


def gather(bits: npt.NDArray[np.bool_]) -> list[int]:
    """Return the numbers whose bits are `bits` (time, count), lowest first: undoes `spread`."""
    return [sum(1 << place for place in np.flatnonzero(column).tolist()) for column in bits.T]
