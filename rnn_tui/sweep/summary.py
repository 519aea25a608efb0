"""What the runs of a cell, and two values of an axis, come to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, nan
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.accuracy import wilson_interval
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.sweep.grid import Grid
from rnn_tui.sweep.job import JobResult
from rnn_tui.sweep.statistics import (
    Estimate,
    Interval,
    censored_quantile,
    improvement_estimate,
    interquartile_mean_estimate,
)
from rnn_tui.sweep.sweep import Sweep

QUARTILES = (0.25, 0.5, 0.75)
NO_ESTIMATE = Estimate(nan, Interval(nan, nan))


@final
@dataclass(frozen=True, slots=True)
class CellSummary:
    """The results so far of the runs of one cell.

    n_runs     runs of the cell; `n_done` have a result, `n_exact` reached 100 % accuracy, and
               `n_halted` diverged, and `n_censored` did neither
    success    Wilson interval of n_exact / n_done; None before the first result
    quartiles  of the steps to 100 % accuracy, infinite where they depend on a run that is not exact
    limit      steps after which runs are censored
    accuracy   interquartile mean of the final accuracy, with its bootstrap interval
    """

    n_runs: int
    n_done: int
    n_exact: int
    n_halted: int
    n_censored: int
    success: Interval | None
    quartiles: tuple[float, float, float]
    limit: int
    accuracy: Estimate

    @property
    def is_complete(self) -> bool:
        """Whether all runs have a result: the first to end are those that are exact."""
        return self.n_done == self.n_runs

    @property
    def median(self) -> float:
        """The median of the steps to 100 % accuracy."""
        return self.quartiles[1]

    @property
    def success_rate(self) -> float:
        """The fraction of runs that reached 100 % accuracy; NaN before the first result."""
        return self.n_exact / self.n_done if self.n_done else nan


def summarize_cell(sweep: Sweep, index: int) -> CellSummary:
    """Return the summary of the cell `index` of the grid."""
    cell = sweep.grid.cells[index]
    return _summarize(tuple(sweep.cell_results(cell)), len(cell.jobs), cell.settings.steps)


@lru_cache(maxsize=4096)
def _summarize(results: tuple[JobResult, ...], n_runs: int, limit: int) -> CellSummary:
    steps = [steps_to_exact(result) for result in results]
    n_done, n_exact = len(results), sum(step < inf for step in steps)
    accuracies = np.array([result.accuracy for result in results])
    q1, median, q3 = (censored_quantile(steps, q) if steps else nan for q in QUARTILES)
    return CellSummary(
        n_runs=n_runs,
        n_done=n_done,
        n_exact=n_exact,
        n_halted=sum(result.halt_reason is not None for result in results),
        n_censored=sum(
            result.exact_step is None and result.halt_reason is None for result in results
        ),
        success=Interval(*wilson_interval(n_exact, n_done)) if results else None,
        quartiles=(q1, median, q3),
        limit=limit,
        accuracy=interquartile_mean_estimate([accuracies]) if results else NO_ESTIMATE,
    )


def steps_to_exact(result: JobResult) -> float:
    """Return the step of the first exact check, infinity for a censored run."""
    return inf if result.exact_step is None else result.exact_step


@final
class Comparison(NamedTuple):
    """Two values of an axis, over all cells that differ in this axis only.

    `improvement` is the probability that a run with `value` is exact after fewer steps than one
    with `baseline`, where equal runs count half, as two that are not exact; `n_exact` runs of both
    are exact.
    """

    axis: str
    value: str
    baseline: str
    improvement: Estimate
    n_exact: int


def compare_values(sweep: Sweep) -> Iterator[Comparison]:
    """Yield each value of each axis compared with the one before, in cells that are complete."""
    found = [sweep.cell_results(cell) for cell in sweep.grid.cells]
    n_runs = [len(cell.jobs) for cell in sweep.grid.cells]
    scores = [
        _scores(each if len(each) == n else []) for each, n in zip(found, n_runs, strict=True)
    ]
    for i, axis in enumerate(sweep.grid.axes):
        for baseline, value in zip(axis.texts, axis.texts[1:], strict=False):
            pairs = list(_pairs(sweep.grid, scores, i, value, baseline))
            if pairs:
                n_exact = sum(int(np.isfinite(score).sum()) for pair in pairs for score in pair)
                estimate = improvement_estimate(pairs)
                yield Comparison(axis.name, value, baseline, estimate, n_exact)


def _scores(results: Sequence[JobResult]) -> FloatArray:
    return np.array([-steps_to_exact(result) for result in results])


def _pairs(
    grid: Grid, scores: Sequence[FloatArray], axis: int, value: str, baseline: str
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield the scores of each two cells that differ only in `axis`: value, then baseline."""
    by_values = {cell.values: score for cell, score in zip(grid.cells, scores, strict=True)}
    for values, score in by_values.items():
        other = by_values[(*values[:axis], baseline, *values[axis + 1 :])]
        if values[axis] == value and score.size and other.size:
            yield score, other
