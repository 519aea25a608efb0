"""Chooses the example that is looked at: the newest one trained on, or one that is held still."""

from contextlib import suppress
from typing import final

from rnn_tui.config.settings import SettingsError
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.evaluation import EXAM_SEED
from rnn_tui.engine.gradient_check import gradient_check
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.xor import Xor
from rnn_tui.engine.trainer import Trainer
from rnn_tui.run.example import Example, look, one_of
from rnn_tui.run.output_grid import OutputMap, output_map

# Weights of a parameter whose gradient is checked on the screen: fewer in a net that takes long.
CHECKED, FEWEST = 300, 3
CHECK_WORK = 100_000_000  # multiplications of states by weights, for each of them


@final
class Viewer:
    """Looks at `trainer`'s net by a replica, so that looking leaves no trace in the training.

    `loss` is its own, alike to the trainer's. The viewer `before` hands on the inputs that it
    showed, as far as `task` can make something of them: 3 + 5 becomes 5 − 3. Where it can not, an
    example of the new task is shown until there is one that was trained on.
    """

    def __init__(
        self, task: Task, trainer: Trainer, loss: Loss, before: "Viewer | None" = None
    ) -> None:
        self._task, self._trainer, self._loss = task, trainer, loss
        self.replica = trainer.model.replica()
        self._held: Batch | None = self._solved_again(before._held) if before else None
        self._kept: Batch | None = self._solved_again(before._kept) if before else None
        if before and before._kept and not self._kept:
            self._kept, _ = one_of(task.sample_of(1, EXAM_SEED))

    @property
    def held(self) -> bool:
        return self._held is not None

    def hold(self, question: str = "") -> None:
        """Go on showing what `question` asks, or the example now on show; raises SettingsError."""
        if question:
            try:
                self._held = self._solved(self._task.read(question))
            except ValueError as reason:
                raise SettingsError(str(reason)) from None
        elif (example := self.example()) is not None:
            self._held = self._solved(example.inputs[:, None])

    def release(self) -> None:
        self._held = None

    def keep_showing(self) -> None:
        """Stay with the newest example until there is a newer one, though the trainer drops it."""
        example = self.example()
        if example is not None:
            self._kept = self._solved(example.inputs[:, None])

    @property
    def shown(self) -> FloatArray | None:
        """The inputs on show, (time, 1, features); None before there are any."""
        still = self._held or (self._kept if self._trainer.latest is None else None)
        if still is None and self._trainer.latest is not None:
            still, _ = one_of(self._trainer.latest.batch)
        return None if still is None else still.inputs

    def show(self, inputs: FloatArray | None) -> None:
        """Show `inputs` until there is something newer."""
        self._kept = None if inputs is None else self._solved(inputs)

    def hold_as(self, other: "Viewer") -> None:
        """Hold what `other` holds."""
        self._held = self._solved_again(other._held)

    def follow(self) -> None:
        """Give the replica the weights of the net as it is now."""
        self.replica.parameters.vector[:] = self._trainer.model.parameters.vector

    def example(self) -> Example | None:
        """Return the held example as the net answers it now, or else the newest one trained on.

        The newest is shown as the net answered it then, before it learnt from it; None before
        there is one. The gradients are those of the net as it is now.
        """
        latest = self._trainer.latest
        self.follow()
        still = self._held or (self._kept if latest is None else None)
        if still is not None:
            return look(self._task, self.replica, self._loss, still)
        if latest is None:
            return None
        batch, index = one_of(latest.batch)
        said = latest.trace.logits[:, index : index + 1]
        return look(self._task, self.replica, self._loss, batch, said)

    def output_map(self) -> OutputMap | None:
        """Return what the net says between the inputs of XOR; None for another task."""
        if not isinstance(self._task, Xor):
            return None
        self.follow()
        return output_map(self.replica, self._loss)

    def check_gradient(self) -> dict[str, float] | None:
        """Return the worst relative error of each parameter's gradient on the example on show.

        None before there is one. It looks at the replica: the run does not feel it.
        """
        example = self.example()
        if example is None:
            return None
        batch = self._solved(example.inputs[:, None])
        work = self._task.time * self.replica.parameters.vector.size
        return gradient_check(
            self.replica, self._loss, batch, max(FEWEST, min(CHECKED, CHECK_WORK // work))
        )

    def _solved(self, inputs: FloatArray) -> Batch:
        batch, _ = one_of(self._task.solve(inputs))
        return batch

    def _solved_again(self, batch: Batch | None) -> Batch | None:
        if batch is None or batch.inputs.shape[::2] != (self._task.time, self._task.inputs):
            return None
        for inputs in (batch.inputs, batch.inputs[:, :, ::-1]):
            with suppress(ValueError):
                return self._solved(self._task.read(_typed(self._task, inputs[:, 0])))
        return None


def _typed(task: Task, inputs: FloatArray) -> str:
    """Return the text that `task` reads as `inputs` (time, features), if it can ask that."""
    if task.lowest_first:
        return task.question(inputs)
    return " ".join("".join("01"[bit] for bit in row) for row in (inputs.T > 0.5).astype(int))
