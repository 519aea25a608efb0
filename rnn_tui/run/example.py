"""One example with the model's prediction and gradients, as the bit grid displays them."""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import ForwardCache, Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import MemoryArray

BoolArray = npt.NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One sequence; every array is (time,), but the inputs are (time, features).

    mask                        whether the step has a target
    required_state             what the target depends on from earlier steps, such as a carry
    outputs                     ŷ: probabilities of a 1, or any numbers with a linear output
    linear_output               as in `Loss`; confidence is defined without it only
    correct_steps               whether the prediction is correct; true where there is no target
    metric                      the figure by which the loss is reported
    gradient_norms              ‖∂L/∂h_k‖, L the loss over all steps
    last_step_gradient_norms    ‖∂L_T/∂h_k‖, L_T the loss of the last step alone
    """

    task: Task
    inputs: FloatArray
    targets: FloatArray
    mask: BoolArray
    required_state: MemoryArray
    outputs: FloatArray
    correct_steps: BoolArray
    metric: float
    gradient_norms: FloatArray
    last_step_gradient_norms: FloatArray
    linear_output: bool = False

    @property
    def predicted_bits(self) -> BoolArray:
        """The outputs, rounded to bits."""
        bits: BoolArray = self.outputs > 0.5
        return bits

    @property
    def confidence(self) -> FloatArray:
        """The probability of each predicted bit, ½ to 1, (time,)."""
        outputs = self.outputs.clip(0.0, 1.0)
        return outputs.clip(1 - outputs)

    @property
    def is_correct(self) -> bool:
        """Whether all predictions are correct."""
        return bool(self.correct_steps.all())

    @property
    def input_text(self) -> str:
        return self.task.format_input(self.inputs)

    @property
    def target_text(self) -> str:
        return self.task.format_output(self.inputs, self.targets)

    @property
    def predicted_text(self) -> str:
        return self.task.format_output(self.inputs, self.outputs)


@np.errstate(all="ignore")
def inspect_example(
    task: Task, model: Model, loss: Loss, batch: Batch, logits: FloatArray | None = None
) -> Example:
    """Return the prediction and gradients of `model` on a `batch` of one; no weight changes.

    `logits` (time, 1, 1), where given, replace those of the present weights: the prediction before
    the model was trained on this example.
    """
    trace = model.forward(batch.inputs)
    result = loss.compute(trace.logits if logits is None else logits.copy(), batch)
    outputs, metric = result.outputs.copy(), result.metric
    gradient = loss.compute(trace.logits, batch).gradient.copy()
    model.backward(trace, gradient)
    gradient_norms = _state_gradient_norms(trace)
    gradient[:-1] = 0.0
    model.backward(trace, gradient)
    mask = batch.loss_weights[:, 0, 0] > 0
    return Example(
        task=task,
        inputs=batch.inputs[:, 0],
        targets=batch.targets[:, 0, 0],
        mask=mask,
        required_state=task.required_state(batch.inputs)[:, 0],
        outputs=outputs[:, 0, 0],
        correct_steps=task.is_correct(outputs, 0.5, batch.targets)[:, 0, 0] | ~mask,
        metric=metric,
        gradient_norms=gradient_norms,
        last_step_gradient_norms=_state_gradient_norms(trace),
        linear_output=loss.linear_output,
    )


def first_valid(batch: Batch) -> tuple[Batch, int]:
    """Return the first sequence of `batch` with a target, as a batch of one, and its index."""
    index = int(np.argmax(batch.loss_weights.any(axis=(0, 2))))
    one = slice(index, index + 1)
    inputs, targets = (values[:, one].copy() for values in batch[:2])
    mask = (batch.loss_weights[:, one] > 0).astype(np.float64)
    return Batch(inputs, targets, mask, 1), index


def _state_gradient_norms(trace: ForwardCache) -> FloatArray:
    norms: FloatArray = np.sqrt(np.square(trace.state_gradients[:, 0]).sum(axis=1))
    return norms
