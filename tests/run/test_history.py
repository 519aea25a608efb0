"""A bounded history loses no minimum, maximum or mean, however its errors arrive."""

from collections.abc import Iterator
from itertools import cycle
from math import inf, isnan, nan
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run import history
from rnn_tui.run.history import MetricHistory

RECENT, BUCKETS, SMOOTH, UNIT = 20, 8, 5, 4
ERRORS = st.floats(0, 8, allow_subnormal=False) | st.just(nan)
PIECES = st.lists(st.lists(ERRORS, max_size=30), max_size=12)


@pytest.fixture(autouse=True, scope="module")
def _small_spaces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as context:
        context.setattr(history, "RECENT_STEPS", RECENT)
        context.setattr(history, "MAX_BUCKETS", BUCKETS)
        context.setattr(history, "SMOOTHING_STEPS", SMOOTH)
        context.setattr(history, "MAX_PENDING_STEPS", UNIT)
        yield


def fed(pieces: list[list[float]]) -> tuple[MetricHistory, list[float]]:
    """Return a history of all pieces in turn, and the plain list of their errors."""
    fresh = MetricHistory()
    for piece in pieces:
        fresh.extend(piece)
    return fresh, [error for piece in pieces for error in piece]


def stretch(errors: list[float]) -> tuple[float, float, float]:
    learnt = [error for error in errors if not isnan(error)]
    return (sum(learnt) / len(learnt), min(learnt), max(learnt)) if learnt else (nan, nan, nan)


@settings(deadline=None)
@given(PIECES)
def test_full_run_is_kept_in_buckets_of_equal_length(pieces: list[list[float]]) -> None:
    kept, errors = fed(pieces)
    curve = kept.full_run()
    stretches = [
        stretch(errors[start : start + curve.stride])
        for start in range(0, len(errors) - curve.stride + 1, curve.stride)
    ]
    assert kept.steps == len(errors)
    assert curve.start == 0
    expected = np.array(stretches).reshape(-1, 3).T
    np.testing.assert_allclose(curve.mean, expected[0], rtol=1e-12)
    assert np.array_equal(curve.minimum, expected[1], equal_nan=True)
    assert np.array_equal(curve.maximum, expected[2], equal_nan=True)
    rest, after = kept.partial_bucket(), errors[len(stretches) * curve.stride :]
    assert (rest.stride if len(rest.mean) else 0) == len(after)
    if after:
        assert rest.start == len(errors) - len(after)
        ends = [values.tolist() for values in (rest.mean, rest.minimum, rest.maximum)]
        assert np.ravel(ends) == pytest.approx(stretch(after), rel=1e-12, nan_ok=True)


@settings(deadline=None)
@given(PIECES)
def test_buckets_are_as_fine_as_the_maximum_allows(pieces: list[list[float]]) -> None:
    kept, errors = fed(pieces)
    curve = kept.full_run()
    assert len(curve.mean) < BUCKETS
    assert curve.stride & (curve.stride - 1) == 0
    assert curve.stride == 1 or len(errors) // (curve.stride // 2) >= BUCKETS


@settings(deadline=None)
@given(PIECES)
def test_recent_steps_are_kept_one_by_one(pieces: list[list[float]]) -> None:
    kept, errors = fed(pieces)
    curve = kept.recent()
    assert (curve.start, curve.stride) == (max(0, len(errors) - RECENT), 1)
    for values in (curve.mean, curve.minimum, curve.maximum):
        assert np.array_equal(values, errors[curve.start :], equal_nan=True)


@settings(deadline=None)
@given(PIECES)
def test_smoothed_loss_is_mean_of_valid_steps(pieces: list[list[float]]) -> None:
    kept, errors = fed(pieces)
    learnt = [error for error in errors if not isnan(error)]
    windows = [learnt[i : i + SMOOTH] for i in range(len(learnt) - SMOOTH + 1)]
    best = min((sum(window) / SMOOTH for window in windows), default=inf)
    last = sum(learnt[-SMOOTH:]) / len(learnt[-SMOOTH:]) if learnt else nan
    assert kept.best_mean_metric == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert kept.mean_metric == pytest.approx(last, rel=1e-12, nan_ok=True)
    assert kept.last == pytest.approx(learnt[-1] if learnt else nan, rel=0, nan_ok=True)


@settings(deadline=None)
@given(PIECES)
def test_history_does_not_depend_on_slicing(pieces: list[list[float]]) -> None:
    kept, errors = fed(pieces)
    one_by_one, _ = fed([[error] for error in errors])
    cut, uncut = kept.full_run(), one_by_one.full_run()
    assert cut[:2] == uncut[:2]
    assert np.array_equal(
        [cut.minimum, cut.maximum], [uncut.minimum, uncut.maximum], equal_nan=True
    )
    assert np.array_equal(cut.mean, uncut.mean, equal_nan=True)


@settings(deadline=None)
@given(PIECES, PIECES)
def test_restored_history_continues_identically(
    before: list[list[float]], after: list[list[float]]
) -> None:
    kept, _ = fed(before)
    saved = kept.to_arrays()
    assert MetricHistory.is_valid(saved, kept.steps)
    assert not MetricHistory.is_valid(saved, kept.steps + 1)
    again = MetricHistory.from_arrays(saved)
    for piece in after:
        kept.extend(piece)
        again.extend(piece)
    for one, other in zip(kept.to_arrays().values(), again.to_arrays().values(), strict=True):
        assert np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("steps", [1_000, 1_000_000])
def test_memory_is_bounded(steps: int) -> None:
    kept = MetricHistory()
    for _ in range(steps // 1_000):
        kept.extend([1.0] * 1_000)
    kept.extend([2.0])
    saved = kept.to_arrays()
    assert len(saved["pending"]) < UNIT
    assert sum(values.size for values in saved.values()) < 5 + RECENT + SMOOTH + UNIT + 4 * BUCKETS


def test_returned_curve_does_not_change() -> None:
    kept, _ = fed([[1.0, 2.0, 3.0]])
    curves = kept.full_run(), kept.recent()
    kept.extend([7.0] * 100)
    for curve in curves:
        for values in (curve.mean, curve.minimum, curve.maximum):
            assert values.tolist() == [1.0, 2.0, 3.0]


@settings(deadline=None)
@given(PIECES, PIECES)
def test_curve_is_equal_to_that_of_a_longer_run_at_its_stride(
    before: list[list[float]], after: list[list[float]]
) -> None:
    early, _ = fed(before)
    late, _ = fed(before + after)
    expected = late.full_run()
    curve = early.full_run().coarsened(expected.stride)
    assert (curve.start, curve.stride) == (0, expected.stride)
    n_buckets = len(curve.mean)
    assert n_buckets == early.steps // curve.stride
    np.testing.assert_allclose(curve.mean, expected.mean[:n_buckets], rtol=1e-12)
    for mine, theirs in zip(curve[3:], expected[3:], strict=True):
        assert mine is not None
        assert theirs is not None
        assert np.array_equal(mine, theirs[:n_buckets], equal_nan=True)


@settings(deadline=None)
@given(PIECES, st.sampled_from([1, 2, 4]))
def test_recent_losses_are_coarsened_to_the_buckets_of_the_run(
    pieces: list[list[float]], stride: int
) -> None:
    kept, errors = fed(pieces)
    curve = kept.recent().coarsened(stride, 0)
    assert curve.start % stride == 0 or not len(curve.mean)
    for index, mean in enumerate(curve.mean):
        start = curve.start + index * stride
        expected = stretch(errors[start : start + stride])[0]
        assert mean == pytest.approx(expected, rel=1e-12, nan_ok=True)


@settings(deadline=None)
@given(st.integers(0, 100), st.lists(ERRORS, max_size=60))
def test_later_start_only_shifts_the_curve(start: int, errors: list[float]) -> None:
    early, late = MetricHistory(), MetricHistory(start)
    for kept in (early, late):
        kept.extend(errors)
    assert late.steps == start + early.steps
    assert late.full_run().start == start
    assert late.recent().start == start + early.recent().start
    for mine, theirs in ((late.full_run(), early.full_run()), (late.recent(), early.recent())):
        assert mine.stride == theirs.stride
        assert np.array_equal(mine.mean, theirs.mean, equal_nan=True)


def test_overflowing_mean_does_not_warn() -> None:
    history = MetricHistory()
    with np.errstate(all="ignore"):  # as in a run
        history.extend([1e308] * 150)
    assert history.mean_metric == history.best_mean_metric == float("inf")


def test_best_mean_after_spike_is_a_mean_of_losses() -> None:
    history = MetricHistory()
    history.extend([1e20] * 50 + [2e-4] * 300)
    assert history.best_mean_metric == pytest.approx(2e-4, rel=1e-12)


@given(
    st.integers(100, 300).flatmap(lambda n: arrays(float, n, elements=st.floats(0, 1e6))),
    st.lists(st.integers(1, 40), min_size=1),
)
@settings(max_examples=12, deadline=None)
def test_best_mean_is_one_of_the_means_bit_for_bit(values: FloatArray, pieces: list[int]) -> None:
    errors = values.tolist()
    with patch.object(history, "SMOOTHING_STEPS", 100):
        _best_is_one_of_the_means(errors, pieces)


def _best_is_one_of_the_means(errors: list[float], pieces: list[int]) -> None:
    one_by_one, in_pieces = MetricHistory(), MetricHistory()
    means = []
    for error in errors:
        one_by_one.extend([error])
        means.append(one_by_one.mean_metric)
    for size in cycle(pieces):
        if not (piece := errors[in_pieces.steps : in_pieces.steps + size]):
            break
        in_pieces.extend(piece)
        assert in_pieces.mean_metric == means[in_pieces.steps - 1]
    assert one_by_one.best_mean_metric == in_pieces.best_mean_metric == min(means[99:])
