"""The weights a net starts from: named draws from numpy's frozen `RandomState` stream.

The order of the draws is part of the name, since another order gives another net.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray, Parameters


@dataclass(frozen=True, slots=True)
class Initializer(ABC):
    """How the weights of a net are drawn; what is not drawn becomes zero."""

    summary: str

    @abstractmethod
    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        """Write the first weights into `parameters`."""


@dataclass(frozen=True, slots=True)
class RandomInit(Initializer):
    """Draws the matrices of `order` that there are, then all others; biases and states are zero."""

    draw_order: tuple[str, ...]

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        parameters.vector[:] = 0.0
        for name in self._matrix_names(parameters):
            parameters[name][...] = self.draw(random, parameters.layout[name])

    def _matrix_names(self, parameters: Parameters) -> Iterator[str]:
        matrices = [name for name, shape in parameters.layout.items() if len(shape) == 2]
        yield from (name for name in self.draw_order if name in matrices)
        yield from (name for name in matrices if name not in self.draw_order)

    @abstractmethod
    def draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        """Draw one matrix."""


@final
@dataclass(frozen=True, slots=True)
class Uniform(RandomInit):
    """Each weight even between -1 and 1."""

    def draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        return 2 * random.random_sample(shape) - 1


@final
@dataclass(frozen=True, slots=True)
class Normal(RandomInit):
    """Each weight normal with mean 0 and deviation 1."""

    def draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        return random.standard_normal(shape)


@final
@dataclass(frozen=True, slots=True)
class Glorot(RandomInit):
    """Each weight even within ±√(6 / (rows + columns)) (Glorot & Bengio 2010).

    `drawn_before` nets are drawn first and thrown away.
    """

    discarded_draws: int = 0

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        for _ in range(1 + self.discarded_draws):
            super(Glorot, self).fill(parameters, random)  # plain super() is lost with slots

    def draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        limit = (6 / sum(shape)) ** 0.5
        return random.uniform(-limit, limit, shape)


@final
@dataclass(frozen=True, slots=True)
class NormalEverywhere(Initializer):
    """Every weight and bias normal with mean 0 and deviation 1, in the layout's order."""

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        parameters.vector[:] = random.standard_normal(parameters.vector.size)


@final
@dataclass(frozen=True, slots=True)
class Constant(Initializer):
    """The same `weights` for every seed, in a net that has so many."""

    weights: tuple[float, ...]

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        parameters.vector[:] = self.weights


OUTPUT_SECOND = ("input_weight", "output_weight", "recurrent_weight")
OUTPUT_LAST = ("input_weight", "recurrent_weight", "output_weight")

INITIALIZERS: dict[str, Initializer] = {
    "uniform": Uniform("each weight even between −1 and 1", OUTPUT_SECOND),
    "normal": Normal("each weight normal with mean 0 and deviation 1", OUTPUT_LAST),
    "normal-everywhere": NormalEverywhere("each weight and bias normal, layer by layer"),
    "glorot": Glorot("each weight even within ±√(6/(rows+columns))", OUTPUT_LAST),
    "glorot-second": Glorot(
        "as glorot, but the net drawn first is thrown away, as after the tutorial's gradient check",
        OUTPUT_LAST,
        discarded_draws=1,
    ),
    "far": Constant("w_x = −1.5 and w_rec = 2, where the counting tutorial starts", (-1.5, 2.0)),
}
