"""Selects the example that is displayed: the newest training example, or a pinned one."""

from contextlib import suppress
from typing import final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.gradient_check import gradient_check
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import ForwardCache
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import EVAL_SEED
from rnn_tui.engine.trainer import Trainer
from rnn_tui.run.example import Example, first_valid, inspect_example
from rnn_tui.run.output_grid import OutputGrid, compute_output_grid

# Weights of a parameter whose gradient is checked: fewer in a large model.
MAX_CHECKED_WEIGHTS, MIN_CHECKED_WEIGHTS = 300, 3
MAX_CHECK_MULTIPLICATIONS = 100_000_000  # of states by weights, for each of them


@final
class ExampleInspector:
    """Runs a copy of the trainer's model, so that inspection does not affect training.

    `loss` must not be the trainer's own. The example of the `previous` inspector is adapted to
    `task` where that is possible: 3 + 5 becomes 5 − 3. Else an example of the new task is displayed
    until there is a training example.
    """

    def __init__(
        self, task: Task, trainer: Trainer, loss: Loss, previous: "ExampleInspector | None" = None
    ) -> None:
        self._task, self._trainer, self._loss = task, trainer, loss
        self.model_copy = trainer.model.clone_architecture()
        self._pinned: Batch | None = self._adapt_example(previous._pinned) if previous else None
        self._frozen: Batch | None = self._adapt_example(previous._frozen) if previous else None
        if previous and previous._frozen and not self._frozen:
            self._frozen, _ = first_valid(task.fixed_sample(1, EVAL_SEED))

    @property
    def is_pinned(self) -> bool:
        """Whether an example is pinned."""
        return self._pinned is not None

    def pin(self, input_text: str = "") -> None:
        """Pin the example of `input_text`, or else the displayed one; raises UserError."""
        if input_text:
            self._pinned = self._example_from_inputs(self._parse_input(input_text))
        elif (example := self.example()) is not None:
            self._pinned = self._example_from_inputs(example.inputs[:, None])

    def unpin(self) -> None:
        """Display the newest training example again."""
        self._pinned = None

    def freeze(self) -> None:
        """Keep the displayed example until there is a newer one, though the trainer drops it."""
        example = self.example()
        if example is not None:
            self._frozen = self._example_from_inputs(example.inputs[:, None])

    @property
    def shown_inputs(self) -> FloatArray | None:
        """The inputs displayed (time, 1, features); None before there are any."""
        fixed_example = self._pinned or (
            self._frozen if self._trainer.last_result is None else None
        )
        if fixed_example is None and self._trainer.last_result is not None:
            fixed_example, _ = first_valid(self._trainer.last_result.batch)
        return None if fixed_example is None else fixed_example.inputs

    def show_inputs(self, inputs: FloatArray | None) -> None:
        """Display `inputs` until there is a newer example."""
        self._frozen = None if inputs is None else self._example_from_inputs(inputs)

    @property
    def pinned_example(self) -> Batch | None:
        """The pinned example as a batch of one; None if none is."""
        return self._pinned

    def pin_adapted(self, example: Batch | None) -> None:
        """Pin `example`, perhaps of another task, if this task has such an example; else unpin."""
        self._pinned = self._adapt_example(example)

    def sync_weights(self) -> None:
        """Copy the present weights to the model copy."""
        self.model_copy.parameters.vector[:] = self._trainer.model.parameters.vector

    def _parse_input(self, input_text: str) -> FloatArray:
        try:
            return self._task.parse_input(input_text)
        except ValueError as reason:
            raise UserError(str(reason)) from None

    @np.errstate(all="ignore")  # weights may overflow
    def forward(self, input_text: str) -> tuple[FloatArray, ForwardCache]:
        """Return the inputs of a text (time, 1, features), and the forward pass over them.

        Raises UserError where the task cannot read the text.
        """
        inputs = self._parse_input(input_text)
        self.sync_weights()
        return inputs, self.model_copy.forward(inputs)

    def example(self) -> Example | None:
        """Return the pinned example, or else the newest training example; None before there is one.

        A pinned example has the prediction of the present weights, a training example that of the
        weights before its step. The gradients are those of the present weights.
        """
        latest = self._trainer.last_result
        self.sync_weights()
        fixed_example = self._pinned or (self._frozen if latest is None else None)
        if fixed_example is not None:
            return inspect_example(self._task, self.model_copy, self._loss, fixed_example)
        if latest is None:
            return None
        batch, index = first_valid(latest.batch)
        predicted_logits = latest.cache.logits[:, index : index + 1]
        return inspect_example(self._task, self.model_copy, self._loss, batch, predicted_logits)

    def output_grid(self) -> OutputGrid | None:
        """Return the outputs over the unit square of inputs; None for a task without that grid."""
        if not self._task.has_output_grid:
            return None
        self.sync_weights()
        return compute_output_grid(self._task, self.model_copy, self._loss)

    def check_gradient(self) -> dict[str, float] | None:
        """Return the worst relative error of each parameter's gradient on the displayed example.

        None before there is one. The model copy is used: the run is not affected.
        """
        example = self.example()
        if example is None:
            return None
        batch = self._example_from_inputs(example.inputs[:, None])
        multiplications = self._task.sequence_length * self.model_copy.parameters.vector.size
        return gradient_check(
            self.model_copy,
            self._loss,
            batch,
            max(
                MIN_CHECKED_WEIGHTS,
                min(MAX_CHECKED_WEIGHTS, MAX_CHECK_MULTIPLICATIONS // multiplications),
            ),
        )

    def _example_from_inputs(self, inputs: FloatArray) -> Batch:
        batch, _ = first_valid(self._task.batch_from_inputs(inputs))
        return batch

    def _adapt_example(self, batch: Batch | None) -> Batch | None:
        if batch is None or batch.inputs.shape[::2] != (
            self._task.sequence_length,
            self._task.inputs,
        ):
            return None
        for inputs in (batch.inputs, batch.inputs[:, :, ::-1]):
            with suppress(ValueError):
                return self._example_from_inputs(
                    self._task.parse_input(_format_input(self._task, inputs[:, 0]))
                )
        return None


def _format_input(task: Task, inputs: FloatArray) -> str:
    """Return the text that `task` parses as `inputs` (time, features), where there is one."""
    if task.lsb_first:
        return task.format_input(inputs)
    return " ".join("".join("01"[bit] for bit in row) for row in (inputs.T > 0.5).astype(int))
