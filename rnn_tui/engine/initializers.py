"""Weight initializers, drawing from numpy's `RandomState`, whose streams never change.

The order of the draws is part of an initializer: another order gives other weights.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from rnn_tui.engine.models import Elman, Model
from rnn_tui.engine.parameters import FloatArray, Parameters
from rnn_tui.engine.planted import PLANTED_SPEC, planted_adder


@dataclass(frozen=True, slots=True)
class Initializer(ABC):
    """Fills a model's parameters; `summary` is one line for lists of initializers.

    `is_standard` is False for initial weights that only a tutorial has, or that solve a task.
    """

    summary: str
    is_standard: bool = field(default=True, kw_only=True)

    def fits(self, _model: type[Model]) -> bool:
        """Return whether models of this class can be initialized by it."""
        return True

    @property
    def requirements(self) -> Mapping[str, Any]:
        """The settings that it needs besides a model that it fits, by attribute of Settings."""
        return {}

    @abstractmethod
    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        """Write the initial weights into `parameters`."""


@dataclass(frozen=True, slots=True)
class RandomInit(Initializer):
    """Draws the matrices in `draw_order`, then all others; biases and initial states are 0."""

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
        """Return a matrix of this shape."""


@final
@dataclass(frozen=True, slots=True)
class Uniform(RandomInit):
    """Weights uniformly distributed in [-1, 1)."""

    def draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        return 2 * random.random_sample(shape) - 1


@final
@dataclass(frozen=True, slots=True)
class Normal(RandomInit):
    """Weights normally distributed with mean 0 and standard deviation 1."""

    def draw(self, random: np.random.RandomState, shape: tuple[int, ...]) -> FloatArray:
        return random.standard_normal(shape)


@final
@dataclass(frozen=True, slots=True)
class Glorot(RandomInit):
    """Weights uniformly distributed within ±√(6 / (fan_in + fan_out))  (Glorot & Bengio 2010).

    All parameters are drawn `discarded_draws` times before the draw that counts.
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
    """Weights and biases normally distributed, mean 0, standard deviation 1, in layout order."""

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        parameters.vector[:] = random.standard_normal(parameters.vector.size)


@final
@dataclass(frozen=True, slots=True)
class Constant(Initializer):
    """The same `weights` for every seed, for models of that size."""

    weights: tuple[float, ...]

    def fits(self, model: type[Model]) -> bool:
        return model.fixed_size == len(self.weights)

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        parameters.vector[:] = self.weights


@final
@dataclass(frozen=True, slots=True)
class Planted(Initializer):
    """The weights of `planted_adder` for every seed; a learned initial state is 0."""

    def fits(self, model: type[Model]) -> bool:
        return model is Elman

    @property
    def requirements(self) -> Mapping[str, Any]:
        names = ("hidden_size", "activation", "biases")
        return {"task": "addition"} | {name: getattr(PLANTED_SPEC, name) for name in names}

    def fill(self, parameters: Parameters, random: np.random.RandomState) -> None:
        parameters.vector[:] = 0.0
        for name, values in planted_adder().items():
            parameters[name][...] = values


OUTPUT_SECOND = ("input_weight", "output_weight", "recurrent_weight")
OUTPUT_LAST = ("input_weight", "recurrent_weight", "output_weight")

INITIALIZERS: dict[str, Initializer] = {
    "uniform": Uniform("weights uniformly distributed in [−1, 1)", OUTPUT_SECOND),
    "normal": Normal("weights normally distributed, mean 0, standard deviation 1", OUTPUT_LAST),
    "normal-everywhere": NormalEverywhere(
        "weights and biases normally distributed, in layer order"
    ),
    "glorot": Glorot("weights uniformly distributed within ±√(6/(fan in + fan out))", OUTPUT_LAST),
    "glorot-second-draw": Glorot(
        "the second draw of glorot, as after the tutorial's gradient check",
        OUTPUT_LAST,
        discarded_draws=1,
        is_standard=False,
    ),
    "constant": Constant(
        "w_x = −1.5 and w_rec = 2, as in the counting tutorial", (-1.5, 2.0), is_standard=False
    ),
    "planted": Planted(
        "an adder of three units, one of them the carry, that needs no training", is_standard=False
    ),
}
