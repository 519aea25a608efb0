"""The cost surface matches the published values and finite differences."""

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


def approx(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("point", [REFERENCE["check"], *REFERENCE["points"]])
def test_cost_and_gradient_at_published_points(point: dict[str, Any]) -> None:
    wx, wrec = point["wx"], point["wrec"]
    assert float(SURFACE.cost(wx, wrec)) == approx(point["cost"])
    assert [float(partial) for partial in SURFACE.gradient(wx, wrec)] == approx(point["gradient"])


@pytest.mark.parametrize("point", REFERENCE["points"])
def test_gradient_over_time_at_published_points(point: dict[str, Any]) -> None:
    over_time = SURFACE.gradient_over_time(point["wx"], point["wrec"])
    assert over_time.tolist() == approx(point["over_time"])


def test_six_points_are_those_of_the_figure() -> None:
    assert list(SIX_POINTS) == [(point["wx"], point["wrec"]) for point in REFERENCE["points"]]


def test_cost_broadcasts_over_a_grid() -> None:
    wx, wrec, cost = np.array(REFERENCE["grid"]).T
    assert SURFACE.cost(wx, wrec).tolist() == approx(cost.tolist())
    axis = np.unique(wx)
    grid = SURFACE.cost(axis[:, None], axis)
    assert grid.ravel().tolist() == approx(cost.tolist())


def test_cost_equals_running_the_model_step_by_step() -> None:
    state = np.zeros(len(ROWS))
    for x in ROWS.T:
        state = x * -1.3 + state * 1.1
    cost = np.mean((state - ROWS.sum(1)) ** 2)
    assert float(SURFACE.cost(-1.3, 1.1)) == approx(cost)


def test_minimum_is_at_weights_of_one() -> None:
    assert SURFACE.cost(1.0, 1.0) == 0
    assert [float(partial) for partial in SURFACE.gradient(1.0, 1.0)] == [0, 0]
    assert not SURFACE.gradient_over_time(1.0, 1.0).any()


@given(weights, weights)
def test_gradient_agrees_with_central_differences(wx: float, wrec: float) -> None:
    step = 1e-6
    gradient = SURFACE.gradient(wx, wrec)
    for partial, (dx, dr) in zip(gradient, ((step, 0.0), (0.0, step)), strict=True):
        above, below = SURFACE.cost(wx + dx, wrec + dr), SURFACE.cost(wx - dx, wrec - dr)
        rounding = 1e-15 * max(float(above), float(below), 1.0) / step
        difference = float(above - below) / (2 * step)
        assert float(partial) == pytest.approx(difference, rel=1e-5, abs=1e-4 + 100 * rounding)


@given(weights, weights)
def test_gradient_over_time_sums_to_the_gradient_of_one_sequence(wx: float, wrec: float) -> None:
    alone = CostSurface(ROWS[:1].T, ROWS[:1].sum(1))
    over_time = alone.gradient_over_time(wx, wrec)[1:]  # ∂ξ/∂w_x = Σ_k ∂ξ/∂s_k x_k
    assert float(over_time @ ROWS[0]) == pytest.approx(float(alone.gradient(wx, wrec)[0]), abs=1e-6)


def test_overflow_is_not_finite_and_gives_no_warning() -> None:
    assert not np.isfinite(SURFACE.cost(1e200, 1e200))
    assert not np.isfinite(SURFACE.gradient(1e200, 1e200)).any()
