"""One training step, whole: sample, forward, judge, backward, update."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple, final

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import Stream
from rnn_tui.engine.gradient_transforms import Transformation
from rnn_tui.engine.losses import Judgement, Loss
from rnn_tui.engine.models.base import Model, Trace
from rnn_tui.engine.optimizers import Optimizer, State
from rnn_tui.engine.update_rules import UPDATES

VANISHED = 1e-20  # a squared gradient norm that moves nothing in float64, but by what is remembered
UNLEARNT = 1e-3  # a loss above which a vanished gradient is a failure and not a success
PATIENCE = 20  # such steps in a row: one may be an example, all zeros, that moves no weight


class Halted(ArithmeticError):
    """Training cannot go on from these weights; the text says why. They were not changed.

    "loss overflowed": the gradient is no longer a finite number. "units saturated": the gradient
    stays zero though the error does not, since every unit sits on the flat end of its curve.
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

    `order` names an `Update`; `transformations` change the gradient before the optimizer sees it.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        optimizer: Optimizer,
        learning_rate: float,
        stream: Stream,
        transformations: Sequence[Transformation] = (),
        order: str = "backpropagation",
    ) -> None:
        self.model, self.loss, self.stream = model, loss, stream
        self.learning_rate = learning_rate
        self.update = UPDATES[order](model, optimizer, transformations)
        self.latest: Pass | None = None
        self.unmoved = 0  # steps with a vanished gradient, so far

    @property
    def state(self) -> State:
        """What the optimizer remembers."""
        return self.update.state

    def use(self, optimizer: Optimizer, order: str) -> None:
        """Go on with `optimizer`, its memory empty."""
        self.update = UPDATES[order](self.model, optimizer, self.update.transformations)

    def step(self) -> Pass | None:
        """Train on the next batch; None when there was nothing in it to learn from.

        Raises `Halted` where the gradient is not finite, with no weight changed, or where it has
        been zero for too long though the loss is not.
        """
        batch = self.stream.next()
        if not batch.learnt:
            return None
        model, update = self.model, self.update
        ahead = update.anticipate()
        if ahead is not None:
            before = model.parameters.vector.copy()
            model.parameters.vector += ahead
        trace = model.forward(batch.inputs)
        judgement = self.loss.judge(trace.logits, batch)
        squared_norm = update.learn(trace, judgement.gradient, self.learning_rate)
        if VANISHED < squared_norm < inf:
            self.unmoved = 0
        elif squared_norm <= VANISHED:
            self._wait(judgement.loss)
        else:
            if ahead is not None:
                model.parameters.vector[:] = before
            raise Halted("loss overflowed")
        self.latest = Pass(batch, trace, judgement, squared_norm)
        return self.latest

    def _wait(self, loss: float) -> None:
        """Count the steps whose gradient has vanished though there is something left to learn."""
        self.unmoved += loss > UNLEARNT
        if self.unmoved >= PATIENCE:
            self.unmoved = 0
            raise Halted("units saturated")
