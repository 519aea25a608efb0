"""Trains the jobs of a sweep in groups of one architecture."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from os import environ
from time import perf_counter
from typing import Any

import numpy as np

from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.run_store import JournalTarget, delete
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX, state_folder
from rnn_tui.run.branch import Branch
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.sweep.job import Job, JobResult, weights_digest

MAX_GROUP_SIZE = 8
GROUPS_PER_WORKER = 3  # at least, where there are enough jobs: they end at different times
SLICE_SECONDS = 0.1  # training between two calls of `on_steps`
JOURNAL_NAME_CHARS = 16  # of the digest of a job

OnSteps = Callable[[int], bool]


def make_groups(jobs: Sequence[Job], n_workers: int) -> list[list[Job]]:
    """Return `jobs` in groups for workers, each of one architecture, task and batch size."""
    by_shape: dict[Any, list[Job]] = {}
    for job in jobs:
        by_shape.setdefault(_shape(job), []).append(job)
    size = max(1, min(MAX_GROUP_SIZE, len(jobs) // (GROUPS_PER_WORKER * n_workers)))
    n_most = max(map(len, by_shape.values()), default=0)
    return [  # in turn of each shape, so that all soon have results
        similar[start : start + size]
        for start in range(0, n_most, size)
        for similar in by_shape.values()
        if start < len(similar)
    ]


def _shape(job: Job) -> tuple[Any, ...]:
    """Return what the jobs of a group have in common."""
    settings = job.settings
    architecture = tuple(sorted(settings.model_kwargs.items()))
    data = (settings.task, settings.length, settings.batch_size, settings.dataset_size)
    return settings.model, architecture, data, settings.loss, tuple(job.schedule), job.until_exact


def train_jobs(jobs: Iterable[Job], on_steps: OnSteps, *, record: bool) -> Iterator[JobResult]:
    """Train `jobs`, and yield the result of each, which is that of `rnn-tui train`.

    `on_steps(n)` is called after each slice of n steps; where it returns False, training ends
    without further results. With `record`, each run has a journal in the state folder.
    """
    for job in jobs:
        result = _train_job(job, on_steps, record=record)
        if result is None:
            return
        yield result


@np.errstate(all="ignore")
def _train_job(job: Job, on_steps: OnSteps, *, record: bool) -> JobResult | None:
    started_at, budget = perf_counter(), StepBudget(SLICE_SECONDS)
    run = Run(job.settings, job.schedule)
    branch = Branch(run, _make_recorder(job, run) if record else RunObserver())
    while run.step < job.settings.steps and not run.halt_reason:
        # At checks only: a run that is exact after a change would end as soon as the machine is.
        is_check = run.step % EXACT_CHECK_INTERVAL_STEPS == 0
        if job.until_exact and is_check and run.evaluation_tracker.first_exact_step is not None:
            break
        next_check = (run.step // EXACT_CHECK_INTERVAL_STEPS + 1) * EXACT_CHECK_INTERVAL_STEPS
        first_step = run.step
        with budget.timed_slice(run):
            branch.advance(min(next_check, job.settings.steps, run.step + budget.steps) - run.step)
        if not on_steps(run.step - first_step):
            branch.observer.close()
            return None
    tracker = run.evaluation_tracker
    score = tracker.evaluate(run.trainer.model, run.weights_step)
    branch.deactivate()
    branch.observer.close()
    return JobResult(
        job=job.digest,
        exact_step=tracker.first_exact_step,
        step=run.step,
        n_correct=score.n_correct,
        n_sequences=score.n_sequences,
        mean_metric=run.history.mean_metric,
        halt_reason=run.halt_reason,
        weights=weights_digest(run.trainer.model.parameters.vector),
        seconds=perf_counter() - started_at,
    )


def _make_recorder(job: Job, run: Run) -> Recorder:
    """Return a recorder whose journal is named after `job`; an unfinished one is replaced."""
    folder = state_folder(environ)
    name = journal_name(job)
    path = folder / f"{name}{JOURNAL_SUFFIX}"
    if path.exists():
        delete(path)
    target = JournalTarget(folder, name)
    return Recorder(target, run, schedule=job.schedule, headless=True)


def journal_name(job: Job) -> str:
    """Return the name of the journal of a recorded job."""
    return f"sweep-{job.settings.task}-{job.digest[:JOURNAL_NAME_CHARS]}"
