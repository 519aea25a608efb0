"""Grids and sweeps for the tests, with results that are not trained."""

from random import Random

from rnn_tui.sweep.grid import Grid, parse_axis
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.sweep import Sweep


def make_grid(*words: str, n_seeds: int = 2, **options: object) -> Grid:
    """Return a grid of small and short runs, with an axis for each word."""
    small = {"length": 5, "hidden_size": 3, "steps": 300}
    attributes = {word.partition("=")[0].replace("-", "_") for word in words}
    chosen = {name: value for name, value in small.items() if name not in attributes} | options
    return Grid(tuple(map(parse_axis, words)), chosen, seeds=tuple(range(n_seeds)))


def make_result(job: Job, exact_step: int | None = None, n_correct: int = 0) -> JobResult:
    """Return a result of `job`, of which all is correct where it has an exact step."""
    correct = 1024 if exact_step else n_correct
    return JobResult(job.digest, exact_step, job.settings.steps, correct, 1024, 0.5, None, "w", 1.0)


def fake_sweep(*words: str, n_seeds: int = 20, share: float = 1.0, seed: int = 1) -> Sweep:
    """Return a sweep of 10,000 steps, a `share` of whose runs have results."""
    sweep = Sweep(make_grid(*words, n_seeds=n_seeds, steps=10_000))
    random = Random(seed)
    for cell in sweep.grid.cells:
        success_rate = 1.5 * random.random() - 0.25
        for job in cell.jobs:
            exact = random.randrange(5000, 10_001, 250) if random.random() < success_rate else None
            if random.random() < share:
                sweep.results[job.digest] = make_result(job, exact, random.randrange(1024))
    return sweep
