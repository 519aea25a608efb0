"""a + b, with a carry from bit to bit."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.tasks.binary_arithmetic import BinaryArithmeticTask, IntArray, Pairs


@final
class Addition(BinaryArithmeticTask):
    """a + b for numbers below 2^(length-1), so that the sum is below 2^length."""

    summary = "a + b, lowest bit first: needs to remember a carry"
    symbol = "+"
    state_name = "carry"

    def calculate(self, a: IntArray, b: IntArray) -> Pairs:
        return Pairs(a, b, a + b, np.ones(a.shape, dtype=np.bool_))
