"""Milliseconds of each analysis, and what the analyses displayed take from training."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from math import inf
from statistics import median
from time import perf_counter, sleep

import numpy as np

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.subject import Subject
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.run.run import Run
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from tests.benchmarks.report import Effort, Row, main, ratios, spread

SETTINGS = RECIPES[DEFAULT_RECIPE].settings
MODELS = (("elman", 16, 10_000), ("gru", 16, 0), ("lstm", 16, 0), ("elman", 512, 0))
GOALS = {"length": 1000, "machine": 300, "attractors": 300}  # ms, of the default recipe's model
OTHER_GOAL = 30
POLL_SECONDS = 1 / 6  # as the dashboard polls


def analysis_speed(effort: Effort) -> Iterator[Row]:
    """Milliseconds of each analysis: addition of 8 bits."""
    for model, hidden, steps in MODELS:
        run = Run(replace(SETTINGS, model=model, hidden_size=hidden))
        run.advance(steps)
        for name, analysis in ANALYSES.items():
            rounds = range(1 if hidden > 100 else effort.rounds)
            subjects = [Subject(run.task, run.trainer) for _ in rounds]
            measured = [1000 * _seconds(partial(analysis.compute, each)) for each in subjects]
            note = f"{spread(measured, '{:.1f}')}, n = {subjects[0].n_sequences:,}"
            if steps:
                note += f"; goal: at most {GOALS.get(name, OTHER_GOAL)} ms"
            yield Row(f"{name}, {model} {hidden}", f"{median(measured):.1f} ms", note)


def displayed_analyses(effort: Effort) -> Iterator[Row]:
    """Steps per second with analyses displayed, as a share of those without: unlimited speed."""
    settings = replace(SETTINGS, steps=10**9)
    for model in ("elman", "lstm"):
        of_model = replace(settings, model=model)
        displays = None, (), tuple(ANALYSES)
        rounds = [
            [_speed(of_model, names, effort.seconds) for names in displays]
            for _ in range(effort.rounds)
        ]
        without, curve, with_all = zip(*rounds, strict=True)
        yield ratios(f"{model}: the curve alone", curve, without)
        yield ratios(f"{model}: all analyses", with_all, without)


def _speed(settings: Settings, names: tuple[str, ...] | None, seconds: float) -> float:
    worker = TrainingWorker(NewRun(settings), inf)
    if names is not None:
        worker.display_analyses(names)
    worker.start()
    sleep(0.5)
    first, began = worker.latest_snapshot().step, perf_counter()
    while perf_counter() - began < seconds:
        sleep(POLL_SECONDS)
        last = worker.latest_snapshot().step
    speed = (last - first) / (perf_counter() - began)
    worker.stop()
    return speed


def _seconds(analyze: Callable[[], object]) -> float:
    began = perf_counter()
    with np.errstate(all="ignore"):
        analyze()
    return perf_counter() - began


if __name__ == "__main__":
    main(analysis_speed, displayed_analyses)
