"""One training step, whole: sample, forward, judge, backward, update."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple, final

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Judgement, Loss
from rnn_tui.engine.models.base import Model, Trace
from rnn_tui.engine.optimizers import Optimizer
from rnn_tui.engine.stream import ExampleStream
from rnn_tui.engine.transformations import Transformation

VANISHED = 1e-20  # a squared gradient norm from which no float64 weight moves any more
UNLEARNT = 1e-3  # a loss above which a vanished gradient is a failure and not a success


class Halted(ArithmeticError):
    """Training cannot go on from these weights; the text says why. They were not changed.

    "loss overflowed": the gradient is no longer a finite number. "units saturated": the gradient
    is zero though the error is not, since every unit sits on the flat end of its curve.
    """


class Pass(NamedTuple):
    """The latest forward and backward pass, before its update: what it saw, did and felt."""

    batch: Batch
    trace: Trace
    judgement: Judgement
    squared_norm: float  # of the gradient


@final
class Trainer:
    """A model, a loss, an optimizer and a stream of examples, one step at a time.

    `transformations` change the gradient, in their order, before the optimizer sees it.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        optimizer: Optimizer,
        learning_rate: float,
        stream: ExampleStream,
        transformations: Sequence[Transformation] = (),
    ) -> None:
        self.model, self.loss, self.stream = model, loss, stream
        self.transformations = transformations
        self.use(optimizer, learning_rate)
        self.latest: Pass | None = None

    def use(self, optimizer: Optimizer, learning_rate: float) -> None:
        """Go on with `optimizer`, its memory empty."""
        self.optimizer, self.learning_rate = optimizer, learning_rate
        self.state = optimizer.init(self.model.parameters.vector.size)

    def step(self) -> Pass | None:
        """Train on the next batch; None when there was nothing in it to learn from.

        Raises `Halted`, before any weight is changed, where the gradient is not finite, or is
        zero though the loss is not.
        """
        batch = self.stream.next()
        if not batch.learnt:
            return None
        model, weights = self.model, self.model.parameters.vector
        ahead = self.optimizer.anticipate(self.state)
        if ahead is not None:
            before = weights.copy()
            weights += ahead
        trace = model.forward(batch.inputs)
        judgement = self.loss.judge(trace.logits, batch)
        model.backward(trace, judgement.gradient)
        gradient = model.gradient.vector
        squared_norm = float(gradient.dot(gradient))
        if not VANISHED < squared_norm < inf:
            if ahead is not None:
                weights[:] = before
            self._refuse(squared_norm, judgement.loss)
        for transformation in self.transformations:
            transformation.apply(gradient, weights)
        weights += self.optimizer.update(self.state, gradient, weights, self.learning_rate)
        self.latest = Pass(batch, trace, judgement, squared_norm)
        return self.latest

    @staticmethod
    def _refuse(squared_norm: float, loss: float) -> None:
        if not squared_norm < inf:
            raise Halted("loss overflowed")
        if loss > UNLEARNT:
            raise Halted("units saturated")
