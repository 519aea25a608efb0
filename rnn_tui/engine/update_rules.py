"""In which order a step goes backward and changes the weights."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.gradient_transforms import Transformation
from rnn_tui.engine.models.base import LayeredModel, Model, Trace
from rnn_tui.engine.optimizers import Optimizer, State
from rnn_tui.engine.parameters import FloatArray


class Update(ABC):
    """A backward pass and the change of weights that goes with it.

    `state` is the optimizer's memory. The `transformations` change the gradient, in their order,
    before the optimizer sees it.
    """

    summary: ClassVar[str]
    state: State

    def __init__(
        self, model: Model, optimizer: Optimizer, transformations: Sequence[Transformation]
    ) -> None:
        self.model, self.optimizer, self.transformations = model, optimizer, transformations

    @abstractmethod
    def anticipate(self) -> FloatArray | None:
        """Return a step to be added to the weights before their gradient is taken, if any."""

    @abstractmethod
    def learn(self, trace: Trace, logit_gradient: FloatArray, rate: float) -> float:
        """Go backward, change the weights, and return the gradient's squared norm.

        Where that is not finite the weights are left as they were.
        """


@final
class Backpropagation(Update):
    """All gradients are taken at the same weights, and then all weights are changed."""

    summary = "all gradients first, then all weights"

    def __init__(
        self, model: Model, optimizer: Optimizer, transformations: Sequence[Transformation]
    ) -> None:
        super().__init__(model, optimizer, transformations)
        self.state = optimizer.init(model.parameters.vector.size)

    def anticipate(self) -> FloatArray | None:
        return self.optimizer.anticipate(self.state)

    def learn(self, trace: Trace, logit_gradient: FloatArray, rate: float) -> float:
        model = self.model
        model.backward(trace, logit_gradient)
        gradient, weights = model.gradient.vector, model.parameters.vector
        squared_norm = float(gradient.dot(gradient))
        if squared_norm < inf:
            for transformation in self.transformations:
                transformation.apply(gradient, weights)
            weights += self.optimizer.update(self.state, gradient, weights, rate)
        return squared_norm


@final
class Layerwise(Update):
    """A layer's weights are changed before the error passes through them to the layer below.

    The XOR programs' order. What passes on is then not the derivative of the loss, but a little
    off it. The optimizer and the transformations see one layer at a time.
    """

    summary = "a layer changes before the error passes through it, as in the XOR programs"

    def __init__(
        self, model: Model, optimizer: Optimizer, transformations: Sequence[Transformation]
    ) -> None:
        super().__init__(model, optimizer, transformations)
        assert isinstance(model, LayeredModel)
        self.layers = model
        self._parts = {(part.start, part.stop): self._init(part) for part in model.places()}
        self.state = {
            f"{start}:{name}": values
            for (start, _), state in self._parts.items()
            for name, values in state.items()
        }

    def anticipate(self) -> FloatArray | None:
        steps = [self.optimizer.anticipate(state) for state in self._parts.values()]
        known = [step for step in steps if step is not None]
        return np.concatenate(known) if known else None

    def learn(self, trace: Trace, logit_gradient: FloatArray, rate: float) -> float:
        model = self.layers
        gradient, weights = model.gradient.vector, model.parameters.vector
        before, squared_norm = weights.copy(), 0.0
        for place in model.backward_by_layer(trace, logit_gradient):
            part, own = gradient[place], weights[place]
            squared_norm += float(part.dot(part))
            for transformation in self.transformations:
                transformation.apply(part, own)
            state = self._parts[place.start, place.stop]
            own += self.optimizer.update(state, part.copy(), own, rate)
        if not squared_norm < inf:
            weights[:] = before
        return squared_norm

    def _init(self, place: slice) -> State:
        return self.optimizer.init(place.stop - place.start)


UPDATES: dict[str, type[Update]] = {"backpropagation": Backpropagation, "layerwise": Layerwise}
