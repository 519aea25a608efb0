"""The weights and optimizer state that a run returns to when training diverges."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.optimizers import OptimizerState
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.trainer import Trainer

ROLLBACK_INTERVAL_STEPS = 1000  # between two points, if training improves
MAX_LOSS_RATIO = 1.1  # to the loss of the latest point, above which there is no new one


@final
@dataclass(frozen=True, slots=True)
class RollbackPoint:
    """Weights and optimizer state after `step`; `mean_metric` is that of the last 100 steps."""

    step: int
    weights: FloatArray
    optimizer_state: OptimizerState
    mean_metric: float

    @classmethod
    def from_trainer(cls, trainer: Trainer, step: int, mean_metric: float) -> "RollbackPoint":
        """Return the point of the present weights and optimizer state of `trainer`, copied."""
        weights = trainer.model.parameters.vector.copy()
        return cls(step, weights, copy_optimizer_state(trainer), mean_metric)

    def restore(self, trainer: Trainer) -> None:
        """Set the weights and the optimizer state of `trainer`."""
        trainer.model.parameters.vector[:] = self.weights
        restore_optimizer_state(trainer, self.optimizer_state)

    def is_worse_than(self, trainer: Trainer, mean_metric: float) -> bool:
        """Return whether `trainer` has weights to return to instead: sound, and as good."""
        is_sound = not trainer.vanished_steps and np.isfinite(trainer.model.parameters.vector).all()
        return bool(is_sound and not mean_metric > MAX_LOSS_RATIO * self.mean_metric)


def copy_optimizer_state(trainer: Trainer) -> OptimizerState:
    """Return the optimizer state of `trainer`, copied."""
    return {name: values.copy() for name, values in trainer.optimizer_state.items()}


def restore_optimizer_state(trainer: Trainer, optimizer_state: OptimizerState) -> None:
    """Copy `optimizer_state` to `trainer`."""
    for name, values in trainer.optimizer_state.items():
        values[...] = optimizer_state[name]
