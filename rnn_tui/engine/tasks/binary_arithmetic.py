"""Arithmetic on two natural numbers, one bit of each per time step, lowest first."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MAX_EXHAUSTIVE_EXAMPLES, BoolArray, StateArray, Task

if TYPE_CHECKING:
    import numpy.typing as npt

    WordArray = npt.NDArray[np.uint64]
    OctetArray = npt.NDArray[np.uint8]
else:
    WordArray = OctetArray = Any

WORD_BITS = 64
MAX_DIGITS = 400  # of a number that is typed; those of 1,024 bits have 309
MAX_LISTED_BITS = 64  # of a number that a message has in full


class Results(NamedTuple):
    """The bits of the results (time, count), and which pairs of operands are `valid`, (count,)."""

    bits: BoolArray
    valid: BoolArray


class BinaryArithmeticTask(Task):
    """a ∘ b for numbers below 2^(length-1), so that the result has `length` bits; ∘ is `symbol`."""

    input_names = ("a", "b")
    lsb_first = is_arithmetic = True
    symbol: ClassVar[str]
    example_operands: ClassVar[tuple[int, int]] = (37, 101)  # of `example_input`

    @abstractmethod
    def calculate(self, a: BoolArray, b: BoolArray) -> Results:
        """Return the results for the bits of a and b, each (time, count), lowest first."""

    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        bits = self.draw(random, count)
        return self._make_batch(bits.astype(np.float64), bits)

    def draw(self, random: np.random.RandomState, count: int) -> BoolArray:
        """Draw the bits of a and b alternately, uniform below 2^(length-1), (time, count, 2).

        Of each number the lowest word of up to 64 bits comes first.
        """
        n_bits = self.length - 1
        size, bound = (count, 2, -(-n_bits // WORD_BITS)), 1 << min(n_bits, WORD_BITS)
        words = random.randint(0, bound, size=size, dtype=np.uint64).reshape(2 * count, -1)
        bits = np.zeros((self.length, count, 2), np.bool_)
        bits[:-1] = _unpack_words(words, n_bits).reshape(n_bits, count, 2)
        return bits

    def batch_from_inputs(self, inputs: FloatArray) -> Batch:
        """Return the batch of `inputs`, in which pairs that are not valid have weight 0."""
        return self._make_batch(inputs, inputs > 0.5)

    def _make_batch(self, inputs: FloatArray, bits: BoolArray) -> Batch:
        results = self.calculate(*np.ascontiguousarray(np.moveaxis(bits, -1, 0)))
        targets = results.bits[:, :, None].astype(np.float64)
        n_valid = int(results.valid.sum())
        loss_weights = results.valid[None, :, None] / max(n_valid, 1)
        return Batch(inputs, targets, np.broadcast_to(loss_weights, targets.shape), n_valid)

    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> Batch | None:
        if 4 ** (self.length - 1) > limit:
            return None
        numbers = np.arange(1 << (self.length - 1), dtype=np.uint64)
        pairs = np.repeat(numbers, len(numbers)), np.tile(numbers, len(numbers))
        inputs = np.stack([words_to_bits(operand, self.length) for operand in pairs], axis=-1)
        valid = self.batch_from_inputs(inputs).loss_weights[0, :, 0] > 0
        return self.batch_from_inputs(np.ascontiguousarray(inputs[:, valid]))

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
        bits = self.length - 1
        numbers = parse_numbers((match[1], match[3]), (1 << bits) - 1, f"2^{bits} − 1")
        batch = self.batch_from_inputs(to_bits(numbers, self.length)[:, None, :])
        if not batch.n_valid:
            raise ValueError("this task needs a ≥ b")
        return batch.inputs

    def format_input(self, inputs: FloatArray) -> str:
        a, b = from_bits(inputs > 0.5)
        return f"{a} {self.symbol} {b}"

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return str(from_bits(outputs[:, None] > 0.5)[0])


def parse_numbers(texts: Iterable[str], max_number: int, formula: str) -> list[int]:
    """Return the numbers in `texts`; raises ValueError for one above `max_number`.

    `formula` is the text of a maximum that is too long to be written in full.
    """
    numbers = [int(text) if len(text) <= MAX_DIGITS else max_number + 1 for text in texts]
    if max(numbers) > max_number:
        is_listed = max_number.bit_length() <= MAX_LISTED_BITS
        raise ValueError(f"numbers must be from 0 to {f'{max_number:,}' if is_listed else formula}")
    return numbers


def to_bits(numbers: Iterable[int], bits: int) -> FloatArray:
    """Return the bits of `numbers` below 2^`bits` as floats (bits, count), lowest first."""
    n_octets = -(-bits // 8)
    octets = b"".join(number.to_bytes(n_octets, "little") for number in numbers)
    return _unpack(np.frombuffer(octets, np.uint8).reshape(-1, n_octets), bits).astype(np.float64)


def words_to_bits(words: WordArray, bits: int) -> FloatArray:
    """Return the lowest `bits` of numbers in words (count, n_words), as `to_bits` does."""
    return _unpack_words(words, bits).astype(np.float64)


def _unpack_words(words: WordArray, bits: int) -> BoolArray:
    octets = words.astype("<u8").reshape(len(words), -1).view(np.uint8)
    return _unpack(octets[:, : -(-bits // 8)], bits)


def _unpack(octets: OctetArray, bits: int) -> BoolArray:
    """Return the lowest `bits` of numbers in octets (count, n_octets), (bits, count)."""
    masks = np.uint8(1) << np.arange(8, dtype=np.uint8)  # np.unpackbits takes five times as long
    masked = np.ascontiguousarray(octets.T)[:, None] & masks[:, None]  # (n_octets, 8, count)
    return masked.reshape(-1, len(octets))[:bits] > 0


def from_bits(bits: BoolArray) -> list[int]:
    """Return the `count` numbers with these bits (time, count), lowest first: inverts `to_bits`."""
    octets = np.packbits(bits, axis=0, bitorder="little").T
    return [int.from_bytes(number.tobytes(), "little") for number in octets]
