"""In which order a step goes backward and changes the weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.gradient_transforms import GradientTransform
from rnn_tui.engine.models.base import ForwardCache, LayeredModel, Model
from rnn_tui.engine.optimizers import Optimizer, OptimizerState
from rnn_tui.engine.parameters import FloatArray


class UpdateRule(ABC):
    """A backward pass and the change of weights that goes with it.

    `state` is the optimizer's memory. The `transformations` change the gradient, in their order,
    before the optimizer sees it.
    """

    summary: ClassVar[str]
    state: OptimizerState

    def __init__(
        self, model: Model, optimizer: Optimizer, gradient_transforms: Sequence[GradientTransform]
    ) -> None:
        self.model, self.optimizer, self.gradient_transforms = model, optimizer, gradient_transforms

    @abstractmethod
    def lookahead_step(self) -> FloatArray | None:
        """Return a step to be added to the weights before their gradient is taken, if any."""

    @abstractmethod
    def step(self, cache: ForwardCache, logit_gradient: FloatArray, learning_rate: float) -> float:
        """Go backward, change the weights, and return the gradient's squared norm.

        Where that is not finite the weights are left as they were.
        """


@final
class AfterBackward(UpdateRule):
    """All gradients are taken at the same weights, and then all weights are changed."""

    summary = "all gradients first, then all weights"

    def __init__(
        self, model: Model, optimizer: Optimizer, gradient_transforms: Sequence[GradientTransform]
    ) -> None:
        super().__init__(model, optimizer, gradient_transforms)
        self.state = optimizer.init(model.parameters.vector.size)

    def lookahead_step(self) -> FloatArray | None:
        return self.optimizer.lookahead_step(self.state)

    def step(self, cache: ForwardCache, logit_gradient: FloatArray, learning_rate: float) -> float:
        model = self.model
        model.backward(cache, logit_gradient)
        gradient, weights = model.gradient.vector, model.parameters.vector
        squared_norm = float(gradient.dot(gradient))
        if squared_norm < inf:
            for transformation in self.gradient_transforms:
                transformation.apply(gradient, weights)
            weights += self.optimizer.update(self.state, gradient, weights, learning_rate)
        return squared_norm


@final
class Layerwise(UpdateRule):
    """A layer's weights are changed before the error passes through them to the layer below.

    The XOR programs' order. What passes on is then not the derivative of the loss, but a little
    off it. The optimizer and the transformations see one layer at a time.
    """

    summary = "a layer changes before the error passes through it, as in the XOR programs"

    def __init__(
        self, model: Model, optimizer: Optimizer, gradient_transforms: Sequence[GradientTransform]
    ) -> None:
        super().__init__(model, optimizer, gradient_transforms)
        assert isinstance(model, LayeredModel)
        self.layered_model = model
        self._layer_states = {
            (part.start, part.stop): self._init_layer_state(part) for part in model.layer_slices()
        }
        self.state = {
            f"{start}:{name}": values
            for (start, _), state in self._layer_states.items()
            for name, values in state.items()
        }

    def lookahead_step(self) -> FloatArray | None:
        steps = [self.optimizer.lookahead_step(state) for state in self._layer_states.values()]
        known = [step for step in steps if step is not None]
        return np.concatenate(known) if known else None

    def step(self, cache: ForwardCache, logit_gradient: FloatArray, learning_rate: float) -> float:
        model = self.layered_model
        gradient, weights = model.gradient.vector, model.parameters.vector
        before, squared_norm = weights.copy(), 0.0
        for layer_slice in model.backward_by_layer(cache, logit_gradient):
            layer_gradient, layer_weights = gradient[layer_slice], weights[layer_slice]
            squared_norm += float(layer_gradient.dot(layer_gradient))
            for transformation in self.gradient_transforms:
                transformation.apply(layer_gradient, layer_weights)
            state = self._layer_states[layer_slice.start, layer_slice.stop]
            layer_weights += self.optimizer.update(
                state, layer_gradient.copy(), layer_weights, learning_rate
            )
        if not squared_norm < inf:
            weights[:] = before
        return squared_norm

    def _init_layer_state(self, layer_slice: slice) -> OptimizerState:
        return self.optimizer.init(layer_slice.stop - layer_slice.start)


UPDATE_RULES: dict[str, type[UpdateRule]] = {
    "backpropagation": AfterBackward,
    "layerwise": Layerwise,
}
