"""One example with what the net made of it: all that the bit grid and the gradient plot show."""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model, Trace
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import MemoryArray

BoolArray = npt.NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A sequence step by step; every array is (time,), but the inputs are (time, features).

    asked          whether there is a right answer at the step
    memory         what has to be known from before the step, such as a carry that comes in
    outputs        what the net says: the probability of a 1, or a number where the task wants one
    right_steps    whether the net has it right; true as well where it is not asked
    error          the figure by which the loss is reported
    felt           ‖∂L/∂h_k‖, L the loss over all steps
    felt_from_last ‖∂L_T/∂h_k‖, L_T the loss of the last step alone
    """

    task: Task
    inputs: FloatArray
    targets: FloatArray
    asked: BoolArray
    memory: MemoryArray
    outputs: FloatArray
    right_steps: BoolArray
    error: float
    felt: FloatArray
    felt_from_last: FloatArray

    @property
    def said_bits(self) -> BoolArray:
        """The bits that the net says."""
        bits: BoolArray = self.outputs > 0.5
        return bits

    @property
    def right(self) -> bool:
        return bool(self.right_steps.all())

    @property
    def question(self) -> str:
        return self.task.question(self.inputs)

    @property
    def true_answer(self) -> str:
        return self.task.answer(self.inputs, self.targets)

    @property
    def said_answer(self) -> str:
        return self.task.answer(self.inputs, self.outputs)


@np.errstate(all="ignore")
def look(
    task: Task, model: Model, loss: Loss, batch: Batch, logits: FloatArray | None = None
) -> Example:
    """Run `model` over a `batch` of one and return what it shows; it changes no weight.

    `logits` (time, 1, 1), where given, are shown instead of those of the present weights: what
    the net said when it trained on this example.
    """
    trace = model.forward(batch.inputs)
    said = loss.judge(trace.logits if logits is None else logits.copy(), batch)
    outputs, error = said.outputs.copy(), said.error
    gradient = loss.judge(trace.logits, batch).gradient.copy()
    model.backward(trace, gradient)
    felt = _norms(trace)
    gradient[:-1] = 0.0
    model.backward(trace, gradient)
    asked = batch.weights[:, 0, 0] > 0
    return Example(
        task=task,
        inputs=batch.inputs[:, 0],
        targets=batch.targets[:, 0, 0],
        asked=asked,
        memory=task.memory(batch.inputs)[:, 0],
        outputs=outputs[:, 0, 0],
        right_steps=task.right(outputs, 0.5, batch.targets)[:, 0, 0] | ~asked,
        error=error,
        felt=felt,
        felt_from_last=_norms(trace),
    )


def one_of(batch: Batch) -> tuple[Batch, int]:
    """Return the first sequence that `batch` learns from, as a batch of one, and its index."""
    index = int(np.argmax(batch.weights.any(axis=(0, 2))))
    one = slice(index, index + 1)
    inputs, targets = (values[:, one].copy() for values in batch[:2])
    asked = (batch.weights[:, one] > 0).astype(np.float64)
    return Batch(inputs, targets, asked, 1), index


def _norms(trace: Trace) -> FloatArray:
    norms: FloatArray = np.sqrt(np.square(trace.state_gradients[:, 0]).sum(axis=1))
    return norms
