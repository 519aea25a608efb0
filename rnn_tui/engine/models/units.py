"""The hidden units' squashing functions, each written as a shifted and scaled tanh.

h = shift + scale · s   with   s = tanh(scale · z)

The logistic function is σ(z) = ½ + ½ tanh(½ z), so both units run through numpy's tanh and the
shift and scale are folded into the weights once for each training step.
"""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Units:
    """One kind of unit: its `symbol` on screen and its shift and scale relative to tanh."""

    symbol: str
    shift: float
    scale: float


UNITS = {
    "sigmoid": Units("σ", shift=0.5, scale=0.5),
    "tanh": Units("tanh", shift=0.0, scale=1.0),
}
