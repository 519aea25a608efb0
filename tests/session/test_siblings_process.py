"""The process of the siblings: its priority, and how it ends."""

import os
import signal
import subprocess
import sys
from queue import SimpleQueue

import pytest

from rnn_tui.session.siblings_plan import PlanMessage, SiblingsPlan
from rnn_tui.session.siblings_process import SiblingsProcess
from rnn_tui.session.siblings_trainer import NICENESS
from tests.support.driver import TIMEOUT_SECONDS
from tests.support.makers import settings_with
from tests.terminal.processes import is_alive, wait_for_end

SMALL = settings_with(length=3, hidden_size=4)
PLAN = SiblingsPlan(SMALL, (1, 2))
PARENT = """
from time import sleep
from rnn_tui.session.siblings_plan import PlanMessage
from rnn_tui.session.siblings_process import SiblingsProcess
from tests.session.test_siblings_process import PLAN
process = SiblingsProcess(lambda: None)
process.send(PlanMessage(PLAN, 10**9))
print(process.pid, flush=True)
sleep(1000)
"""


@pytest.fixture
def news() -> "SimpleQueue[None]":
    return SimpleQueue()


def test_process_trains_until_it_is_killed(news: "SimpleQueue[None]") -> None:
    process = SiblingsProcess(lambda: news.put(None))
    niceness = os.nice(0)
    try:
        process.send(PlanMessage(PLAN, 40))
        while process.update is None or process.update.step < 40:
            news.get(timeout=TIMEOUT_SECONDS)
        assert process.is_ready
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, niceness + NICENESS)
        assert os.getpgid(process.pid) == process.pid
        assert os.getsid(process.pid) == os.getsid(0)
        os.kill(process.pid, signal.SIGINT)  # ignored
        process.send(PlanMessage(PLAN, 10**9))  # for ever
        while not process.is_ready:
            news.get(timeout=TIMEOUT_SECONDS)
        os.kill(process.pid, signal.SIGKILL)
        while not process.has_ended:
            news.get(timeout=TIMEOUT_SECONDS)
        assert process.end_reason == "by SIGKILL"
        assert not process.is_ready
    finally:
        process.stop()
    assert not is_alive(process.pid)


def test_error_in_the_process_is_its_end_reason(news: "SimpleQueue[None]") -> None:
    process = SiblingsProcess(lambda: news.put(None))
    try:
        process.send(PlanMessage(None, 40))  # type: ignore[arg-type]  # the error of this test
        while not process.has_ended:
            news.get(timeout=TIMEOUT_SECONDS)
        assert process.end_reason == "by AttributeError: 'NoneType' object has no attribute 'seeds'"
    finally:
        process.stop()


def test_process_ends_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    wait_for_end(pid)
