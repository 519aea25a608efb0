"""Starts runners for a test, and sees to it that no thread of theirs is left."""

import threading
from collections.abc import Iterator
from math import inf

import pytest

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Schedule
from rnn_tui.session.start import New, Opening
from rnn_tui.session.worker import Runner
from tests.support.driver import Driver, Start
from tests.support.makers import settings_with

SMALL = settings_with(bits=4, hidden=5, steps=10**9)


@pytest.fixture
def start() -> Iterator[Start]:
    runners, others = [], set(threading.enumerate())

    def start(
        beginning: Settings | Opening = SMALL,
        speed: float = inf,
        *,
        schedule: Schedule = (),
        paused: bool = False,
    ) -> Driver:
        opening = beginning if isinstance(beginning, Opening) else New(beginning, schedule)
        runners.append(Runner(opening, speed, paused=paused))
        return Driver(runners[-1])

    yield start
    for runner in runners:
        runner.stop()
    assert set(threading.enumerate()) <= others
