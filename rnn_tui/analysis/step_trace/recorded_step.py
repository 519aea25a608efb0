"""One training step, taken by a trainer itself, with the intermediate results of its update.

The gradient transforms and the optimizer are observed, so that all numbers are the engine's own,
whatever the update rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.gradient_transforms import GradientTransform
from rnn_tui.engine.models.base import LayeredModel
from rnn_tui.engine.optimizers import Optimizer, OptimizerState, Rate
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.trainer import StepResult, Trainer


@final
class TransformRecord(NamedTuple):
    """The gradient (size,) before and after a transform."""

    transform: GradientTransform
    before: FloatArray
    after: FloatArray


@final
class RecordedStep:
    """The next step of `trainer`, which is taken; raises TrainingHalted as `Trainer.step`.

    result            None for a batch without valid sequences: nothing changes, and the further
                      attributes are not set
    weights_before    the weights before the step, (size,)
    forward_weights   the weights of the forward pass: after the look-ahead, if there is one
    backward_weights  the weights of the gradient with respect to the layer below, updated already
                      by a layerwise update rule
    weights_after     the weights after the step
    gradient          the gradient of the loss, (size,), before its `transforms`
    update_gradient   the gradient that the optimizer uses
    update            the change of the weights by the optimizer
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.model, self.loss = trainer, trainer.model, trainer.loss
        rule, weights = trainer.update_rule, trainer.model.parameters.vector
        self.optimizer, self.learning_rate = rule.optimizer, trainer.learning_rate
        self.weights_before = weights.copy()
        self._states_before = _copied(rule.state)
        transforms = [_ObservedTransform(each) for each in rule.gradient_transforms]
        observed = _ObservedOptimizer(rule.optimizer)
        rule.gradient_transforms, rule.optimizer = transforms, observed
        self.result: StepResult | None = trainer.step()
        if self.result is None:
            return
        self.weights_after = weights.copy()
        self._states_after = _copied(rule.state)
        self._slices = [slice(0, weights.size)]
        if rule.is_layerwise and isinstance(self.model, LayeredModel):
            self._slices = self.model.layer_slices()[::-1]
        self.forward_weights = self.weights_before.copy()
        self.has_lookahead = bool(observed.lookaheads)
        if self.has_lookahead:
            self.forward_weights += np.concatenate(observed.lookaheads)
        self.backward_weights = self.weights_after if rule.is_layerwise else self.forward_weights
        weights[:] = self.forward_weights  # which the formulas of the model read
        self.update_gradient = self._joined(observed.gradients)
        self.update = -self._joined(observed.updates)
        self.transforms = [
            TransformRecord(each.transform, self._joined(each.before), self._joined(each.after))
            for each in transforms
        ]
        self.gradient = self.transforms[0].before if transforms else self.update_gradient

    def _joined(self, parts: list[FloatArray]) -> FloatArray:
        """Return the vector of `parts`, in the order in which the weights are updated."""
        vector = np.empty_like(self.weights_before)
        for part_slice, part in zip(self._slices, parts, strict=True):
            vector[part_slice] = part
        return vector

    def slice_of(self, index: int) -> slice:
        """Return the slice of the flat vector that is updated with weight `index`."""
        return next(part for part in self._slices if part.start <= index < part.stop)

    def state_before(self, index: int) -> dict[str, float]:
        """Return the optimizer state of weight `index` before the step, by name."""
        return self._state_of(self._states_before, index)

    def state_after(self, index: int) -> dict[str, float]:
        """Return the optimizer state of weight `index` after the step, by name."""
        return self._state_of(self._states_after, index)

    def _state_of(self, states: OptimizerState, index: int) -> dict[str, float]:
        start = self.slice_of(index).start
        prefix = f"{start}:" if self.trainer.update_rule.is_layerwise else ""
        return {
            name.removeprefix(prefix): float(values[0 if values.size == 1 else index - start])
            for name, values in states.items()
            if name.startswith(prefix)
        }


def _copied(state: OptimizerState) -> OptimizerState:
    return {name: values.copy() for name, values in state.items()}


@final
class _ObservedTransform(GradientTransform):
    """A transform that records the gradient before and after each call."""

    def __init__(self, transform: GradientTransform) -> None:
        self.transform = transform
        self.before: list[FloatArray] = []
        self.after: list[FloatArray] = []

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        self.before.append(gradient.copy())
        self.transform.apply(gradient, weights)
        self.after.append(gradient.copy())


@final
@dataclass(frozen=True, eq=False)
class _ObservedOptimizer(Optimizer):
    """An optimizer that records its gradients, updates and look-ahead steps."""

    optimizer: Optimizer
    gradients: list[FloatArray] = field(default_factory=list)
    updates: list[FloatArray] = field(default_factory=list)
    lookaheads: list[FloatArray] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.optimizer, name)

    def init_state(self, size: int) -> OptimizerState:
        return self.optimizer.init_state(size)

    def lookahead_step(self, state: OptimizerState) -> FloatArray | None:
        step = self.optimizer.lookahead_step(state)
        if step is not None:
            self.lookaheads.append(step.copy())
        return step

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        self.gradients.append(gradient.copy())
        update = self.optimizer.update(state, gradient, weights, learning_rate)
        self.updates.append(update.copy())
        return update
