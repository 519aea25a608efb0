"""Tasks that a machine of two or three states does for numbers of any length."""

import re
from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import MOST_EXAMPLES
from rnn_tui.engine.tasks.binary_arithmetic import gather, spread
from rnn_tui.engine.tasks.bit_sequences import Answers, BitArray, StreamTask, before, everywhere


@final
class Parity(StreamTask):
    """y_t = x_1 XOR … XOR x_t."""

    summary = "is the number of ones so far odd? one bit of memory that every one turns over"
    input_names = ("x",)
    memory_name = "odd"

    def run(self, bits: BitArray) -> Answers:
        odd = np.cumsum(bits[:, :, 0], axis=0) % 2
        return Answers(odd, before(odd), everywhere(bits))


@final
class Comparison(StreamTask):
    """y_t: is a < b in the columns so far? The highest column in which they differ decides."""

    summary = "is a < b? from the lowest bit: the last column that differs decides"
    input_names = ("a", "b")
    memory_name = "less"
    lowest_first = True

    def run(self, bits: BitArray) -> Answers:
        less = np.zeros(bits.shape[:2], dtype=np.int64)
        so_far = np.zeros_like(less[0])
        for step, (a, b) in enumerate(zip(bits[:, :, 0], bits[:, :, 1], strict=True)):
            so_far = np.where(a == b, so_far, b)
            less[step] = so_far
        return Answers(less, before(less), everywhere(bits))

    @property
    def prompt(self) -> str:
        largest = (1 << self.bits) - 1
        return f"{min(37, largest - 1)}<{min(101, largest)}"

    def read(self, text: str) -> FloatArray:
        asked = re.fullmatch(r"\s*(\d+)\s*<\s*(\d+)\s*", text)
        if not asked:
            raise ValueError(f"two numbers, please, as in {self.prompt}")
        numbers = [int(asked[1]), int(asked[2])]
        if max(numbers) >> self.bits:
            raise ValueError(f"numbers here go from 0 to {(1 << self.bits) - 1:,}")
        return spread(np.array(numbers, dtype=np.uint64), self.bits)[:, None, :]

    def question(self, inputs: FloatArray) -> str:
        a, b = gather(inputs > 0.5)
        return f"{a} < {b}"

    def answer(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return "yes" if outputs[-1] > 0.5 else "no"


@final
class TimesThree(StreamTask):
    """3 n, lowest bit first, for every n whose triple fits: a carry of 0, 1 or 2."""

    summary = "3 × n, bit by bit from the lowest: a carry that can be 0, 1 or 2"
    input_names = ("n",)
    memory_name = "carry"
    lowest_first = True
    chance_name = "carry-blind"

    @property
    def largest(self) -> int:
        return ((1 << self.bits) - 1) // 3

    def draw(self, random: np.random.RandomState, count: int) -> FloatArray:
        numbers = random.randint(0, self.largest + 1, size=count, dtype=np.int64)
        return spread(numbers.astype(np.uint64), self.bits)[:, :, None]

    def everything(self) -> Batch | None:
        if self.largest >= MOST_EXAMPLES:
            return None
        numbers = np.arange(self.largest + 1, dtype=np.uint64)
        return self.solve(spread(numbers, self.bits)[:, :, None])

    def run(self, bits: BitArray) -> Answers:
        carries, targets = np.zeros((2, *bits.shape[:2]), dtype=np.int64)
        carry = np.zeros_like(carries[0])
        for step, bit in enumerate(bits[:, :, 0]):
            carries[step] = carry
            total = 3 * bit + carry
            targets[step], carry = total & 1, total >> 1
        return Answers(targets, carries, everywhere(bits))

    @property
    def prompt(self) -> str:
        return str(min(25, self.largest))

    def read(self, text: str) -> FloatArray:
        asked = re.fullmatch(r"\s*(?:3\s*[×*x]\s*)?(\d+)\s*", text)
        if not asked:
            raise ValueError(f"one number, please, as in {self.prompt}")
        if int(asked[1]) > self.largest:
            raise ValueError(f"numbers here go from 0 to {self.largest:,}")
        return spread(np.array([int(asked[1])], dtype=np.uint64), self.bits)[:, :, None]

    def question(self, inputs: FloatArray) -> str:
        return f"3 × {gather(inputs > 0.5)[0]}"

    def answer(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return str(gather(outputs[:, None] > 0.5)[0])
