"""A Dask cluster as a pool: `distributed` is an optional package, imported when it is used."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from importlib import import_module
from socket import create_connection
from time import monotonic
from typing import Any, final
from uuid import uuid4

import numpy as np

from rnn_tui import __version__
from rnn_tui.config.errors import UserError
from rnn_tui.recording.environment import current_environment
from rnn_tui.sweep.groups import train_jobs
from rnn_tui.sweep.job import Job, JobResult
from rnn_tui.sweep.pools import GroupFuture, Pool

INSTALL_ADVICE = "pip install '.[cluster]' in a checkout"
ADDRESS_PATTERN = re.compile(r"(?:tcp|tls)://(\[[^]]+\]|[^:/\[\]]+):(\d+)")
CONNECT_TIMEOUT_SECONDS = 10.0
REPLY_TIMEOUT_SECONDS = 30.0  # of the scheduler
WORKER_TIMEOUT_SECONDS = 30.0  # for the first worker
WORKER_COUNT_SECONDS = 2.0  # between two counts of the workers
EVENT_INTERVAL_SECONDS = 1.0  # between two events with the steps of a group
# Each has a level of its own. They log tracebacks of a lost connection; a notice is one line.
SILENCED_LOGGERS = ("distributed", "distributed.client", "tornado.application", "asyncio")
SCHEDULER_LOST = "the connection to the scheduler was lost"

Versions = dict[str, str]


@final
class VersionMismatch(Exception):
    """A worker has another version of a package than the process that sends jobs."""


def own_versions() -> Versions:
    """Return the versions of the packages that determine the numbers of a run."""
    return {"rnn_tui": __version__, "numpy": np.__version__}


def train_on_worker(
    group: Sequence[Job], versions: Versions, topic: str, *, record: bool
) -> list[JobResult]:
    """Train `group` on a worker of a cluster; raises VersionMismatch where its versions differ.

    Each result, and now and then the steps taken of runs that are not finished, are sent to the
    clients that have subscribed to `topic`. Training ends once the task is cancelled, as by the
    end of the client.
    """
    if own_versions() != versions:
        raise VersionMismatch
    worker = import_module("distributed").get_worker()
    task = worker.state.tasks[worker.get_current_task()]
    sent_at = monotonic()

    def on_progress(unfinished_steps: int, result: JobResult | None) -> bool:
        nonlocal sent_at
        if result or not unfinished_steps or monotonic() - sent_at > EVENT_INTERVAL_SECONDS:
            sent_at = monotonic()
            event = {"group": group[0].digest, "steps": unfinished_steps}
            worker.log_event(topic, event | ({"result": result.to_json()} if result else {}))
        return bool(task.state != "cancelled")

    return train_jobs(group, on_progress, record=record)


def _make_version_query() -> Callable[[], Versions]:
    """Return a function that is sent by its code: a worker may have no such module."""

    def query() -> Versions:
        from importlib import import_module

        found = {}
        for name in ("rnn_tui", "numpy"):
            try:
                found[name] = str(import_module(name).__version__)
            except (ImportError, AttributeError):
                found[name] = "none"
        return found

    return query


@final
class DaskPool(Pool):
    """Trains on the workers of the Dask scheduler at `address`, as tcp://HOST:PORT.

    Workers with other versions are refused, with a notice; so there is of accepted workers whose
    environment rounds differently. Raises UserError where `distributed` is not installed, the
    scheduler cannot be reached, or no worker is left.
    """

    def __init__(
        self, address: str, on_notice: Callable[[str], None], *, record: bool = False
    ) -> None:
        super().__init__(record=record)
        self._address, self._on_notice = address, on_notice
        try:
            self._distributed: Any = import_module("distributed")
        except ImportError:
            raise UserError(
                f"--scheduler needs the package distributed; install it by {INSTALL_ADVICE}"
            ) from None
        _check_reachable(address)
        for name in SILENCED_LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            self._client: Any = self._distributed.Client(
                address, timeout=REPLY_TIMEOUT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, TypeError) as reason:
            detail = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
            raise UserError(f"--scheduler: no scheduler at {address}: {detail}") from None
        self._topic = f"rnn-tui-sweep-{uuid4().hex}"
        self._steps: dict[str, int] = {}  # by group, of unfinished runs
        self._results: deque[JobResult] = deque()
        self._client.subscribe_topic(self._topic, self._on_event)
        self._refused: set[str] = set()
        self._compared: set[str] = set()  # accepted workers, by name
        self._n_workers, self._counted_at = 0, -WORKER_COUNT_SECONDS
        try:
            self._executor = self._accept_workers()
        except BaseException:
            self.stop()
            raise

    def _accept_workers(self) -> Executor:
        """Return an executor for the workers of these versions; raises UserError without any."""
        client, own = self._client, own_versions()
        try:
            client.wait_for_workers(1, timeout=WORKER_TIMEOUT_SECONDS)
        except TimeoutError:
            raise UserError(
                f"the scheduler at {self._address} has no workers; start one by "
                f"'dask worker {self._address} --nthreads 1'"
            ) from None
        found = client.run(_make_version_query(), on_error="return")
        refused = {name: versions for name, versions in found.items() if versions != own}
        for name, versions in refused.items():
            if name not in self._refused:
                self._on_notice(f"worker {name} is refused: {_difference(versions, own)}")
        self._refused |= refused.keys()
        accepted = [name for name in found if name not in refused]
        if not accepted:
            raise UserError(f"no worker of {self._address} has the same versions; install them")
        self._compare_rounding([name for name in accepted if name not in self._compared])
        executor: Executor = client.get_executor(**({"workers": accepted} if refused else {}))
        return executor

    def _compare_rounding(self, workers: Sequence[str]) -> None:
        """Notify of each of `workers` that rounds differently from this process."""
        found = self._client.run(current_environment, workers=workers, on_error="ignore")
        self._compared |= found.keys()
        for name, environment in found.items():
            if not environment.has_same_rounding(current_environment()):
                self._on_notice(
                    f"worker {name} has another processor, BLAS library or number of BLAS threads "
                    "than this process: its results may differ from those computed here"
                )

    @property
    def n_workers(self) -> int:
        """The number of threads of all workers, counted now and then."""
        if monotonic() - self._counted_at > WORKER_COUNT_SECONDS:
            self._counted_at = monotonic()
            threads = self._client.nthreads()
            self._n_workers = sum(n for name, n in threads.items() if name not in self._refused)
        return max(1, self._n_workers)

    def submit(self, group: Sequence[Job]) -> GroupFuture:
        return self._executor.submit(
            train_on_worker, group, own_versions(), self._topic, record=self.record
        )

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        """Note the steps or the result that a worker has sent; called in a thread of the client."""
        _, message = event
        self._steps[message["group"]] = message["steps"]
        if "result" in message:
            self._results.append(JobResult.from_json(message["result"]))

    @property
    def unfinished_steps(self) -> int:
        return sum(list(self._steps.values()))

    def new_results(self) -> list[JobResult]:
        return [self._results.popleft() for _ in range(len(self._results))]

    def is_worker_failure(self, error: BaseException) -> bool:
        # A worker that has joined since the versions were compared may lack rnn_tui, or a name in
        # its modules: the task cannot be unpickled there. Such a worker is refused by `recover`.
        cannot_unpickle = ImportError | AttributeError
        killed = self._distributed.scheduler.KilledWorker
        return isinstance(error, killed | VersionMismatch | cannot_unpickle)

    def recover(self) -> None:
        self._steps.clear()
        self._executor = self._accept_workers()

    def stop(self) -> None:
        self._client.close(timeout=1)  # which cancels the tasks


def _check_reachable(address: str) -> None:
    """Raise UserError where no process listens at `address`: a Client would print a traceback."""
    match = ADDRESS_PATTERN.fullmatch(address)
    if match is None:
        raise UserError(f"--scheduler: {address!r} is not tcp://HOST:PORT")
    try:
        create_connection((match[1].strip("[]"), int(match[2])), CONNECT_TIMEOUT_SECONDS).close()
    except (OSError, OverflowError) as reason:
        raise UserError(f"--scheduler: no scheduler at {address}: {reason}") from None


def _difference(versions: Any, own: Versions) -> str:
    if not isinstance(versions, dict):  # the error of another Python
        return f"its versions cannot be read ({type(versions).__name__})"
    return ", ".join(
        f"{name.replace('_', '-')} {versions.get(name)} (here {version})"
        for name, version in own.items()
        if versions.get(name) != version
    )
