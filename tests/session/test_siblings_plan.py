"""The plans of siblings, and the band of their losses."""

import pickle
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from rnn_tui.run.changes import SetField
from rnn_tui.run.history import Curve
from rnn_tui.session.siblings_band import MAX_BAND_BUCKETS, QUANTILES, loss_band, quantiles_of
from rnn_tui.session.siblings_plan import SiblingsPlan, SiblingState, SiblingsUpdate
from tests.support.makers import SMALL

PLAN = SiblingsPlan(SMALL, (1, 2), ((10, SetField("lr", 0.3)), (20, SetField("lr", 0.2))))


def curve(losses: list[float], stride: int = 1, start: int = 0) -> Curve:
    values = np.array(losses)
    return Curve(start, stride, values, values, values)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 32])
def test_quantiles_are_those_of_numpy(n: int) -> None:
    values = np.random.RandomState(n).standard_normal((n, 7))
    np.testing.assert_allclose(
        quantiles_of(values), np.quantile(values, QUANTILES, axis=0), rtol=1e-12
    )


def test_quantiles_leave_out_nan_and_count_infinity() -> None:
    columns = np.array([[1.0, 2.0, 3.0, nan], [1.0, 2.0, inf, inf], [nan, nan, nan, nan]]).T
    low, median, high = quantiles_of(columns)
    np.testing.assert_allclose(low, [1.2, 1.3, nan])
    np.testing.assert_allclose(median, [2.0, inf, nan])
    np.testing.assert_allclose(high, [2.8, inf, nan])


def test_band_has_the_longest_stride_of_its_curves() -> None:
    band = loss_band([curve([1.0, 3.0, 5.0, 7.0]), curve([4.0, 8.0], stride=2)], [False, False])
    assert band
    assert (band.start, band.stride) == (0, 2)
    np.testing.assert_allclose(band.quantiles[1], [3.0, 7.0])


def test_band_has_a_limited_number_of_buckets() -> None:
    losses = np.arange(1000.0)
    band = loss_band([curve(losses.tolist(), stride=4)], [False])
    assert band
    assert (band.stride, band.quantiles.shape) == (8, (3, 500))
    assert band.quantiles.shape[1] <= MAX_BAND_BUCKETS
    np.testing.assert_allclose(band.quantiles[1], losses.reshape(-1, 2).mean(axis=1))


def test_halted_sibling_counts_as_infinite_after_its_last_step() -> None:
    band = loss_band([curve([1.0, 1.0, 1.0]), curve([1.0])], [False, True])
    assert band
    np.testing.assert_array_equal(band.quantiles[2], [1.0, inf, inf])


def test_band_leaves_out_losses_before_a_change_of_the_loss() -> None:
    later = curve([1.0, 2.0], start=50)
    band = loss_band([later, later, curve([9.0] * 40)], [False, False, True])
    assert band
    assert band.start == 50
    np.testing.assert_array_equal(band.quantiles, [[1.0, 2.0], [1.0, 2.0], [inf, inf]])


def test_update_of_many_siblings_is_small() -> None:
    random = np.random.RandomState(0)
    curves = [curve(random.uniform(size=1024).tolist(), stride=64) for _ in range(32)]
    states = tuple(SiblingState(seed, 65_536, 0.1, 250, 1.0, 65_536, None) for seed in range(32))
    plan = replace(PLAN, seeds=tuple(range(32)))
    update = SiblingsUpdate(plan, 65_536, 2, SMALL, states, loss_band(curves, [False] * 32))
    assert len(pickle.dumps(update)) < 12_000


def test_there_is_no_band_without_losses() -> None:
    assert loss_band([curve([]), curve([])], [False, False]) is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"seeds": (1, 3)}, False),
        ({"settings": replace(SMALL, hidden_size=7)}, False),
        ({"schedule": PLAN.schedule[:1]}, True),
        ({"schedule": ()}, False),
        ({"schedule": (*PLAN.schedule[:1], (15, SetField("lr", 0.2)))}, True),
        ({"schedule": (*PLAN.schedule[:1], (14, SetField("lr", 0.2)))}, False),
        ({"schedule": ((10, SetField("lr", 0.4)), *PLAN.schedule[1:])}, False),
    ],
)
def test_siblings_continue_by_a_plan_with_the_same_past(
    changed: dict[str, object], expected: bool
) -> None:
    plan = replace(PLAN, **changed)  # type: ignore[arg-type]  # the fields of a plan
    assert plan.continues(PLAN, step=15, n_applied=1) is expected
