"""The training step: sample, forward, loss, backward, update."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple, final

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import DataStream
from rnn_tui.engine.gradient_transforms import GradientTransform
from rnn_tui.engine.losses import Loss, LossResult
from rnn_tui.engine.models.base import ForwardCache, Model
from rnn_tui.engine.optimizers import Optimizer, OptimizerState
from rnn_tui.engine.update_rules import UPDATE_RULES

# Steps from a gradient this small vanish in the rounding of float64 weights.
VANISHED_SQUARED_NORM = 1e-20
SOLVED_LOSS = 1e-3  # above it, a vanished gradient is a failure
MAX_VANISHED_STEPS = 20  # in a row; a single one may be due to an input of zeros


class TrainingHalted(ArithmeticError):
    """Training diverged; the text is the reason, and the weights were not changed.

    "loss overflowed": the gradient is not finite. "units saturated": the gradient has vanished
    though the loss has not, since the derivatives of all units are 0.
    """


class StepResult(NamedTuple):
    """The forward and backward pass of one step, from the weights before its update."""

    batch: Batch
    cache: ForwardCache
    loss_result: LossResult
    squared_norm: float  # of the gradient


@final
class Trainer:
    """Trains a model on a stream of batches, one step at a time.

    `update_rule` is a name in UPDATE_RULES; `gradient_transforms` are applied in order before the
    optimizer.
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

    def step(self) -> StepResult | None:
        """Train on the next batch; return None for a batch without valid sequences.

        Raises TrainingHalted if the gradient is not finite, with the weights unchanged, or if it
        has vanished for MAX_VANISHED_STEPS in a row though the loss has not.
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
        squared_norm = update_rule.step(cache, loss_result.gradient, self.learning_rate)
        if VANISHED_SQUARED_NORM < squared_norm < inf:
            self.vanished_steps = 0
        elif squared_norm <= VANISHED_SQUARED_NORM:
            self._count_vanished(loss_result.loss)
        else:
            if lookahead is not None:
                model.parameters.vector[:] = before
            raise TrainingHalted("loss overflowed")
        self.last_result = StepResult(batch, cache, loss_result, squared_norm)
        return self.last_result

    def _count_vanished(self, loss: float) -> None:
        """Count a step whose gradient has vanished, if its loss has not."""
        self.vanished_steps += loss > SOLVED_LOSS
        if self.vanished_steps >= MAX_VANISHED_STEPS:
            self.vanished_steps = 0
            raise TrainingHalted("units saturated")
