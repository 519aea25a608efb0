"""Drives a training worker in tests: sends requests, and waits until they are handled."""

from collections.abc import Callable
from time import monotonic, sleep

from rnn_tui.session.controller import Request
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.session.worker import TrainingWorker

TIMEOUT_SECONDS = 60  # only a worker that hangs takes so long
POLL_SECONDS = 0.01  # each poll makes the worker take a snapshot
SETTLED = (Status.PAUSED, Status.FINISHED, Status.HALTED, Status.FAILED)

Start = Callable[..., "Driver"]


class Driver:
    """Sends requests to a worker and waits until they are handled."""

    def __init__(self, worker: TrainingWorker) -> None:
        self.worker, self.sent = worker, 0
        worker.start()

    def ask(self, *requests: Request) -> Snapshot:
        """Send `requests` and return the first snapshot after all of them are handled."""
        for request in requests:
            self.worker.send(request)
        self.sent += len(requests)
        return self.until(
            lambda snapshot: (
                (snapshot.requests_handled == self.sent and not snapshot.busy)
                or snapshot.status is Status.FAILED
            )
        )

    def until(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        deadline = monotonic() + TIMEOUT_SECONDS
        while not condition(snapshot := self.worker.latest_snapshot()):
            assert monotonic() < deadline, snapshot
            sleep(POLL_SECONDS)
        return snapshot

    def until_step(self, step: int) -> Snapshot:
        return self.until(lambda snapshot: snapshot.step >= step)

    def settled(self, *requests: Request) -> Snapshot:
        """Send `requests` and return the first snapshot in which the run does not advance."""
        self.ask(*requests)
        return self.until(lambda snapshot: snapshot.status in SETTLED)
