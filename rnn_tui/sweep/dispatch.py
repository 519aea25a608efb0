"""Sends groups of jobs to a pool and yields the results as they come."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from typing import final

from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.pools import GroupFuture, Pool

POLL_SECONDS = 0.1  # between two checks for a signal
MAX_WORKER_FAILURES = 5  # in a row, without a group that is trained in between


@final
class WorkersFailed(Exception):
    """MAX_WORKER_FAILURES workers failed in a row; the text says what may help."""


def train_groups(
    groups: Sequence[Sequence[Job]],
    pool: Pool,
    should_stop: Callable[[], bool],
    on_notice: Callable[[str], None],
) -> Iterator[list[JobResult]]:
    """Yield results as they come, those of several runs at once, and [] now and then in between.

    After `should_stop()` the pool is stopped, and the results of runs that are finished follow. The
    groups of a worker that fails are trained again, with a notice; raises WorkersFailed where
    MAX_WORKER_FAILURES fail in a row.
    """
    waiting = deque(groups)
    running: dict[GroupFuture, Sequence[Job]] = {}
    yielded: set[str] = set()  # digests of jobs
    n_failures = 0

    def new(results: Sequence[JobResult]) -> list[JobResult]:
        found = [result for result in results if result.job_digest not in yielded]
        yielded.update(result.job_digest for result in found)
        return found

    while waiting or running:
        if should_stop():
            pool.stop()
            yield from (new(f.result()) for f in running if _has_result(f))
            return
        while waiting and len(running) < pool.capacity:
            group = waiting.popleft()
            running[pool.submit(group)] = group
        done, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        yield new(pool.new_results())
        if any(error and pool.is_worker_failure(error) for error in map(_error_of, done)):
            n_failures += 1
            if n_failures == MAX_WORKER_FAILURES:
                raise WorkersFailed(
                    f"{n_failures} workers in a row ended before a result, perhaps for want of "
                    "memory; use fewer --jobs or smaller runs"
                )
            pool.recover()
            done = {future for future in running if future.done()}
        failed: list[Sequence[Job]] = []
        for future in done:
            group, error = running.pop(future), _error_of(future)
            if error is None:
                n_failures = 0
                yield new(future.result())
            elif pool.is_worker_failure(error):
                failed.append([job for job in group if job.digest not in yielded])
            else:
                raise error
        if failed:
            on_notice(f"a worker failed; runs to train again: {sum(map(len, failed))}")
            waiting.extendleft(filter(None, reversed(failed)))


def _error_of(future: GroupFuture) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error


def _has_result(future: GroupFuture) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
