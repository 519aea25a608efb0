"""One example with the model's prediction and gradients, as the bit grid displays them."""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import StateArray

BoolArray = npt.NDArray[np.bool_]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One sequence; every array is (time,), but the inputs are (time, features).

    mask                        whether the step has a target
    required_state              what the target depends on from earlier steps, such as a carry
    outputs                     ŷ: probabilities of a 1, or any numbers with a linear output
    linear_output               as in `Loss`; confidence is defined without it only
    before_update               whether outputs are of the weights before they were trained on it
    correct_steps               whether the prediction is correct; true where there is no target
    metric                      the figure by which the loss is reported
    gradient_norms              ‖∂L/∂h_k‖, L the loss over all steps
    last_step_gradient_norms    ‖∂L_T/∂h_k‖, L_T the loss of the last step alone
    cell_gradient_norms         ‖∂L_T/∂c_k‖ for a model with a memory cell, None for others
    """

    task: Task
    inputs: FloatArray
    targets: FloatArray
    mask: BoolArray
    required_state: StateArray
    outputs: FloatArray
    correct_steps: BoolArray
    metric: float
    gradient_norms: FloatArray
    last_step_gradient_norms: FloatArray
    cell_gradient_norms: FloatArray | None
    linear_output: bool = False
    before_update: bool = False

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
    def n_incorrect_steps(self) -> int:
        return int((~self.correct_steps).sum())

    @property
    def is_answer_correct(self) -> bool:
        """Whether `predicted_text` is correct, which may depend on the last time step alone."""
        return self.is_correct or self.predicted_text == self.target_text

    @property
    def input_text(self) -> str:
        """The inputs as the task formats them, such as 81 + 113."""
        return self.task.format_input(self.inputs)

    @property
    def target_text(self) -> str:
        """The targets as the task formats them, such as 194."""
        return self.task.format_output(self.inputs, self.targets)

    @property
    def predicted_text(self) -> str:
        """The outputs as the task formats them."""
        return self.task.format_output(self.inputs, self.outputs)


@np.errstate(all="ignore")
def inspect_example(
    task: Task, model: Model, loss: Loss, batch: Batch, logits: FloatArray | None = None
) -> Example:
    """Return the prediction and gradients of `model` on a `batch` of one; no weight changes.

    `logits` (time, 1, 1), where given, replace those of the present weights: the prediction before
    the model was trained on this example.
    """
    cache = model.forward(batch.inputs)
    result = loss.compute(cache.logits if logits is None else logits.copy(), batch)
    outputs, metric = result.outputs.copy(), result.metric
    gradient = loss.compute(cache.logits, batch).gradient.copy()
    model.backward(cache, gradient)
    gradient_norms = _norms(cache.state_gradients)
    gradient[:-1] = 0.0
    model.backward(cache, gradient)
    cell_gradients = model.cell_gradients(cache)
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
        last_step_gradient_norms=_norms(cache.state_gradients),
        cell_gradient_norms=None if cell_gradients is None else _norms(cell_gradients),
        linear_output=loss.linear_output,
        before_update=logits is not None,
    )


def first_valid(batch: Batch) -> tuple[Batch, int]:
    """Return the first sequence of `batch` with a target, as a batch of one, and its index."""
    index = int(np.argmax(batch.loss_weights.any(axis=(0, 2))))
    one = slice(index, index + 1)
    inputs, targets = (values[:, one].copy() for values in batch[:2])
    mask = (batch.loss_weights[:, one] > 0).astype(np.float64)
    return Batch(inputs, targets, mask, 1), index


def _norms(gradients: FloatArray) -> FloatArray:
    """Return the norm at each time step of the first sequence, (time,)."""
    norms: FloatArray = np.sqrt(np.square(gradients[:, 0]).sum(axis=1))
    return norms
