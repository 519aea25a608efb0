"""Starts runners for a test, and sees to it that no thread of theirs is left."""

import threading
from collections.abc import Iterator
from math import inf

import pytest

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Schedule
from rnn_tui.session.start import NewRun, SessionStart
from rnn_tui.session.worker import TrainingWorker
from tests.support.driver import Driver, Start
from tests.support.makers import settings_with

SMALL = settings_with(length=4, hidden_size=5, steps=10**9)


@pytest.fixture
def start() -> Iterator[Start]:
    runners, others = [], set(threading.enumerate())

    def start(
        beginning: Settings | SessionStart = SMALL,
        speed: float = inf,
        *,
        schedule: Schedule = (),
        paused: bool = False,
    ) -> Driver:
        opening = beginning if isinstance(beginning, SessionStart) else NewRun(beginning, schedule)
        runners.append(TrainingWorker(opening, speed, paused=paused))
        return Driver(runners[-1])

    yield start
    for runner in runners:
        runner.stop()
    assert set(threading.enumerate()) <= others
