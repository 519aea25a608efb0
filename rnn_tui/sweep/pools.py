"""Where groups of jobs are trained: in this process, in worker processes, or on a cluster."""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from ctypes import c_byte, c_longlong
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.sharedctypes import RawArray, RawValue
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self, final

from rnn_tui.sweep import worker_process
from rnn_tui.sweep.groups import train_jobs
from rnn_tui.sweep.job import Job, JobResult

GroupFuture = Future[list[JobResult]]
MAX_SUBMITTED_GROUPS_PER_WORKER = 2  # one in training, one next: no worker waits


class Pool(ABC):
    """Trains groups of jobs. With `record`, each run has a journal."""

    def __init__(self, *, record: bool = False) -> None:
        self.record = record

    @property
    @abstractmethod
    def n_workers(self) -> int:
        """The number of groups that are trained at the same time."""

    @property
    def capacity(self) -> int:
        """The number of groups to submit at the same time."""
        return MAX_SUBMITTED_GROUPS_PER_WORKER * self.n_workers

    @abstractmethod
    def submit(self, group: Sequence[Job]) -> GroupFuture:
        """Train `group`; its results are fewer than its jobs where the pool is stopped before."""

    @property
    def unfinished_steps(self) -> int:
        """The steps taken of runs that are not finished; 0 where that is not known."""
        return 0

    def new_results(self) -> list[JobResult]:
        """Return the results since the last call of groups in training, or earlier ones again."""
        return []

    def is_worker_failure(self, error: BaseException) -> bool:
        """Return whether `error` of a group means that its worker failed, not the training."""
        return False

    def recover(self) -> None:
        """Replace failed workers; raises UserError where that is not possible."""
        raise AssertionError("no worker of the pool fails")

    @abstractmethod
    def stop(self) -> None:
        """End the training of all groups after the slice in progress.

        Waits for that, except on a cluster.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


@final
class ThreadPool(Pool):
    """Trains in one thread of this process, which starts at once."""

    n_workers = 1
    capacity = 1  # the next group is submitted as the last one ends: there is nothing to transfer

    def __init__(self, *, record: bool = False) -> None:
        super().__init__(record=record)
        self._executor = ThreadPoolExecutor(1)
        self._unfinished_steps, self._stopping = 0, False
        self._results: list[JobResult] = []  # of the group in training

    def submit(self, group: Sequence[Job]) -> GroupFuture:
        return self._executor.submit(self._train, group)

    def _train(self, group: Sequence[Job]) -> list[JobResult]:
        self._results = []
        return train_jobs(group, self._on_progress, record=self.record)

    def new_results(self) -> list[JobResult]:
        return list(self._results)

    def _on_progress(self, unfinished_steps: int, result: JobResult | None) -> bool:
        self._unfinished_steps = unfinished_steps
        if result is not None:
            self._results.append(result)
        return not self._stopping

    @property
    def unfinished_steps(self) -> int:
        return self._unfinished_steps

    def stop(self) -> None:
        self._stopping = True
        self._executor.shutdown(wait=True, cancel_futures=True)


@final
class ProcessPool(Pool):
    """Trains in `n_workers` processes; one that dies is replaced, with all others."""

    def __init__(self, n_workers: int, *, record: bool = False) -> None:
        super().__init__(record=record)
        self._n_workers = n_workers
        self._stop_flag = RawValue(c_byte, 0)
        # Shared without a lock, which a killed worker would keep.
        self._steps: Any = RawArray(c_longlong, self.capacity)
        self._slots: dict[GroupFuture, int] = {}
        self._result_folder = TemporaryDirectory(prefix="rnn-tui-sweep-")
        self._result_offsets: dict[int, int] = {}  # bytes read, by slot

    @cached_property
    def _executor(self) -> ProcessPoolExecutor:
        """The executor, whose workers start with the first group."""
        return ProcessPoolExecutor(
            self._n_workers,
            get_context(start_method()),
            worker_process.start_worker,
            (self._stop_flag, self._steps, self._result_folder.name),
        )

    @property
    def n_workers(self) -> int:
        return self._n_workers

    def submit(self, group: Sequence[Job]) -> GroupFuture:
        self._slots = {future: slot for future, slot in self._slots.items() if not future.done()}
        slot = min(set(range(self.capacity)) - set(self._slots.values()))
        self._steps[slot] = self._result_offsets[slot] = 0
        worker_process.result_path(self._result_folder.name, slot).unlink(missing_ok=True)
        try:
            future = self._executor.submit(train_in_process, group, slot, record=self.record)
        except BrokenProcessPool as error:  # not noticed before
            future = Future()
            future.set_exception(error)
        self._slots[future] = slot
        return future

    @property
    def unfinished_steps(self) -> int:
        return sum(self._steps[slot] for future, slot in self._slots.items() if not future.done())

    def new_results(self) -> list[JobResult]:
        results = []
        for slot in self._slots.values():
            with suppress(FileNotFoundError):
                path = worker_process.result_path(self._result_folder.name, slot)
                with open(path, "rb") as file:
                    file.seek(self._result_offsets[slot])
                    text = file.read()
                lines = text[: text.rfind(b"\n") + 1]  # the last one may not be complete yet
                self._result_offsets[slot] += len(lines)
                results += [JobResult.from_json(json.loads(line)) for line in lines.splitlines()]
        return results

    def is_worker_failure(self, error: BaseException) -> bool:
        return isinstance(error, BrokenProcessPool)

    def recover(self) -> None:
        wait(self._slots)  # one process breaks all: the executor ends the others
        self._executor.shutdown(wait=True, cancel_futures=True)
        del self._executor  # a new one is started

    def stop(self) -> None:
        self._stop_flag.value = 1
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._result_folder.cleanup()


def start_method() -> str:
    """Return how worker processes start: "fork" in a process of one thread, else "spawn".

    A forked worker starts at once, with numpy loaded. It has no copy of other threads, as of a
    screen, but of the locks that they hold, so that it might wait forever.
    """
    try:
        n_threads = len(os.listdir("/proc/self/task"))
    except FileNotFoundError:  # not Linux, where libraries may start threads of their own
        return "spawn"
    return "fork" if n_threads == 1 else "spawn"


def train_in_process(group: Sequence[Job], slot: int, *, record: bool) -> list[JobResult]:
    """Train `group` in a worker process, count its steps in `slot`, and write each result."""
    path = worker_process.result_path(worker_process.result_folder, slot)

    def on_progress(unfinished_steps: int, result: JobResult | None) -> bool:
        worker_process.unfinished_steps[slot] = unfinished_steps
        if result is not None:
            with open(path, "ab", buffering=0) as file:
                file.write(json.dumps(result.to_json()).encode() + b"\n")
        return not worker_process.stop_flag.value

    return train_jobs(group, on_progress, record=record)
