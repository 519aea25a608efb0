"""Tasks that a finite-state machine of two or three states solves for any length."""

from __future__ import annotations

import re
from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MAX_EXHAUSTIVE_EXAMPLES
from rnn_tui.engine.tasks.binary_arithmetic import (
    WORD_BITS,
    from_bits,
    parse_numbers,
    to_bits,
    words_to_bits,
)
from rnn_tui.engine.tasks.bit_sequences import BitArray, BitSequenceTask, Labels, full_mask, shift


@final
class Parity(BitSequenceTask):
    """y_t = x_1 XOR … XOR x_t."""

    summary = "parity of the ones so far: needs to remember one bit that every one flips"
    input_names = ("x",)
    state_name = "odd"

    def label(self, bits: BitArray) -> Labels:
        odd = np.cumsum(bits[:, :, 0], axis=0) % 2
        return Labels(odd, shift(odd), full_mask(bits))


@final
class Comparison(BitSequenceTask):
    """y_t = 1 if a < b in the bits so far, which the highest bit that differs decides."""

    summary = "a < b, lowest bit first: the last bit that differs decides"
    input_names = ("a", "b")
    state_name = "less"
    lsb_first = True

    def label(self, bits: BitArray) -> Labels:
        less = np.zeros(bits.shape[:2], dtype=np.int64)
        so_far = np.zeros_like(less[0])
        for step, (a, b) in enumerate(zip(bits[:, :, 0], bits[:, :, 1], strict=True)):
            so_far = np.where(a == b, so_far, b)
            less[step] = so_far
        return Labels(less, shift(less), full_mask(bits))

    @property
    def example_input(self) -> str:
        largest = (1 << self.length) - 1
        return f"{min(37, largest - 1)}<{min(101, largest)}"

    def parse_input(self, text: str) -> FloatArray:
        match = re.fullmatch(r"\s*(\d+)\s*<\s*(\d+)\s*", text)
        if not match:
            raise ValueError(f"expected two numbers, as in {self.example_input}")
        maximum, formula = (1 << self.length) - 1, f"2^{self.length} − 1"
        numbers = parse_numbers((match[1], match[2]), maximum, formula)
        return to_bits(numbers, self.length)[:, None, :]

    def format_input(self, inputs: FloatArray) -> str:
        a, b = from_bits(inputs > 0.5)
        return f"{a} < {b}"

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return "yes" if outputs[-1] > 0.5 else "no"


@final
class TimesThree(BitSequenceTask):
    """3 n for numbers with 3 n < 2^length, lowest bit first, with a carry of 0, 1 or 2."""

    summary = "3 × n, lowest bit first: needs to remember a carry of 0, 1 or 2"
    input_names = ("n",)
    state_name = "carry"
    lsb_first = True

    @property
    def max_number(self) -> int:
        """The largest n with 3 n < 2^length."""
        return ((1 << self.length) - 1) // 3

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        if self.length <= WORD_BITS:
            words = random.randint(0, self.max_number + 1, size=count, dtype=np.uint64)
            return words_to_bits(words, self.length)[:, :, None]
        # A fraction of max_number + 1 with 64 bits or more to spare: as good as uniform.
        n_words = -(-self.length // WORD_BITS) + 1
        bits = WORD_BITS * n_words
        words = random.randint(0, 1 << WORD_BITS, size=(count, n_words), dtype=np.uint64)
        fractions = from_bits(words_to_bits(words, bits) > 0.5)
        numbers = [fraction * (self.max_number + 1) >> bits for fraction in fractions]
        return to_bits(numbers, self.length)[:, :, None]

    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> Batch | None:
        if self.max_number >= limit:
            return None
        numbers = np.arange(self.max_number + 1, dtype=np.uint64)
        return self.batch_from_inputs(words_to_bits(numbers, self.length)[:, :, None])

    def label(self, bits: BitArray) -> Labels:
        carries, targets = np.zeros((2, *bits.shape[:2]), dtype=np.int64)
        carry = np.zeros_like(carries[0])
        for step, bit in enumerate(bits[:, :, 0]):
            carries[step] = carry
            total = 3 * bit + carry
            targets[step], carry = total & 1, total >> 1
        return Labels(targets, carries, full_mask(bits))

    @property
    def example_input(self) -> str:
        return str(min(25, self.max_number))

    def parse_input(self, text: str) -> FloatArray:
        match = re.fullmatch(r"\s*(?:3\s*[×*x]\s*)?(\d+)\s*", text)
        if not match:
            raise ValueError(f"expected one number, as in {self.example_input}")
        numbers = parse_numbers((match[1],), self.max_number, f"(2^{self.length} − 1) / 3")
        return to_bits(numbers, self.length)[:, :, None]

    def format_input(self, inputs: FloatArray) -> str:
        return f"3 × {from_bits(inputs > 0.5)[0]}"

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return str(from_bits(outputs[:, None] > 0.5)[0])
