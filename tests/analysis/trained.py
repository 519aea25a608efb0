"""Models of the default recipe after given steps, trained once for all tests that use them."""

from dataclasses import dataclass
from typing import final

from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.run.run import Run
from tests.support.makers import settings_with


@final
@dataclass(frozen=True, eq=False)
class Trained:
    """The task and loss of the default recipe, and the weights by step."""

    task: Task
    loss: Loss
    architecture: Model
    weights: dict[int, FloatArray]

    def model(self, step: int) -> Model:
        """Return the model after `step` steps."""
        model = self.architecture.clone_architecture()
        model.parameters.vector[:] = self.weights[step]
        return model


def train(seed: int, steps: range) -> Trained:
    """Return the models of the default recipe at `steps`."""
    run = Run(settings_with(seed=seed))
    weights = {}
    for step in steps:
        run.advance(step - run.step)
        weights[step] = run.trainer.model.parameters.vector.copy()
    return Trained(run.task, run.settings.make_loss(), run.trainer.model, weights)
