"""a - b: the same two-state machine as addition, with a borrow for a carry."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.binary_arithmetic import BinaryArithmeticTask, IntArray, Pairs, from_bits


@final
class Subtraction(BinaryArithmeticTask):
    """A pair with a < b is drawn, counts as a step, and teaches nothing, as published."""

    summary = "a − b where a ≥ b: needs a borrow remembered; pairs with a < b are skipped"
    symbol = "−"
    memory_name = "borrow"
    example_operands = (101, 37)

    def calculate(self, a: IntArray, b: IntArray) -> Pairs:
        return Pairs(a, b, a - b, a >= b)


@final
class TwosComplement(BinaryArithmeticTask):
    """Every pair counts: a - b below zero is 2^bits + a - b, so that the highest bit is a sign."""

    summary = "a − b of any two numbers, in two's complement: the borrow may run off the end"
    symbol = "−"
    memory_name = "borrow"

    def calculate(self, a: IntArray, b: IntArray) -> Pairs:
        return Pairs(a, b, a - b, np.ones(a.shape, dtype=np.bool_))

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        number = from_bits(outputs[:, None] > 0.5)[0]
        below_zero = number >> (self.bits - 1)
        return str(number - (below_zero << self.bits)).replace("-", "−")
