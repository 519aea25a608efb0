"""One training step, whole: sample, forward, judge, backward, update."""

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

VANISHED_SQUARED_NORM = (
    1e-20  # a squared gradient norm that moves nothing in float64, but by what is remembered
)
SOLVED_LOSS = 1e-3  # a loss above which a vanished gradient is a failure and not a success
MAX_VANISHED_STEPS = (
    20  # such steps in a row: one may be an example, all zeros, that moves no weight
)


class TrainingHalted(ArithmeticError):
    """Training cannot go on from these weights; the text says why. They were not changed.

    "loss overflowed": the gradient is no longer a finite number. "units saturated": the gradient
    stays zero though the error does not, since every unit sits on the flat end of its curve.
    """


class StepResult(NamedTuple):
    """The latest forward and backward pass, before its update: what it saw, did and felt."""

    batch: Batch
    cache: ForwardCache
    loss_result: LossResult
    squared_norm: float  # of the gradient


@final
class Trainer:
    """A model, a loss, an optimizer and a stream of examples, one step at a time.

    `order` names an `Update`; `transformations` change the gradient before the optimizer sees it.
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
        """What the optimizer remembers."""
        return self.update_rule.state

    def set_optimizer(self, optimizer: Optimizer, update_rule: str) -> None:
        """Go on with `optimizer`, its memory empty."""
        self.update_rule = UPDATE_RULES[update_rule](
            self.model, optimizer, self.update_rule.gradient_transforms
        )

    def step(self) -> StepResult | None:
        """Train on the next batch; None when there was nothing in it to learn from.

        Raises `Halted` where the gradient is not finite, with no weight changed, or where it has
        been zero for too long though the loss is not.
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
        """Count the steps whose gradient has vanished though there is something left to learn."""
        self.vanished_steps += loss > SOLVED_LOSS
        if self.vanished_steps >= MAX_VANISHED_STEPS:
            self.vanished_steps = 0
            raise TrainingHalted("units saturated")
