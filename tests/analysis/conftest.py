"""The training run and the planted adder that all tests of analyses share."""

from collections.abc import Callable

import pytest

from rnn_tui.analysis.planted import PLANTED_SPEC, planted_adder
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.engine.models import Elman, Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.run import Run
from tests.analysis.trained import Trained, train

STEPS = range(0, 10_001, 1_000)

ModelAt = Callable[[int], Model]


@pytest.fixture(scope="session")
def trained() -> Trained:
    return train(0, range(0, 20_001, 1000))


@pytest.fixture
def planted() -> Model:
    model = Elman(PLANTED_SPEC)
    for name, values in planted_adder().items():
        model.parameters[name][...] = values
    return model


@pytest.fixture(scope="session")
def weights_by_step() -> dict[int, FloatArray]:
    """The weights of the default recipe at STEPS."""
    run, weights = Run(RECIPES[DEFAULT_RECIPE].settings), {}
    for step in STEPS:
        run.advance(step - run.step)
        weights[step] = run.trainer.model.parameters.vector.copy()
    return weights


@pytest.fixture(scope="session")
def default_run() -> Run:
    """The run of the default recipe at step 0, for its task and its loss; not to be advanced."""
    return Run(RECIPES[DEFAULT_RECIPE].settings)


@pytest.fixture(scope="session")
def model_at(default_run: Run, weights_by_step: dict[int, FloatArray]) -> ModelAt:
    """Returns a model of the default recipe as trained for a number of steps in STEPS."""

    def at(step: int) -> Model:
        model = default_run.trainer.model.clone_architecture()
        model.parameters.vector[:] = weights_by_step[step]
        return model

    return at
