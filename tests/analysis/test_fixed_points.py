"""Newton's method finds all fixed points of known systems and of the default recipe's model."""

from collections import Counter
from math import inf

import numpy as np
import pytest

from rnn_tui.analysis.fixed_points import (
    FixedPoint,
    find_fixed_points,
    retention,
    starts_near,
)
from rnn_tui.analysis.machine import binary_symbols
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.analysis.transition import Transition, transition_of
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.planted import CARRY_UNIT
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.bit_sequences import all_bits
from tests.analysis.trained import Trained
from tests.engine.makers import random_model

ROOT = 0.9575040240772688  # of h = tanh(2 h)


def autonomous(recurrent_weight: FloatArray, activation: str = "tanh") -> Transition:
    """Return the transition h' = activation(h W), with an input that has no effect."""
    model = MODELS["elman"](ModelSpec(1, len(recurrent_weight), 1, activation=activation))
    model.parameters["recurrent_weight"][...] = recurrent_weight
    return transition_of(model)


def points_of(transition: Transition, count: int = 300) -> list[FixedPoint]:
    starts = np.random.RandomState(0).uniform(-1.2, 1.2, (count, transition.size))
    return find_fixed_points(transition, np.zeros(transition.inputs), starts)


RINGS: dict[int, list[list[float]]] = {
    2: [[-0.9575040, 0.9575040]],
    3: [[-0.9497957, 0.4255023, 0.8798940]],
    4: [
        [0.9628919, 0.5252352, -0.9628919, -0.5252352],
        [0.7755163, -0.7755163, 0.7755163, -0.7755163],
        [0.8772631, -0.5696962, 0.3397450, -0.7896477],
        [0.3397450, -0.7896477, 0.8772631, -0.5696962],
    ],
}
EIGENVALUES_AT_ZERO = {
    2: [2.0, 0.0],
    3: [1.732051, 1.732051, 0.0],
    4: [1.885618, 1.885618, 1.333333, 0.0],
}


@pytest.mark.parametrize("size", RINGS)
def test_tanh_ring_has_all_its_fixed_points(size: int) -> None:
    steps = np.linspace(-1, 1, size)
    points = points_of(autonomous(np.array([-np.roll(steps, -i) for i in range(size)])))
    expected = [np.zeros(size)] + [
        sign * np.array(point) for point in RINGS[size] for sign in (1, -1)
    ]
    assert len(points) == len(expected)
    for state in expected:
        nearest = min(points, key=lambda point: float(np.abs(point.state - state).max()))
        np.testing.assert_allclose(nearest.state, state, atol=1e-7)
        if not state.any():
            sizes = np.abs(nearest.eigenvalues)
            np.testing.assert_allclose(sizes, EIGENVALUES_AT_ZERO[size], atol=1e-6)


def test_uncoupled_units_have_three_to_the_power_n_points() -> None:
    points = points_of(autonomous(2 * np.eye(3)), 2000)
    assert Counter(point.n_unstable for point in points) == {0: 8, 1: 12, 2: 6, 3: 1}
    assert Counter(point.kind for point in points) == {"stable": 8, "saddle": 18, "unstable": 1}
    coordinates = np.abs([point.state for point in points])
    np.testing.assert_allclose(coordinates, np.where(coordinates > 0.5, ROOT, 0), atol=1e-12)


def test_memory_time_is_that_of_a_decaying_deviation() -> None:
    (point,) = points_of(autonomous(np.array([[0.9]])))
    assert point.spectral_radius == pytest.approx(0.9)
    assert point.memory_time == pytest.approx(9.491, abs=1e-3)


def test_relu_units_with_a_continuum_of_fixed_points_give_no_error() -> None:
    assert len(points_of(autonomous(np.eye(2), "relu"))) > 10


@pytest.mark.parametrize("weight", [1e200, np.inf, np.nan])
def test_overflowing_weights_give_no_point_but_zero(weight: float) -> None:
    points = points_of(autonomous(np.full((2, 2), weight), "relu"), 20)
    assert [point.state.tolist() for point in points] == [[0, 0]] * int(np.isfinite(weight))


@pytest.mark.parametrize(
    ("eigenvalues", "verdict", "time_steps"),
    [([0.97], "limited", 32.83), ([0.2], "not", 0.62), ([0.0], "not", 0.0)],
)
def test_single_attractor_keeps_a_state_for_its_memory_time(
    eigenvalues: list[complex], verdict: str, time_steps: float
) -> None:
    point = FixedPoint(np.zeros(1), np.ones(1), np.array(eigenvalues, dtype=complex))
    other = FixedPoint(np.ones(1), -np.ones(1), point.eigenvalues)
    kept = retention({1: [point], 2: [point, other]}, 0.0)
    assert kept is not None
    assert kept.verdict == verdict
    assert kept.time_steps == pytest.approx(time_steps, abs=0.01)
    assert kept.by_symbol[2] == inf


# Kind, output and spectral radius under each input, by output.
DEFAULT_POINTS = {
    (0, 0): [("stable", 0.0025, 0.586)],
    (0, 1): [("stable", 0.1177, 0.773), ("saddle", 0.683, 1.162), ("stable", 0.9832, 0.504)],
    (1, 0): [("stable", 0.1602, 0.970), ("saddle", 0.2313, 1.028), ("stable", 0.9895, 0.714)],
    (1, 1): [("stable", 0.9285, 0.254)],
}


@pytest.mark.parametrize("n_starts", [256, 3000])
@pytest.mark.parametrize("inputs", DEFAULT_POINTS)
def test_default_recipe_has_reference_fixed_points(
    inputs: tuple[int, int], n_starts: int, trained: Trained
) -> None:
    transition = transition_of(trained.model(10_000))
    starts = starts_near(visited_states(transition), n_starts)
    points = find_fixed_points(transition, np.array(inputs, dtype=float), starts)
    expected = DEFAULT_POINTS[inputs]
    assert [point.kind for point in points] == [kind for kind, *_ in expected]
    for point, (_, output, rho) in zip(points, expected, strict=True):
        predicted = trained.loss.outputs(point.logits)
        assert float(predicted[0]) == pytest.approx(output, abs=6e-5)
        assert point.spectral_radius == pytest.approx(rho, abs=6e-4)


@pytest.mark.parametrize("inputs", [(0.0, 1.0), (1.0, 0.0)])
def test_planted_adder_has_a_saddle_that_no_state_comes_near(
    inputs: tuple[float, float], planted: Model
) -> None:
    transition = transition_of(planted)
    starts = starts_near(visited_states(transition))
    points = find_fixed_points(transition, np.array(inputs), starts)
    assert [point.kind for point in points] == ["stable", "saddle", "stable"]
    carries = [float(point.state[CARRY_UNIT]) for point in points]
    assert carries == pytest.approx([1 - 4.54e-5, 0.5, 4.54e-5], abs=1e-7)
    assert points[1].spectral_radius == pytest.approx(5.0)


def visited_states(transition: Transition) -> FloatArray:
    examples = TASKS["addition"](8).fixed_sample(512, 0)
    return transition.trajectory(examples.inputs).reshape(-1, transition.size)


@pytest.mark.parametrize(
    ("step", "verdict"), [(0, "limited"), (8_000, "limited"), (10_000, "for ever")]
)
def test_verdict_states_how_long_a_carry_is_kept(step: int, verdict: str, trained: Trained) -> None:
    transition, adder = transition_of(trained.model(step)), task_machine(trained.task)
    assert adder is not None
    symbols, starts = adder.holding_symbols, starts_near(visited_states(transition))
    assert binary_symbols(2)[symbols].tolist() == [[0, 1], [1, 0]]
    kept = retention(
        {s: find_fixed_points(transition, binary_symbols(2)[s], starts) for s in symbols},
        trained.loss.threshold,
    )
    assert kept is not None
    assert kept.verdict == verdict
    assert (kept.time_steps == inf) == (verdict == "for ever")


@pytest.mark.parametrize(("weight", "n_points"), [(2.0, 8), (-2.0, 0)])
def test_stable_points_are_where_states_settle(weight: float, n_points: int) -> None:
    """h' = tanh(2 h) has a stable point for each pattern of signs, h' = tanh(-2 h) two cycles."""
    transition = autonomous(weight * np.eye(3))
    settling = 0.5 * (2 * all_bits(1, 3)[0] - 1)
    points = find_fixed_points(transition, np.zeros(1), np.empty((0, 3)), settling)
    assert [point.kind for point in points] == ["stable"] * n_points
    found = np.array([point.state for point in points]).reshape(-1, 3)
    np.testing.assert_allclose(np.abs(found), ROOT, atol=1e-9)
    assert len(np.unique(np.sign(found), axis=0)) == n_points


def test_verdict_is_unknown_without_an_attractor() -> None:
    kept = retention({1: [], 2: []}, 0.0)
    assert kept is not None
    assert kept.verdict == "unknown"


def test_task_without_holding_input_has_no_verdict() -> None:
    times_three = task_machine(TASKS["times-three"](8))
    assert times_three is not None
    assert times_three.holding_symbols == []
    assert retention({}, 0.0) is None


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_points_of_gated_models_are_fixed(kind: str) -> None:
    transition = transition_of(random_model(4, (2, 3, 1), kind=kind))
    points = points_of(transition)
    states = np.array([point.state for point in points])
    assert 0 < len(states) < 20
    after = transition.step(states, np.zeros((len(states), 2)))
    np.testing.assert_allclose(after, states, atol=1e-9)
    assert (np.abs(states[:, :3]) <= 1).all()
