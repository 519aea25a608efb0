"""a + b, with a carry from bit to bit."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.tasks.base import BoolArray
from rnn_tui.engine.tasks.binary_arithmetic import BinaryArithmeticTask, Results


@final
class Addition(BinaryArithmeticTask):
    """a + b for numbers below 2^(length-1), so that the sum is below 2^length."""

    summary = "a + b, lowest bit first: needs to remember a carry"
    symbol = "+"
    state_name = "carry"

    def calculate(self, a: BoolArray, b: BoolArray) -> Results:
        generated, propagated = a & b, a ^ b
        sums, carry = propagated.copy(), np.zeros_like(a[0])
        for t, total in enumerate(sums):
            total ^= carry
            carry = generated[t] | (propagated[t] & carry)
        return Results(sums, np.ones_like(carry))
