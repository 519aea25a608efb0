"""a + b: the net must find out what a carry is."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.tasks.binary_arithmetic import BinaryArithmeticTask, IntArray, Pairs


@final
class Addition(BinaryArithmeticTask):
    """Both numbers are below 2^(bits-1); the sum is below 2^bits."""

    summary = "a + b, bit by bit from the lowest: needs a carry remembered from column to column"
    symbol = "+"
    memory_name = "carry"

    def calculate(self, a: IntArray, b: IntArray) -> Pairs:
        return Pairs(a, b, a + b, np.ones(a.shape, dtype=np.bool_))
