"""The training step: sample, forward, loss, backward, update."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from sys import float_info
from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import DataStream
from rnn_tui.engine.gradient_transforms import GradientTransform
from rnn_tui.engine.losses import Loss, LossResult
from rnn_tui.engine.models.base import ForwardCache, Model
from rnn_tui.engine.optimizers import Optimizer, OptimizerState
from rnn_tui.engine.parameters import SCALARS, FloatArray
from rnn_tui.engine.update_rules import UPDATE_RULES

VANISHED_GRADIENT = 1e-10
VANISHED_SQUARED_NORM = VANISHED_GRADIENT**2
SATURATED_SLOPE = 1e-6  # a unit is saturated where its derivative is below
SOLVED_LOSS = 1e-3  # above it, a vanished gradient is a failure
MAX_VANISHED_STEPS = 20  # in a row; a single one may be due to an input of zeros

LOSS_OVERFLOWED = "loss overflowed"
WEIGHTS_OVERFLOWED = "weights overflowed"
UPDATE_UNDEFINED = "update was 0/0, as epsilon is 0"
UNITS_SATURATED = "units saturated"
HALT_REASONS = (LOSS_OVERFLOWED, WEIGHTS_OVERFLOWED, UPDATE_UNDEFINED, UNITS_SATURATED)


class TrainingHalted(ArithmeticError):
    """Training was halted; the text is the reason. The weights may be those of the step before.

    LOSS_OVERFLOWED     the gradient of the loss is not finite
    WEIGHTS_OVERFLOWED  the weights are not finite after the step before
    UPDATE_UNDEFINED    the update of the step before was 0/0, as epsilon is 0
    UNITS_SATURATED     the gradient has vanished though the loss has not, since the derivatives of
                        the units are 0, and the update has vanished too
    """


@final
@dataclass(slots=True, eq=False)
class StepResult:
    """The forward and backward pass of one step, from the weights before its update."""

    batch: Batch
    cache: ForwardCache
    loss_result: LossResult
    squared_norm: float  # of the gradient


@final
class Trainer:
    """Trains a model on a stream of batches, one step at a time.

    `update_rule` is a name in UPDATE_RULES; `gradient_transforms` are applied in order before the
    optimizer. `train` ignores numpy's warnings about overflow, `step` does not: `np.errstate` for
    each step would take 3 % of its time.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        optimizer: Optimizer,
        learning_rate: float,
        stream: DataStream,
        gradient_transforms: Sequence[GradientTransform] = (),
        update_rule: str = "backpropagation",
    ) -> None:
        self.model, self.loss, self.stream = model, loss, stream
        self.learning_rate = learning_rate
        self.update_rule = UPDATE_RULES[update_rule](model, optimizer, gradient_transforms)
        self.last_result: StepResult | None = None
        self.vanished_steps = 0  # steps with a vanished gradient, so far

    @property
    def optimizer_state(self) -> OptimizerState:
        """The optimizer state by name."""
        return self.update_rule.state

    def set_optimizer(self, optimizer: Optimizer, update_rule: str) -> None:
        """Continue with `optimizer` in its initial state."""
        self.update_rule = UPDATE_RULES[update_rule](
            self.model, optimizer, self.update_rule.gradient_transforms
        )

    @np.errstate(all="ignore")
    def train(self, count: int, record: Callable[[StepResult | None], object]) -> None:
        """Take `count` steps, and call `record` with the result of each; raises as `step`.

        A true value that `record` returns ends it.
        """
        step = self.step
        for _ in range(count):
            if record(step()):
                return

    def step(self) -> StepResult | None:
        """Train on the next batch; return None for a batch without valid sequences.

        Raises TrainingHalted if the gradient is not finite, with the weights unchanged, or after
        MAX_VANISHED_STEPS in a row with saturated units, no update and a loss above SOLVED_LOSS.
        """
        batch = self.stream.next()
        if not batch.n_valid:
            return None
        model, update_rule = self.model, self.update_rule
        lookahead = update_rule.lookahead_step()
        if lookahead is not None:
            before = model.parameters.vector.copy()
            model.parameters.vector += lookahead
        cache = model.forward(batch.inputs)
        loss_result = self.loss.compute(cache.logits, batch)
        squared_norm = update_rule.step(cache, loss_result.gradient, SCALARS[self.learning_rate])
        if VANISHED_SQUARED_NORM < squared_norm < inf:
            self.vanished_steps = 0
        elif squared_norm <= VANISHED_SQUARED_NORM:
            self._count_vanished(cache, loss_result, lookahead)
        else:
            if lookahead is not None:
                model.parameters.vector[:] = before
            raise TrainingHalted(self._overflow_reason())
        self.last_result = StepResult(batch, cache, loss_result, squared_norm)
        return self.last_result

    def _overflow_reason(self) -> str:
        weights, optimizer = self.model.parameters.vector, self.update_rule.optimizer
        return overflow_reason(weights, self.optimizer_state.values(), optimizer)

    def _count_vanished(
        self, cache: ForwardCache, loss_result: LossResult, lookahead: FloatArray | None
    ) -> None:
        """Count a step whose gradient has vanished, if units are saturated and nothing moves."""
        update, slopes = self.update_rule.last_update, self.model.unit_slopes(cache)
        if lookahead is not None:
            update = lookahead - update
        self.vanished_steps += is_stuck(
            self.model.parameters.vector, update, cache.state_gradients, slopes, loss_result
        )
        if self.vanished_steps >= MAX_VANISHED_STEPS:
            self.vanished_steps = 0
            raise TrainingHalted(UNITS_SATURATED)


def overflow_reason(
    weights: FloatArray, optimizer_state: Iterable[FloatArray], optimizer: Optimizer
) -> str:
    """Return why the gradient at `weights` (size,) is not finite."""
    if np.isfinite(weights).all():
        return LOSS_OVERFLOWED
    overflowed = any(np.isinf(values).any() for values in (weights, *optimizer_state))
    zero_epsilon = getattr(optimizer, "epsilon", 1.0) == 0
    return UPDATE_UNDEFINED if zero_epsilon and not overflowed else WEIGHTS_OVERFLOWED


def is_stuck(
    weights: FloatArray,
    update: FloatArray,
    state_gradients: FloatArray,
    slopes: FloatArray,
    loss_result: LossResult,
) -> bool:
    """Return whether units are saturated and nothing moves, though the loss is above SOLVED_LOSS.

    `update` (size,) is the change of the weights in the step, and `slopes` are the model's unit
    slopes, (time, batch, hidden) as `state_gradients`. At a stationary point gradients cancel
    though units are not saturated: output units that are pass no gradient on, and hidden units none
    that arrives.
    """
    moved = np.abs(update).max() > float_info.epsilon * np.abs(weights).max()
    slopes = slopes[np.abs(state_gradients) > VANISHED_GRADIENT]
    saturated = (
        slopes.max() < SATURATED_SLOPE
        if slopes.size
        else np.abs(loss_result.gradient).max() <= VANISHED_GRADIENT
    )
    return bool(loss_result.loss > SOLVED_LOSS and saturated and not moved)
