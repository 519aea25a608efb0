"""Every rule takes the steps that its paper and the common libraries take."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnn_tui.engine.optimizers import OPTIMIZERS, Optimizer
from rnn_tui.engine.parameters import FloatArray
from tests.reference import load

REFERENCE = load("optimizers")
FIELDS = {"eps": "epsilon"}  # a hyperparameter's name there, and here

# The point after steps 1, 2, 3 and 10 from (1, 1) down (x² + 25 y²) / 2, at a rate of 0.01.
PARABOLA = {
    "sgd": [
        (0.99, 0.75),
        (0.9801, 0.5625),
        (0.970299, 0.421875),
        (0.904382075009, 0.0563135147095),
    ],
    "momentum": [
        (0.99, 0.75),
        (0.9711, 0.3375),
        (0.944379, -0.118125),
        (0.621079112471, 0.342535031732),
    ],
    "adam": [
        (0.9900000001, 0.990000000004),
        (0.980002746096, 0.980002745904),
        (0.970010099529, 0.97001009924),
        (0.900349654514, 0.900349653539),
    ],
}


def descend(
    optimizer: Optimizer, start: FloatArray, rate: float, steps: int, curvature: FloatArray
) -> list[FloatArray]:
    """Return every point of a descent from `start` down Σ curvature · w² / 2."""
    state, point = optimizer.init(start.size), start
    path = [point]
    for _ in range(steps):
        point = point + optimizer.update(state, curvature * point, rate)
        path.append(point)
    return path


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name in REFERENCE["runs"]])
def test_the_path_is_that_of_the_reference(name: str) -> None:
    run, scale = REFERENCE["runs"][name], np.array(REFERENCE["scale"])
    hyperparameters: dict[str, Any] = dict(run["hyperparameters"])
    rate = hyperparameters.pop("lr")
    fields = {FIELDS.get(key, key): value for key, value in hyperparameters.items()}
    optimizer = replace(OPTIMIZERS[name], **fields)

    point = np.array(REFERENCE["start"])
    state = optimizer.init(point.size)
    for step, expected in enumerate(run["path"][1:], start=1):
        gradient = scale * point + 0.3 * np.cos(3 * point)
        point = point + optimizer.update(state, gradient, rate)
        np.testing.assert_allclose(point, expected, rtol=1e-9, err_msg=f"step {step}")


@pytest.mark.parametrize("name", PARABOLA)
def test_the_first_steps_down_a_parabola_are_known(name: str) -> None:
    path = descend(OPTIMIZERS[name], np.ones(2), 0.01, 10, np.array([1.0, 25.0]))
    for step, expected in zip((1, 2, 3, 10), PARABOLA[name], strict=True):
        np.testing.assert_allclose(path[step], expected, rtol=1e-11)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimizer_descends_at_its_default_rate(optimizer: Optimizer) -> None:
    path = descend(optimizer, np.ones(2), optimizer.default_rate, 1000, np.array([0.5, 5.0]))
    assert np.isfinite(path).all()
    assert np.abs(path[-1]).max() < 0.01


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_two_states_of_one_optimizer_know_nothing_of_each_other(optimizer: Optimizer) -> None:
    gradients = np.random.RandomState(0).standard_normal((20, 2, 3))
    states = [optimizer.init(3), optimizer.init(3)]
    together = [
        [optimizer.update(state, gradient.copy(), 0.1).copy() for state, gradient in pair]
        for pair in (zip(states, both, strict=True) for both in gradients)
    ]
    for which in (0, 1):
        state = optimizer.init(3)
        alone = [optimizer.update(state, g.copy(), 0.1).copy() for g in gradients[:, which]]
        assert np.array_equal(alone, [steps[which] for steps in together])


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_gradient_of_zero_from_the_start_moves_nothing(optimizer: Optimizer) -> None:
    path = descend(optimizer, np.zeros(2), 1.0, 3, np.ones(2))
    assert not np.any(path)
