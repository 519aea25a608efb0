"""Update ratios are those of the trainer's own next step."""

import numpy as np
import pytest

from rnn_tui.analysis.update_ratios import update_ratios
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from tests.analysis.trained import Trained
from tests.engine.makers import make_trainer

REFERENCE = {  # means over examples
    0: {"input_weight": 3.9e-3, "output_weight": 3.3e-2, "recurrent_weight": 2.4e-3},
    10_000: {"input_weight": 1.4e-4, "output_weight": 1.8e-4, "recurrent_weight": 2.8e-4},
}


@pytest.mark.parametrize("step", REFERENCE)
def test_mean_ratios_of_default_recipe_equal_reference(step: int, trained: Trained) -> None:
    task, trainer = trained.task, make_trainer("addition", 8, 0.1)
    trainer.model.parameters.vector[:] = trained.weights[step]
    examples = task.fixed_sample(512, 1).inputs
    ratios = [
        update_ratios(trainer, task.batch_from_inputs(examples[:, index : index + 1]))
        for index in range(examples.shape[1])
    ]
    for name, expected in REFERENCE[step].items():
        mean = np.mean([row[name] for row in ratios])
        assert mean == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_ratios_equal_those_of_the_next_step(name: str) -> None:
    trainer = make_trainer("addition", 5, 0.05, optimizer=OPTIMIZERS[name])
    for _ in range(3):
        trainer.step()
    batch = TASKS["addition"](5).fixed_sample(4, 1)
    state = {key: values.copy() for key, values in trainer.optimizer_state.items()}
    weights = trainer.model.parameters
    before = {key: weights[key].copy() for key in weights}
    ratios = update_ratios(trainer, batch)
    assert all(np.array_equal(weights[key], before[key]) for key in weights)
    assert all(np.array_equal(trainer.optimizer_state[key], state[key]) for key in state)

    trainer.stream.next = lambda: batch  # type: ignore[method-assign]  # a known one
    trainer.step()
    for key, size in ratios.items():
        change = np.linalg.norm(weights[key] - before[key])
        assert size == pytest.approx(change / np.linalg.norm(before[key]), rel=1e-12)
