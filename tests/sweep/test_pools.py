"""Pools: a worker process that dies, or a main process that is killed, changes no result."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, final

import pytest

from rnn_tui.sweep.dispatch import MAX_WORKER_FAILURES, WorkersFailed, train_groups
from rnn_tui.sweep.groups import train_jobs
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.pools import GroupFuture, Pool, ProcessPool
from rnn_tui.sweep.sweep import Sweep
from tests.support.shell import run
from tests.support.sweeps import make_grid, make_result

COMMAND = [sys.executable, "-m", "rnn_tui", "sweep", "lr=0.1,0.2,0.5", "--seeds", "4", "--headless"]
SIZES = ["--length", "5", "--hidden-size", "3", "--steps", "1500", "--jobs", "2"]
RANDOM = Random(3)


def never() -> bool:
    return False


@final
class FakePool(Pool):
    """Gives each group at once the next of `outcomes`: an error, or None for its results."""

    n_workers = 2

    def __init__(self, outcomes: Sequence[BaseException | None] = ()) -> None:
        super().__init__()
        self.submitted: list[Job] = []
        self.n_recovered, self.n_early, self.stopped = 0, 0, False
        self._outcomes = iter(outcomes)

    def submit(self, group: Sequence[Job]) -> GroupFuture:
        self.submitted += group
        future: GroupFuture = Future()
        if error := next(self._outcomes, None):
            future.set_exception(error)
        else:
            future.set_result([make_result(job) for job in group])
        return future

    def new_results(self) -> list[JobResult]:
        return [make_result(job) for job in self.submitted[: self.n_early]]

    def is_worker_failure(self, error: BaseException) -> bool:
        return isinstance(error, BrokenProcessPool)

    def recover(self) -> None:
        self.n_recovered += 1

    def stop(self) -> None:
        self.stopped = True


def in_pairs(jobs: Sequence[Job]) -> list[Sequence[Job]]:
    return [jobs[i : i + 2] for i in range(0, len(jobs), 2)]


def digests(found: Iterator[list[JobResult]]) -> list[str]:
    return sorted(result.job_digest for results in found for result in results)


def test_groups_of_a_failed_worker_are_trained_again() -> None:
    jobs = make_grid("lr=1,2", n_seeds=8).jobs
    pool = FakePool([None, BrokenProcessPool(), BrokenProcessPool()])
    notices: list[str] = []
    found = train_groups(in_pairs(jobs), pool, never, notices.append)
    assert digests(found) == sorted(job.digest for job in jobs)
    assert pool.n_recovered == 1
    assert notices == ["a worker failed; runs to train again: 4"]
    assert len(pool.submitted) == len(jobs) + 4


def test_results_of_a_group_in_training_come_once_and_are_not_trained_again() -> None:
    jobs = make_grid("lr=1,2", n_seeds=4).jobs
    pool = FakePool([BrokenProcessPool(), BrokenProcessPool()])
    notices: list[str] = []
    pool.n_early = 3
    found = train_groups(in_pairs(jobs), pool, never, notices.append)
    assert digests(found) == sorted(job.digest for job in jobs)
    assert notices == ["a worker failed; runs to train again: 1"]
    assert len(pool.submitted) == len(jobs) + 1


def test_worker_failures_in_a_row_end_the_sweep() -> None:
    groups = in_pairs(make_grid("lr=1").jobs)
    pool = FakePool([BrokenProcessPool()] * 100)
    with pytest.raises(WorkersFailed, match="5 workers in a row"):
        list(train_groups(groups, pool, never, lambda _: None))
    assert pool.n_recovered == MAX_WORKER_FAILURES - 1


def test_error_of_a_run_is_no_worker_failure() -> None:
    groups = in_pairs(make_grid("lr=1").jobs)
    with pytest.raises(MemoryError):
        list(train_groups(groups, FakePool([MemoryError()]), never, pytest.fail))


def test_stop_ends_the_pool_and_keeps_finished_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = make_grid("lr=1,2", n_seeds=8).jobs
    pool, stopping = FakePool(), [False]
    found = train_groups(in_pairs(jobs), pool, lambda: stopping[0], pytest.fail)
    results = list(islice(found, 3))
    stopping[0] = True
    results += found
    assert pool.stopped
    assert {result.job_digest for group in results for result in group} == {
        job.digest for job in pool.submitted
    }
    assert len(pool.submitted) < len(jobs)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    with ProcessPool(2) as pool:
        yield pool


def test_killed_worker_process_changes_no_result(pool: ProcessPool) -> None:
    sweep = Sweep(make_grid("lr=0.1,0.2", n_seeds=3, steps=900))
    notices: list[str] = []
    for n, _ in enumerate(sweep.run(pool, never, notices.append)):
        if n == 0:
            next(iter(pool._executor._processes.values())).kill()
    assert notices[0].startswith("a worker failed; ")
    expected = train_jobs(sweep.grid.jobs, lambda *_: True, record=False)
    assert {job: result.weights for job, result in sweep.results.items()} == {
        result.job_digest: result.weights for result in expected
    }


def test_results_of_a_process_are_passed_on_one_by_one(pool: ProcessPool) -> None:
    grid = make_grid("lr=1", n_seeds=2, steps=500)
    short, long = replace(grid.jobs[0].settings, steps=1), grid.jobs[1]
    pool.record = True  # one after the other
    future = pool.submit([Job(short), long])
    results: list[JobResult] = []
    while not future.done() or not results:
        results += pool.new_results()
    pool.record = False
    assert results[0] == future.result()[0]
    assert [result.job_digest for result in future.result()] == [Job(short).digest, long.digest]


def test_processes_have_one_thread_of_arithmetic_and_leave_signals_to_the_parent(
    pool: ProcessPool,
) -> None:
    found = pool._executor.submit(eval, "__import__('os').environ['OPENBLAS_NUM_THREADS']")
    assert found.result() == "1"
    handlers = "[__import__('signal').getsignal(n) for n in (1, 2, 15)]"
    ignored, default = signal.SIG_IGN, signal.SIG_DFL
    assert pool._executor.submit(eval, handlers).result() == [ignored, ignored, default]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are not listed here")
def test_only_processes_of_one_thread_are_forked() -> None:
    script = """
from threading import Event, Thread
from rnn_tui.sweep.pools import start_method
print(start_method())
ended = Event()
Thread(target=ended.wait).start()
print(start_method())
ended.set()
"""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    printed = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)
    assert printed.split() == ["fork", "spawn"]


def start(journal: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *SIZES, "--journal", str(journal)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def results_in(journal: Path) -> dict[str, Any]:
    """Return the complete lines of results by job; a job must not be there twice."""
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    results = [line for line in map(json.loads, lines) if "job" in line]
    assert len({result["job"] for result in results}) == len(results)
    return {result["job"]: {**result, "seconds": 0} for result in results}


def wait_for(is_met: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait until `is_met()`, or the process has ended."""
    while not is_met() and process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)


def kill_and_resume(
    folder: Path, capsys: pytest.CaptureFixture[str], kill: Sequence[Callable[[Path], Any]]
) -> None:
    """Kill a sweep at each moment of `kill`, resume, and compare with one that was not killed."""
    journal, fresh = folder / "sweep.jsonl", folder / "fresh.jsonl"
    for is_due in kill:
        process = start(journal)
        wait_for(partial(is_due, journal), process)
        process.kill()
        process.communicate()  # ends once the workers have, which have its streams
    n_found = len(results_in(journal))
    with open(journal, "ab") as file:
        file.write(b'{"values": {"lr"')  # as if the last one were torn
    output, errors = start(journal).communicate()
    assert f"{n_found} of 12 runs are in {journal} already" in errors.decode()
    *words, _ = SIZES
    _, expected, _ = run(capsys, *COMMAND[3:], *words, "1", "--journal", str(fresh))
    assert output.decode().replace(str(journal), str(fresh)) == expected
    assert results_in(journal) == results_in(fresh)
    assert len(results_in(fresh)) == 12


def test_killed_sweep_resumes_to_the_same_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_and_resume(tmp_path, capsys, [results_in])


@pytest.mark.long
def test_sweep_killed_at_random_moments_resumes_to_the_same_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = [results_in]  # so that there is something to resume
    moments = [RANDOM.random() * 3 for _ in range(6)]
    kill_and_resume(tmp_path, capsys, first + [partial(_is_over, [], each) for each in moments])


def _is_over(started: list[float], seconds: float, _journal: Path) -> bool:
    started.append(monotonic())
    return started[-1] - started[0] > seconds
