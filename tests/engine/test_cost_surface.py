"""The cost surface is the published one, and its gradient is its slope."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from tests.support.reference import load

REFERENCE = load("counting")
ROWS = np.array(REFERENCE["rows"], dtype=float)
SURFACE = CostSurface(ROWS.T, ROWS.sum(1))
weights = st.floats(-3, 3)


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("point", [REFERENCE["check"], *REFERENCE["points"]])
def test_cost_and_gradient_at_the_published_points(point: dict[str, Any]) -> None:
    wx, wrec = point["wx"], point["wrec"]
    assert float(SURFACE.cost(wx, wrec)) == near(point["cost"])
    assert [float(slope) for slope in SURFACE.gradient(wx, wrec)] == near(point["gradient"])


@pytest.mark.parametrize("point", REFERENCE["points"])
def test_gradient_over_time_at_the_published_points(point: dict[str, Any]) -> None:
    over_time = SURFACE.gradient_over_time(point["wx"], point["wrec"])
    assert over_time.tolist() == near(point["over_time"])


def test_the_six_points_are_those_of_the_figure() -> None:
    assert list(SIX_POINTS) == [(point["wx"], point["wrec"]) for point in REFERENCE["points"]]


def test_cost_over_a_grid() -> None:
    wx, wrec, cost = np.array(REFERENCE["grid"]).T
    assert SURFACE.cost(wx, wrec).tolist() == near(cost.tolist())
    axis = np.unique(wx)
    grid = SURFACE.cost(axis[:, None], axis)
    assert grid.ravel().tolist() == near(cost.tolist())


def test_the_cost_is_that_of_running_the_net_step_by_step() -> None:
    state = np.zeros(len(ROWS))
    for x in ROWS.T:
        state = x * -1.3 + state * 1.1
    cost = np.mean((state - ROWS.sum(1)) ** 2)
    assert float(SURFACE.cost(-1.3, 1.1)) == near(cost)


def test_counting_is_solved_by_two_ones() -> None:
    assert SURFACE.cost(1.0, 1.0) == 0
    assert [float(slope) for slope in SURFACE.gradient(1.0, 1.0)] == [0, 0]
    assert not SURFACE.gradient_over_time(1.0, 1.0).any()


@given(weights, weights)
def test_gradient_agrees_with_central_differences(wx: float, wrec: float) -> None:
    step = 1e-6
    found = SURFACE.gradient(wx, wrec)
    for slope, (dx, dr) in zip(found, ((step, 0.0), (0.0, step)), strict=True):
        above, below = SURFACE.cost(wx + dx, wrec + dr), SURFACE.cost(wx - dx, wrec - dr)
        rounding = 1e-15 * max(float(above), float(below), 1.0) / step
        difference = float(above - below) / (2 * step)
        assert float(slope) == pytest.approx(difference, rel=1e-5, abs=1e-4 + 100 * rounding)


@given(weights, weights)
def test_gradients_of_the_states_make_up_the_gradient_of_one_sequence(
    wx: float, wrec: float
) -> None:
    alone = CostSurface(ROWS[:1].T, ROWS[:1].sum(1))
    felt = alone.gradient_over_time(wx, wrec)[1:]  # ∂ξ/∂w_x = Σ_k ∂ξ/∂s_k x_k
    assert float(felt @ ROWS[0]) == pytest.approx(float(alone.gradient(wx, wrec)[0]), abs=1e-6)


def test_what_overflows_is_not_finite_and_makes_no_noise() -> None:
    assert not np.isfinite(SURFACE.cost(1e200, 1e200))
    assert not np.isfinite(SURFACE.gradient(1e200, 1e200)).any()
