"""Trains the jobs of a sweep in groups, each as one stack."""

from collections.abc import Callable, Iterator, Sequence
from os import environ
from time import perf_counter
from typing import Any

import numpy as np

from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.run_store import JournalTarget, delete
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX, state_folder
from rnn_tui.run.branch import Branch
from rnn_tui.run.replica_group import STACK_FIELDS, ReplicaGroup, ReplicaSummary, summarize
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.sweep.job import Job, JobResult, weights_digest

MAX_GROUP_SIZE = 32
SLICE_SECONDS = 0.1  # training between two calls of `on_steps`
JOURNAL_DIGEST_CHARS = 16

OnSteps = Callable[[int], bool]
OnProgress = Callable[[int, JobResult | None], bool]


def make_groups(jobs: Sequence[Job], n_workers: int) -> list[list[Job]]:
    """Return `jobs` in groups, one for each worker or more, of up to MAX_GROUP_SIZE jobs.

    The jobs of a group have the same schedule, `until_exact` and settings, but for those of
    REPLICA_FIELDS other than `steps`.
    """
    by_shape: dict[Any, list[Job]] = {}
    for job in jobs:
        by_shape.setdefault(_shape(job), []).append(job)
    size = max(1, min(MAX_GROUP_SIZE, len(jobs) // n_workers))  # larger groups are faster
    n_most = max(map(len, by_shape.values()), default=0)
    return [  # in turn of each shape, so that all soon have results
        similar[start : start + size]
        for start in range(0, n_most, size)
        for similar in by_shape.values()
        if start < len(similar)
    ]


def _shape(job: Job) -> tuple[Any, ...]:
    """Return all that the jobs of a group have in common."""
    settings = (getattr(job.settings, name) for name in (*STACK_FIELDS, "steps"))
    return *settings, tuple(job.schedule), job.until_exact


def train_jobs(jobs: Sequence[Job], on_progress: OnProgress, *, record: bool) -> list[JobResult]:
    """Train `jobs` of one group, and return the result of each, which is that of `rnn-tui train`.

    `on_progress(n, result)` is called after each slice, with None, and for each result; n is the
    number of steps taken of unfinished runs. Where it returns False after a slice, training ends
    without further results. With `record`, each run has a journal in the state folder, and is
    trained by itself.
    """
    n_steps, results = 0, []

    def on_steps(steps: int) -> bool:
        nonlocal n_steps
        n_steps += steps
        return on_progress(n_steps, None)

    for result in (_train_recorded if record else _train_together)(jobs, on_steps):
        results.append(result)
        n_steps -= result.step
        on_progress(n_steps, result)
    on_progress(0, None)
    return results


def _train_together(jobs: Sequence[Job], on_steps: OnSteps) -> Iterator[JobResult]:
    """Train `jobs` as replicas; those that are halted or end at an exact step come first."""
    group = ReplicaGroup([job.settings for job in jobs], jobs[0].schedule)
    budget, step, last_step = StepBudget(SLICE_SECONDS), 0, jobs[0].settings.steps
    seconds, active = [0.0] * len(jobs), set(range(len(jobs)))
    while active:
        end, started_at = _slice_end(step, last_step, budget), perf_counter()
        n_steps = group.advance(end - step, active)
        elapsed = perf_counter() - started_at
        budget.record(end - step, elapsed)
        step = end
        for i in active:
            seconds[i] += elapsed / len(active)
        if not on_steps(n_steps):
            return
        if step == last_step or step % EXACT_CHECK_INTERVAL_STEPS == 0:
            summaries = group.summaries()
            ended = [
                i
                for i in sorted(active)
                if step == last_step
                or summaries[i].halt_reason
                or (jobs[i].until_exact and summaries[i].first_exact_step is not None)
            ]
            yield from _results(group, jobs, ended, seconds)
            active.difference_update(ended)


def _slice_end(step: int, last_step: int, budget: StepBudget) -> int:
    """Return the step at which the slice from `step` ends, which is at the next check at most."""
    next_check = (step // EXACT_CHECK_INTERVAL_STEPS + 1) * EXACT_CHECK_INTERVAL_STEPS
    return min(next_check, last_step, step + budget.steps)


def _results(
    group: ReplicaGroup, jobs: Sequence[Job], indices: Sequence[int], seconds: Sequence[float]
) -> Iterator[JobResult]:
    """Yield the results of the replicas `indices`, which are evaluated first."""
    started_at = perf_counter()
    group.evaluate(indices)
    evaluation_seconds = perf_counter() - started_at
    summaries = group.summaries() if indices else []
    for i in indices:
        total = seconds[i] + evaluation_seconds / len(indices)
        yield _make_result(jobs[i], summaries[i], weights_digest(group.weights(i).vector), total)


def _make_result(job: Job, summary: ReplicaSummary, weights: str, seconds: float) -> JobResult:
    assert summary.score is not None
    return JobResult(
        job_digest=job.digest,
        exact_step=summary.first_exact_step,
        step=summary.step,
        n_correct=summary.score.n_correct,
        n_sequences=summary.score.n_sequences,
        mean_metric=summary.mean_metric,
        halt_reason=summary.halt_reason,
        weights=weights,
        seconds=seconds,
    )


def _train_recorded(jobs: Sequence[Job], on_steps: OnSteps) -> Iterator[JobResult]:
    for job in jobs:
        result = _train_with_journal(job, on_steps)
        if result is None:
            return
        yield result


@np.errstate(all="ignore")
def _train_with_journal(job: Job, on_steps: OnSteps) -> JobResult | None:
    started_at, budget = perf_counter(), StepBudget(SLICE_SECONDS)
    run = Run(job.settings, job.schedule)
    branch = Branch(run, _make_recorder(job, run))
    while run.step < job.settings.steps and not run.halt_reason:
        # A scheduled change of task may make the run exact between checks; to end there would
        # depend on the lengths of slices, so on the machine's speed.
        is_check = run.step % EXACT_CHECK_INTERVAL_STEPS == 0
        if job.until_exact and is_check and run.evaluation_tracker.first_exact_step is not None:
            break
        first_step = run.step
        with budget.timed_slice(run):
            branch.advance(_slice_end(run.step, job.settings.steps, budget) - run.step)
        if not on_steps(run.step - first_step):
            branch.observer.close()
            return None
    run.evaluation_tracker.evaluate(run.trainer.model, run.weights_step)
    branch.deactivate()
    branch.observer.close()
    seconds = perf_counter() - started_at
    return _make_result(job, summarize(run), weights_digest(run.weights.vector), seconds)


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
    return f"sweep-{job.settings.task}-{job.digest[:JOURNAL_DIGEST_CHARS]}"
