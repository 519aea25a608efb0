"""Update rules: when an optimizer updates weights, after the backward pass or layer by layer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar, final

import numpy as np

from rnn_tui.engine.gradient_transforms import GradientTransform
from rnn_tui.engine.models.base import ForwardCache, LayeredModel, Model
from rnn_tui.engine.optimizers import Optimizer, OptimizerState, Rate
from rnn_tui.engine.parameters import FloatArray, Stack, inner_product


class UpdateRule(ABC):
    """Computes the gradient of the loss and updates the weights.

    summary              one line for lists of update rules
    is_standard          the update that textbooks describe
    is_layerwise         needs a model that supports layerwise updates
    state                the optimizer state
    gradient_transforms  applied to the gradient in order before the optimizer
    last_update          the latest decrease of the weights without the look-ahead, (size,)

    The arrays of a stack of models have a leading axis of replicas.
    """

    summary: ClassVar[str]
    is_standard: ClassVar[bool] = True
    is_layerwise: ClassVar[bool] = False
    state: OptimizerState
    last_update: FloatArray

    def __init__(
        self, model: Model, optimizer: Optimizer, gradient_transforms: Sequence[GradientTransform]
    ) -> None:
        self.model, self.optimizer, self.gradient_transforms = model, optimizer, gradient_transforms

    @abstractmethod
    def lookahead_step(self) -> FloatArray | None:
        """Return the step to add before the gradient is computed, (size,), or None."""

    @abstractmethod
    def step(self, cache: ForwardCache, logit_gradient: FloatArray, learning_rate: Rate) -> Any:
        """Run backward, update the weights and return the squared norm of the gradient.

        If that is not finite the weights are unchanged. `logit_gradient` (time, batch, outputs) is
        ∂loss/∂logits. Of a stack of models, learning rates have shape (replicas, 1), squared norms
        are (replicas,), and weights are updated in any case.
        """


@final
class AfterBackward(UpdateRule):
    """Computes the gradients of all weights, then updates all weights."""

    summary = "all weights are updated after the backward pass"

    def __init__(
        self, model: Model, optimizer: Optimizer, gradient_transforms: Sequence[GradientTransform]
    ) -> None:
        super().__init__(model, optimizer, gradient_transforms)
        self.state = _init_state(optimizer, model.parameters.vector.shape[-1], model.stack)

    def lookahead_step(self) -> FloatArray | None:
        return self.optimizer.lookahead_step(self.state)

    def step(self, cache: ForwardCache, logit_gradient: FloatArray, learning_rate: Rate) -> Any:
        model = self.model
        model.backward(cache, logit_gradient)
        gradient, weights = model.gradient.vector, model.parameters.vector
        # inner_product without its call, which would take a fifth of the time
        squared_norm = (
            np.vecdot(gradient, gradient) if model.stack else float(gradient.dot(gradient))
        )
        if model.stack or squared_norm < inf:
            for transform in self.gradient_transforms:
                transform.apply(gradient, weights)
            update = self.optimizer.update(self.state, gradient, weights, learning_rate)
            weights -= update
            self.last_update = update
        return squared_norm


@final
class Layerwise(UpdateRule):
    """Updates each layer during the backward pass, before the layer below.

    As in the XOR programs: the gradient of lower layers passes through weights that are already
    updated, and is not exactly that of the loss. Optimizer and transforms are applied per layer.
    """

    summary = "each layer is updated before the gradient passes through it, as in the XOR programs"
    is_standard = False
    is_layerwise = True

    def __init__(
        self, model: Model, optimizer: Optimizer, gradient_transforms: Sequence[GradientTransform]
    ) -> None:
        super().__init__(model, optimizer, gradient_transforms)
        assert isinstance(model, LayeredModel)
        self.layered_model = model
        self._layer_states = {
            (layer.start, layer.stop): _init_state(optimizer, layer.stop - layer.start, model.stack)
            for layer in model.layer_slices()
        }
        self.state = {
            f"{start}:{name}": values
            for (start, _), state in self._layer_states.items()
            for name, values in state.items()
        }

    def lookahead_step(self) -> FloatArray | None:
        steps = [self.optimizer.lookahead_step(state) for state in self._layer_states.values()]
        lookaheads = [step for step in steps if step is not None]
        return np.concatenate(lookaheads, axis=-1) if lookaheads else None

    def step(self, cache: ForwardCache, logit_gradient: FloatArray, learning_rate: Rate) -> Any:
        model = self.layered_model
        gradient, weights = model.gradient.vector, model.parameters.vector
        before, squared_norm = weights.copy(), 0.0
        for layer_slice in model.backward_by_layer(cache, logit_gradient):
            layer_gradient, layer_weights = gradient[..., layer_slice], weights[..., layer_slice]
            squared_norm = squared_norm + inner_product(layer_gradient, layer_gradient)
            for transform in self.gradient_transforms:
                transform.apply(layer_gradient, layer_weights)
            state = self._layer_states[layer_slice.start, layer_slice.stop]
            layer_weights -= self.optimizer.update(
                state, layer_gradient.copy(), layer_weights, learning_rate
            )
        if not (model.stack or squared_norm < inf):
            weights[:] = before
        self.last_update = np.subtract(before, weights, before)
        return squared_norm


def _init_state(optimizer: Optimizer, size: int, stack: Stack) -> OptimizerState:
    """Return the initial state for `size` weights of each model of `stack`."""
    state = optimizer.init_state(size)
    return {name: np.tile(values, (*stack, 1)) for name, values in state.items()}


UPDATE_RULES: dict[str, type[UpdateRule]] = {
    "backpropagation": AfterBackward,
    "layerwise": Layerwise,
}
