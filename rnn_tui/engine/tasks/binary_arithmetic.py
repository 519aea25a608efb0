"""Arithmetic on two whole numbers, one column of bits at a time, lowest bit first."""

import re
from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MOST_EXAMPLES, MemoryArray, Task

IntArray = npt.NDArray[np.uint64]


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

    `memory_name` is what one column hands to the next; `symbol` stands between a and b.
    """

    input_names = ("a", "b")
    lowest_first = True
    chance_name = "carry-blind"
    symbol: ClassVar[str]
    operands: ClassVar[tuple[int, int]] = (37, 101)  # of the prompt

    @abstractmethod
    def calculate(self, a: IntArray, b: IntArray) -> Pairs:
        """Return the pairs with their exact results."""

    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        return self.encode(self.draw(random, count))

    def draw(self, random: np.random.RandomState, count: int) -> Pairs:
        """Draw a, then b, `count` times over, each uniform below 2^(bits-1)."""
        numbers = random.randint(0, 1 << (self.bits - 1), size=(count, 2), dtype=np.int64)
        a, b = numbers.astype(np.uint64).T
        return self.calculate(a, b)

    def solve(self, inputs: FloatArray) -> Batch:
        a, b = (np.array(gather(inputs[:, :, which] > 0.5), dtype=np.uint64) for which in range(2))
        return self.encode(self.calculate(a, b))

    def everything(self) -> Batch | None:
        if 4 ** (self.bits - 1) > MOST_EXAMPLES:
            return None
        numbers = np.arange(1 << (self.bits - 1), dtype=np.uint64)
        pairs = self.calculate(np.repeat(numbers, len(numbers)), np.tile(numbers, len(numbers)))
        return self.encode(pairs.where(pairs.allowed))

    def encode(self, pairs: Pairs) -> Batch:
        """Spread the numbers out in time; a pair that is not allowed gets no share in the mean."""
        inputs = np.stack([spread(pairs.a, self.bits), spread(pairs.b, self.bits)], axis=-1)
        targets = spread(pairs.result, self.bits)[:, :, None]
        learnt = int(pairs.allowed.sum())
        shares = pairs.allowed[None, :, None] / max(learnt, 1)
        return Batch(inputs, targets, np.broadcast_to(shares, targets.shape), learnt)

    def memory(self, inputs: FloatArray) -> MemoryArray:
        parts = (inputs[:, :, 0], inputs[:, :, 1], self.solve(inputs).targets[:, :, 0])
        return np.not_equal(sum(parts) % 2, 0).astype(np.int64)

    @property
    def prompt(self) -> str:
        a, b = (min(number, (1 << (self.bits - 1)) - 1) for number in self.operands)
        return f"{a}{self.symbol}{b}".replace("−", "-")

    def read(self, text: str) -> FloatArray:
        asked = re.fullmatch(r"\s*(\d+)\s*([+−])\s*(\d+)\s*", text.replace("-", "−"))
        if not asked or asked[2] != self.symbol:
            raise ValueError(f"two numbers, please, as in {self.prompt}")
        largest = (1 << (self.bits - 1)) - 1
        numbers = int(asked[1]), int(asked[3])
        if max(numbers) > largest:
            raise ValueError(f"numbers here go from 0 to {largest:,}")
        a, b = (np.array([number], dtype=np.uint64) for number in numbers)
        batch = self.encode(self.calculate(a, b))
        if not batch.learnt:
            raise ValueError("this task needs a ≥ b")
        return batch.inputs

    def question(self, inputs: FloatArray) -> str:
        a, b = gather(inputs > 0.5)
        return f"{a} {self.symbol} {b}"

    def answer(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return str(gather(outputs[:, None] > 0.5)[0])


def spread(numbers: IntArray, bits: int) -> FloatArray:
    """Return the bits of `numbers` (count,) as floats, (bits, count), lowest bit first."""
    octets = numbers.astype("<u8").view(np.uint8).reshape(-1, 8).T[: -(-bits // 8)]
    spread_out = np.unpackbits(octets, axis=0, bitorder="little")[:bits]
    return spread_out.astype(np.float64)


def gather(bits: npt.NDArray[np.bool_]) -> list[int]:
    """Return the numbers whose bits are `bits` (time, count), lowest first: undoes `spread`."""
    return [sum(1 << place for place in np.flatnonzero(column).tolist()) for column in bits.T]
