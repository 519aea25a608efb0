"""The weights a net starts from: named draws from numpy's frozen `RandomState` stream.

The order of the draws is part of the name, since another order gives another net.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray, Parameters


@final
@dataclass(frozen=True, slots=True)
class Initialisation:
    """A distribution and the order in which weight matrices are drawn; biases start at zero."""

    summary: str
    order: tuple[str, ...]
    normal: bool

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        """Draw every matrix of `order` that `parameters` has; all else becomes zero."""
        parameters.vector[:] = 0.0
        for name in self.order:
            if name in parameters.layout:
                parameters[name][...] = self._draw(random, parameters.layout[name])

    def _draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        return random.standard_normal(shape) if self.normal else 2 * random.random_sample(shape) - 1


INITIALISATIONS = {
    "uniform": Initialisation(
        "each weight even between −1 and 1",
        ("input_weight", "output_weight", "recurrent_weight"),
        normal=False,
    ),
    "normal": Initialisation(
        "each weight normal with mean 0 and deviation 1",
        ("input_weight", "recurrent_weight", "output_weight"),
        normal=True,
    ),
}
