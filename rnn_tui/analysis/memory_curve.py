"""The memory of a model over its training, and the step from which it is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, final

from rnn_tui.analysis.memory import Memory

MIN_USED_STEPS = 500  # for which the memory must be used


@final
class CurvePoint(NamedTuple):
    """The memory of the model after `step`, over its sequences."""

    step: int
    memory: Memory

    @property
    def n_pairs(self) -> int:
        """The number of swaps of differing states, after any time step."""
        return int(self.memory.swap.differing_pairs.n.sum())


def memory_used_from(curve: Sequence[CurvePoint]) -> int | None:
    """Return the first step from which on the memory is used at every point of `curve`.

    None unless it has been used for MIN_USED_STEPS steps.
    """
    first = len(curve)
    while first and curve[first - 1].memory.is_used:
        first -= 1
    is_long = first < len(curve) and curve[-1].step - curve[first].step >= MIN_USED_STEPS
    return curve[first].step if is_long else None
