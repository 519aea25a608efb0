"""The training run that all tests of analyses share."""

import pytest

from tests.analysis.trained import Trained, train


@pytest.fixture(scope="session")
def trained() -> Trained:
    return train(0, range(0, 20_001, 1000))
