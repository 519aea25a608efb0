"""Every model's backward passes the check, and a wrong one does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.gradient_check import SOUND, gradient_check
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS, UNITS, Elman
from rnn_tui.engine.models.base import Trace
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import random_batch, random_model

SIZES = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 2))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", MODELS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=SIZES, time=st.integers(1, 6), count=st.integers(1, 4))
def test_backward_is_the_derivative_of_forward(
    kind: str,
    units: str,
    bias: bool,
    loss: str,
    seed: int,
    sizes: tuple[int, int, int],
    time: int,
    count: int,
) -> None:
    model = random_model(seed, sizes, kind=kind, units=units, bias=bias)
    batch = random_batch(seed, time, count, sizes[0], sizes[2])
    worst = gradient_check(model, LOSSES[loss](), batch)
    assert set(worst) == set(model.parameters)
    assert max(worst.values()) < SOUND


@pytest.mark.parametrize("wrong", list(random_model(0, (1, 1, 1), bias=True).parameters))
def test_a_wrong_gradient_is_found_by_name(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right_backward = Elman.backward

    def backward(model: Elman, trace: Trace, logit_gradient: FloatArray) -> None:
        right_backward(model, trace, logit_gradient)
        model.gradient[wrong].flat[0] += 1e-4

    monkeypatch.setattr(Elman, "backward", backward)
    model = random_model(3, (2, 4, 1), bias=True)
    worst = gradient_check(model, LOSSES["cross-entropy"](), random_batch(4, 5, 2, 2, 1))
    assert [name for name, error in worst.items() if error > 1e-6] == [wrong]


def test_the_check_leaves_the_weights_as_they_were() -> None:
    model = random_model(5, (2, 4, 1))
    weights = model.parameters.vector.copy()
    gradient_check(model, LOSSES["cross-entropy"](), random_batch(6, 5, 2, 2, 1))
    assert np.array_equal(model.parameters.vector, weights)
