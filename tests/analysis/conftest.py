"""The training run and the planted adder that all tests of analyses share."""

import pytest

from rnn_tui.engine.models import Elman, Model
from rnn_tui.engine.planted import PLANTED_SPEC, planted_adder
from tests.analysis.trained import Trained, train


@pytest.fixture(scope="session")
def trained() -> Trained:
    return train(0, range(0, 20_001, 1000))


@pytest.fixture
def planted() -> Model:
    model = Elman(PLANTED_SPEC)
    for name, values in planted_adder().items():
        model.parameters[name][...] = values
    return model
