"""a - b for a ≥ b: the same two-state machine as addition, with a borrow for a carry."""

from typing import final

from rnn_tui.engine.tasks.pairs import IntArray, Pairs, PairTask


@final
class Subtraction(PairTask):
    """A pair with a < b is drawn, counts as a step, and teaches nothing."""

    summary = "a − b where a ≥ b: needs a borrow remembered; pairs with a < b are skipped"
    symbol = "−"
    carry_name = "borrow"

    def solve(self, a: IntArray, b: IntArray) -> Pairs:
        return Pairs(a, b, a - b, a >= b)
