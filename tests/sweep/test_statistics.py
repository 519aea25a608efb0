"""Statistics against published values, numpy, and counting over all samples."""

from itertools import product
from math import inf

import numpy as np
import pytest

from rnn_tui.sweep import statistics
from rnn_tui.sweep.statistics import (
    censored_quantile,
    improvement_estimate,
    interquartile_mean,
    interquartile_mean_estimate,
    probability_of_improvement,
)


@pytest.mark.parametrize("n", range(1, 14))
def test_interquartile_mean_leaves_out_a_quarter_at_each_end(n: int) -> None:
    values = np.random.RandomState(n).rand(n)
    ordered = sorted(values)
    kept = ordered[n // 4 : n - n // 4]
    assert interquartile_mean(values) == pytest.approx(sum(kept) / len(kept))


def test_probability_of_improvement_counts_pairs_and_half_of_ties() -> None:
    x, y = np.array([1.0, 2.0, 3.0, -inf]), np.array([2.0, -inf, 0.0])
    pairs = [(a > b) + 0.5 * (a == b) for a, b in product(x, y)]
    assert probability_of_improvement(x, y) == pytest.approx(sum(pairs) / len(pairs))
    assert probability_of_improvement(y, x) == pytest.approx(1 - sum(pairs) / len(pairs))
    assert probability_of_improvement(x, x) == 0.5


def all_samples(values: np.ndarray) -> np.ndarray:
    return np.array(list(product(values, repeat=len(values))))


def test_bootstrap_intervals_are_the_quantiles_over_all_samples() -> None:
    random = np.random.RandomState(0)
    strata = [random.rand(4), random.rand(3)]
    means = [
        interquartile_mean(np.concatenate([a, b]))
        for a, b in product(all_samples(strata[0]), all_samples(strata[1]))
    ]
    value, (low, high) = interquartile_mean_estimate(strata)
    assert value == interquartile_mean(np.concatenate(strata))
    assert (low, high) == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.02)


def test_improvement_interval_is_over_independent_samples_of_each_pair() -> None:
    random = np.random.RandomState(1)
    pairs = [(random.rand(3), random.rand(2)), (random.rand(2) + 0.2, random.rand(2))]
    strata = [all_samples(values) for pair in pairs for values in pair]
    means = [
        (probability_of_improvement(a, b) + probability_of_improvement(c, d)) / 2
        for a, b, c, d in product(*strata)
    ]
    value, (low, high) = improvement_estimate(pairs)
    assert value == np.mean([probability_of_improvement(*pair) for pair in pairs])
    assert (low, high) == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.05)


def test_bootstrap_is_the_same_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    strata = [np.arange(9.0)]
    estimate = interquartile_mean_estimate(strata)
    assert interquartile_mean_estimate(strata) == estimate
    monkeypatch.setattr(statistics, "MAX_CHUNK_VALUES", 100)
    assert interquartile_mean_estimate(strata) == estimate


def test_quantiles_are_those_of_numpy_without_censored_values() -> None:
    values = list(np.random.RandomState(3).rand(11))
    for q in (0, 0.25, 0.5, 0.9, 1):
        assert censored_quantile(values, q) == pytest.approx(np.quantile(values, q))


@pytest.mark.parametrize(
    ("values", "q", "quantile"),
    [
        ([3, 1, 2, inf], 0.5, 2.5),
        ([3, 1, 2, inf], 0.75, inf),
        ([1, 2, inf, inf, inf], 0.25, 2),
        ([1, 2, inf, inf, inf], 0.5, inf),
        ([inf], 0.5, inf),
        ([7], 0.25, 7),
    ],
)
def test_quantile_beyond_the_censored_runs_is_infinite(
    values: list[float], q: float, quantile: float
) -> None:
    assert censored_quantile(values, q) == quantile
