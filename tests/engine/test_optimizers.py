"""Every optimizer takes the steps of its paper and of PyTorch."""

from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest

from rnn_tui.engine.optimizers import (
    HYPERPARAMETERS,
    OPTIMIZERS,
    Optimizer,
    hyperparameters_of,
)
from rnn_tui.engine.optimizers.adaptive import AdamW, RMSprop
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import Check, check_name
from tests.support.reference import load

REFERENCE = load("optimizers")
FIELDS = {
    "eps": "epsilon",
    "weight_decay": "decoupled_weight_decay",
    "decay": "rho",
}  # hyperparameters by their names in the reference

# The point after steps 1, 2, 3 and 10 from (1, 1) on (x² + 25 y²) / 2, at a learning rate of 0.01.
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
    "nesterov": [
        (0.981, 0.525),
        (0.954261, 0.073125),
        (0.920893941, -0.250171875),
        (0.582611114812, 0.123498924751),
    ],
    "nesterov-ahead": [
        (0.99, 0.75),
        (0.97119, 0.39375),
        (0.94471839, 0.05484375),
        (0.629956452437, 0.0558437432589),
    ],
    "rmsprop": [
        (0.90000001, 0.9000000004),
        (0.832917975265, 0.832917961259),
        (0.779982281982, 0.779982265204),
        (0.549891131713, 0.54989110742),
    ],
    "rprop": [(0.99, 0.99), (0.978, 0.978), (0.9636, 0.9636), (0.74041317888, 0.74041317888)],
    "rprop-tutorial": [
        (0.995, 0.995),
        (0.989, 0.989),
        (0.9818, 0.9818),
        (0.87020658944, 0.87020658944),
    ],
    "adamw": [
        (0.9899000001, 0.989900000004),
        (0.979803784976, 0.979803784783),
        (0.96971323538, 0.96971323509),
        (0.899398698784, 0.899398697809),
    ],
    "adam": [
        (0.9900000001, 0.990000000004),
        (0.980002746096, 0.980002745904),
        (0.970010099529, 0.97001009924),
        (0.900349654514, 0.900349653539),
    ],
}


def descend(
    optimizer: Optimizer, start: FloatArray, learning_rate: float, steps: int, curvature: FloatArray
) -> list[FloatArray]:
    """Return the path of a descent from `start` on Σ curvature · w² / 2."""
    state, point = optimizer.init_state(start.size), start
    path = [point]
    for _ in range(steps):
        lookahead = optimizer.lookahead_step(state)
        point = point if lookahead is None else point + lookahead
        point = point - optimizer.update(state, curvature * point, point, learning_rate)
        path.append(point)
    return path


@pytest.mark.parametrize("name", REFERENCE["runs"])
def test_path_matches_pytorch(name: str) -> None:
    run, scale = REFERENCE["runs"][name], np.array(REFERENCE["scale"])
    hyperparameters: dict[str, Any] = dict(run["hyperparameters"])
    learning_rate = hyperparameters.pop("lr")
    fields = {FIELDS.get(key, key): value for key, value in hyperparameters.items()}
    optimizer = replace(OPTIMIZERS[name], **fields)

    point = np.array(REFERENCE["start"])
    state = optimizer.init_state(point.size)
    for step, expected in enumerate(run["path"][1:], start=1):
        gradient = scale * point + 0.3 * np.cos(3 * point)
        point = point - optimizer.update(state, gradient, point, learning_rate)
        np.testing.assert_allclose(point, expected, rtol=1e-9, err_msg=f"step {step}")


@pytest.mark.parametrize("name", PARABOLA)
def test_first_steps_on_a_parabola(name: str) -> None:
    path = descend(OPTIMIZERS[name], np.ones(2), 0.01, 10, np.array([1.0, 25.0]))
    for step, expected in zip((1, 2, 3, 10), PARABOLA[name], strict=True):
        np.testing.assert_allclose(path[step], expected, rtol=1e-11)


def check_title_is_the_readable_name(name: str) -> None:
    assert OPTIMIZERS[name].title.lower().replace(" ", "-") == name


def check_default_learning_rate_converges(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    path = descend(optimizer, np.ones(2), optimizer.default_lr, 1000, np.array([0.5, 5.0]))
    assert np.isfinite(path).all()
    assert np.abs(path[-1]).max() < 0.01


def check_steps_scale_with_gradient_as_declared(name: str) -> None:
    optimizer, gradients = OPTIMIZERS[name], np.random.RandomState(0).standard_normal((3, 4))
    state, scaled_state, linear = optimizer.init_state(4), optimizer.init_state(4), []
    for gradient in gradients:
        optimizer.lookahead_step(state)
        optimizer.lookahead_step(scaled_state)
        step = optimizer.update(state, gradient.copy(), np.zeros(4), 0.1)
        scaled_step = optimizer.update(scaled_state, 10 * gradient, np.zeros(4), 0.1)
        linear.append(np.allclose(10 * step, scaled_step))
    assert all(linear) == optimizer.scales_with_gradient


def check_states_are_independent(name: str) -> None:
    optimizer = OPTIMIZERS[name]
    gradients = np.random.RandomState(0).standard_normal((20, 2, 3))
    states = [optimizer.init_state(3), optimizer.init_state(3)]
    together = [
        [
            optimizer.update(state, gradient.copy(), np.ones(3), 0.1).copy()
            for state, gradient in pair
        ]
        for pair in (zip(states, both, strict=True) for both in gradients)
    ]
    for which in (0, 1):
        state = optimizer.init_state(3)
        alone = [
            optimizer.update(state, g.copy(), np.ones(3), 0.1).copy() for g in gradients[:, which]
        ]
        assert np.array_equal(alone, [steps[which] for steps in together])


def check_zero_gradients_leave_the_weights(name: str) -> None:
    drift = 1e-6 if name == "rmsprop-drift" else 0.0  # its bug
    optimizer = OPTIMIZERS[name]
    state = optimizer.init_state(2)
    for _ in range(3):
        step = optimizer.update(state, np.zeros(2), np.zeros(2), 1.0)
        assert step.tolist() == [drift, drift]


def test_rmsprop_with_momentum_matches_pytorch() -> None:
    optimizer = RMSprop(momentum=0.9)
    path = descend(optimizer, np.ones(2), 0.01, 10, np.array([1.0, 25.0]))
    known = {
        1: (0.90000001, 0.9000000004),
        2: (0.742917984265, 0.742917961619),
        3: (0.552914953234, 0.552914916744),
        10: (-0.535857188718, -0.535857230957),
    }
    for step, expected in known.items():
        np.testing.assert_allclose(path[step], expected, rtol=1e-11)


def quotient_2015(rate: float, gradient: float, square: float, epsilon: float) -> float:
    return rate * gradient / sqrt(square + epsilon)


def quotient_2018(rate: float, gradient: float, square: float, epsilon: float) -> float:
    return rate * gradient / sqrt(square) + epsilon


@pytest.mark.parametrize("epsilon", [1e-6, 1e-3])
@pytest.mark.parametrize(
    ("name", "quotient"), [("rmsprop-ahead", quotient_2015), ("rmsprop-drift", quotient_2018)]
)
def test_rmsprop_of_the_tutorial_matches_scalar_program(
    name: str, quotient: Callable[..., float], epsilon: float
) -> None:
    decay, momentum, rate, curvature = 0.5, 0.8, 0.05, np.array([1.0, 25.0])
    given: Any = {"epsilon": epsilon}
    path = descend(replace(OPTIMIZERS[name], **given), np.ones(2), rate, 20, curvature)
    for place in (0, 1):
        weight, velocity, square = 1.0, 0.0, 0.0
        for step in range(1, 21):
            weight += momentum * velocity
            gradient = float(curvature[place]) * weight
            square = decay * square + (1 - decay) * gradient**2
            move = quotient(rate, gradient, square, epsilon)
            velocity = momentum * velocity - move
            weight -= move
            np.testing.assert_allclose(path[step][place], weight, rtol=1e-11)


def check_hyperparameters_are_in_the_table_and_within_limits(name: str) -> None:
    rows = OPTIMIZERS[name].hyperparameters()
    assert rows.keys() == hyperparameters_of(name).keys()
    for field, value in hyperparameters_of(name).items():
        assert HYPERPARAMETERS[field] == rows[field]  # one meaning for every optimizer
        assert rows[field].minimum <= value < rows[field].upper_bound


def check_every_hyperparameter_changes_the_path(name: str) -> None:
    optimizer, curvature = OPTIMIZERS[name], np.array([0.5, 5.0])
    path = descend(optimizer, np.ones(2), 0.1, 30, curvature)
    for field, row in optimizer.hyperparameters().items():
        changed: Any = {field: row.minimum + 0.02}
        assert not np.array_equal(
            path, descend(replace(optimizer, **changed), np.ones(2), 0.1, 30, curvature)
        ), field


CHECKS: list[Check] = [
    check_title_is_the_readable_name,
    check_default_learning_rate_converges,
    check_steps_scale_with_gradient_as_declared,
    check_states_are_independent,
    check_zero_gradients_leave_the_weights,
    check_hyperparameters_are_in_the_table_and_within_limits,
    check_every_hyperparameter_changes_the_path,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str, check: Check) -> None:
    check(name)


def test_hyperparameters_are_in_the_order_of_the_optimizers() -> None:
    names = [field for name in OPTIMIZERS for field in hyperparameters_of(name)]
    assert list(HYPERPARAMETERS) == list(dict.fromkeys(names))


def test_decoupled_weight_decay_is_added_to_the_step_of_adam() -> None:
    rate, weights, gradient = 0.05, np.array([2.0, -3.0]), np.array([0.5, 0.1])
    steps = {
        decay: AdamW(decoupled_weight_decay=decay).update(
            AdamW().init_state(2), gradient.copy(), weights, rate
        )
        for decay in (0.0, 0.2)
    }
    adam = OPTIMIZERS["adam"]
    plain = adam.update(adam.init_state(2), gradient.copy(), weights, rate)
    assert np.array_equal(steps[0.0], plain)
    np.testing.assert_allclose(steps[0.2], plain + rate * 0.2 * weights, rtol=1e-12)
