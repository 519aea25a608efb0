"""Statistics over the seeds of a setting, as they are reported in the field.

Interquartile means, stratified bootstrap and probability of improvement are those of Agarwal et al.
2021, "Deep reinforcement learning at the edge of the statistical precipice" (library rliable).
"""

from collections.abc import Callable, Sequence
from math import floor, inf
from typing import NamedTuple, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray

CONFIDENCE = 0.95
BOOTSTRAP_SAMPLES = 2000
MAX_CHUNK_VALUES = 1 << 21
BOOTSTRAP_SEED = 0  # the same intervals for the same results


@final
class Interval(NamedTuple):
    """The ends of a confidence interval."""

    low: float
    high: float


@final
class Estimate(NamedTuple):
    """A statistic with its confidence interval."""

    value: float
    interval: Interval


def interquartile_mean(values: FloatArray) -> FloatArray:
    """Return the mean of `values` (…, n) without n / 4, rounded down, at each end."""
    n = values.shape[-1]
    cut = int(0.25 * n)
    mean: FloatArray = np.sort(values, axis=-1)[..., cut : n - cut].mean(axis=-1)
    return mean


def probability_of_improvement(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return P(X > Y) + ½ P(X = Y) for one of `x` (…, n) and one of `y` (…, m): U / nm.

    U is the statistic of Mann and Whitney 1947.
    """
    x, y = x[..., :, None], y[..., None, :]
    probability: FloatArray = ((x > y).mean(axis=(-2, -1)) + (x >= y).mean(axis=(-2, -1))) / 2
    return probability


def stratified_bootstrap(
    statistic: Callable[[list[FloatArray]], FloatArray],
    strata: Sequence[FloatArray],
    values_per_sample: int,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Return `statistic` of `strata` with its percentile interval.

    Each sample draws from each stratum (n_i,) n_i values with replacement; the statistic takes
    strata (samples, n_i), and computes `values_per_sample` values for each.
    """
    random = np.random.RandomState(BOOTSTRAP_SEED)
    chunk = max(1, MAX_CHUNK_VALUES // values_per_sample)
    statistics = []
    for start in range(0, BOOTSTRAP_SAMPLES, chunk):
        n = min(chunk, BOOTSTRAP_SAMPLES - start)
        sample = [
            stratum[random.randint(stratum.size, size=(n, stratum.size))] for stratum in strata
        ]
        statistics.append(statistic(sample))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(statistics), [tail, 1 - tail])
    return Estimate(float(statistic(list(strata))), Interval(float(low), float(high)))


def interquartile_mean_estimate(strata: Sequence[FloatArray]) -> Estimate:
    """Return the interquartile mean over all values of `strata`, with its interval."""
    return stratified_bootstrap(
        lambda sample: interquartile_mean(np.concatenate(sample, axis=-1)),
        strata,
        sum(stratum.size for stratum in strata),
    )


def improvement_estimate(pairs: Sequence[tuple[FloatArray, FloatArray]]) -> Estimate:
    """Return the mean probability of improvement of x over y in `pairs`, with its interval.

    Each pair is of one stratum; x and y are drawn independently.
    """
    n = len(pairs)

    def statistic(sample: list[FloatArray]) -> FloatArray:
        found = map(probability_of_improvement, sample[:n], sample[n:])
        mean: FloatArray = np.mean(list(found), axis=0)
        return mean

    strata = [x for x, _ in pairs] + [y for _, y in pairs]
    return stratified_bootstrap(statistic, strata, max(x.size * y.size for x, y in pairs))


def censored_quantile(values: Sequence[float], q: float) -> float:
    """Return the quantile `q` of `values`, linearly interpolated as by `numpy.quantile`.

    Censored values are infinite, and above all others; infinity for a quantile that depends on one.
    """
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    below = floor(position)
    fraction = position - below
    if fraction == 0:
        return ordered[below]
    low, high = ordered[below], ordered[below + 1]
    return inf if high == inf else low + fraction * (high - low)
