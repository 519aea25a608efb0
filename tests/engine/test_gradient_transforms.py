"""Clipping and weight decay match their formulas and PyTorch."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.gradient_transforms import (
    ClipNorm,
    ClipValue,
    WeightDecay,
    make_gradient_transforms,
)
from rnn_tui.engine.optimizers import OPTIMIZERS

VECTORS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9).map(np.array)
LIMITS = st.floats(1e-3, 1e3)


@settings(deadline=None)
@given(VECTORS, LIMITS)
def test_clip_norm_keeps_the_direction_and_the_limit(
    gradient: np.ndarray[tuple[int], np.dtype[np.float64]], limit: float
) -> None:
    clipped = gradient.copy()
    ClipNorm(limit).apply(clipped, gradient)
    before, after = np.linalg.norm(gradient), np.linalg.norm(clipped)
    assert after <= limit
    np.testing.assert_allclose(clipped * before, gradient * after, rtol=1e-9, atol=1e-12)
    if before <= limit - 1e-6:
        assert np.array_equal(clipped, gradient)


@settings(deadline=None)
@given(VECTORS, LIMITS)
def test_clip_value_limits_each_element(
    gradient: np.ndarray[tuple[int], np.dtype[np.float64]], limit: float
) -> None:
    clipped = gradient.copy()
    ClipValue(limit).apply(clipped, gradient)
    for before, after in zip(gradient, clipped, strict=True):
        assert after == max(-limit, min(limit, before))


def test_weight_decay_adds_the_gradient_of_half_the_squared_norm() -> None:
    gradient, weights = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    WeightDecay(0.5).apply(gradient, weights)
    np.testing.assert_allclose(gradient, [2.5, 0.0])


def test_transforms_are_in_order_and_inactive_ones_left_out() -> None:
    assert make_gradient_transforms(inf, inf, 0.0) == ()
    transforms = make_gradient_transforms(clip_value=1.0, clip_norm=2.0, weight_decay=3.0)
    assert transforms == (ClipValue(1.0), ClipNorm(2.0), WeightDecay(3.0))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (1, (0.999600319632, 0.990007990812)),
        (2, (0.999196772981, 0.980016137029)),
        (3, (0.998789283032, 0.970024443289)),
        (10, (0.995819455951, 0.900087499984)),
    ],
)
def test_clipped_descent_on_a_parabola_matches_torch(
    step: int, expected: tuple[float, float]
) -> None:
    point, sgd = np.ones(2), OPTIMIZERS["sgd"]
    for _ in range(step):
        gradient = np.array([1.0, 25.0]) * point
        ClipNorm(1.0).apply(gradient, point)
        point = point - sgd.update({}, gradient, point, 0.01)
    np.testing.assert_allclose(point, expected, rtol=1e-11)
