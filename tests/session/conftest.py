"""Starts workers for a test, and asserts that none of their threads is left."""

import threading
from collections.abc import Iterator
from math import inf

import pytest

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Schedule
from rnn_tui.session.start import NewRun, SessionStart
from rnn_tui.session.worker import TrainingWorker
from tests.support.driver import TIMEOUT_SECONDS, Driver, Start
from tests.support.makers import settings_with

SMALL = settings_with(length=4, hidden_size=5, steps=10**9)


@pytest.fixture
def start() -> Iterator[Start]:
    workers, others = [], set(threading.enumerate())

    def start(
        initial: Settings | SessionStart = SMALL,
        speed: float = inf,
        *,
        schedule: Schedule = (),
        paused: bool = False,
    ) -> Driver:
        session_start = initial if isinstance(initial, SessionStart) else NewRun(initial, schedule)
        workers.append(TrainingWorker(session_start, speed, paused=paused))
        return Driver(workers[-1])

    yield start
    for worker in workers:
        worker.stop()
    started = set(threading.enumerate()) - others
    for thread in started:
        thread.join(TIMEOUT_SECONDS)  # an analysis may still be under way
    assert not any(thread.is_alive() for thread in started)
