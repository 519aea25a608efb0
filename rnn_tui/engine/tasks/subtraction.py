"""a - b, with a borrow from bit to bit."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import BoolArray
from rnn_tui.engine.tasks.binary_arithmetic import BinaryArithmeticTask, Results, from_bits


@final
class Subtraction(BinaryArithmeticTask):
    """a - b; pairs with a < b are drawn and counted as steps, but not scored, as published."""

    summary = "a − b, lowest bit first: needs to remember a borrow; pairs with a < b are skipped"
    skips_examples = True
    symbol = "−"
    state_name = "borrow"
    example_operands = (101, 37)

    def calculate(self, a: BoolArray, b: BoolArray) -> Results:
        differences, borrow = subtract(a, b)
        return Results(differences, ~borrow)


@final
class TwosComplement(BinaryArithmeticTask):
    """a - b modulo 2^length, so that the highest bit is the sign."""

    summary = "a − b in two's complement, lowest bit first: needs to remember a borrow"
    symbol = "−"
    state_name = "borrow"

    def calculate(self, a: BoolArray, b: BoolArray) -> Results:
        differences, borrow = subtract(a, b)
        return Results(differences, np.ones_like(borrow))

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        number = from_bits(outputs[:, None] > 0.5)[0]
        below_zero = number >> (self.length - 1)
        return str(number - (below_zero << self.length)).replace("-", "−")


def subtract(a: BoolArray, b: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return the bits of a - b modulo 2^time, (time, count), and where a < b, (count,)."""
    generated, propagated = ~a & b, a == b
    differences, borrow = a ^ b, np.zeros_like(a[0])
    for t, difference in enumerate(differences):
        difference ^= borrow
        borrow = generated[t] | (propagated[t] & borrow)
    return differences, borrow
