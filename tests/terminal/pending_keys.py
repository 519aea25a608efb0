"""Counts the keys that a program under test has received and not yet handled."""

import os
from math import inf
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

from rnn_tui.tui.key_queue import KeyQueue
from tests.terminal.fork_server import RUN_PROGRAM

REPORT_PENDING_KEYS = f"from tests.terminal.pending_keys import report\nreport()\n{RUN_PROGRAM}"
FILE_NAME = "pending-keys"  # in the program's working directory
REPORT_SECONDS = 0.05  # between two reports
PROGRESS_SECONDS = 60.0  # in which at least one key is handled


def report() -> None:
    """Let the program write the number of its pending keys into a file."""
    init = KeyQueue.__init__

    def init_and_report(queue: KeyQueue, *arguments: Any, **options: Any) -> None:
        init(queue, *arguments, **options)
        Thread(target=_report, args=[queue._queue], daemon=True).start()

    setattr(KeyQueue, "__init__", init_and_report)  # noqa: B010 - mypy rejects an assignment


def _report(queue: Any) -> None:
    with Path(FILE_NAME).open("wb") as file:
        while True:
            os.pwrite(file.fileno(), b"%9d" % queue._unfinished_tasks, 0)
            sleep(REPORT_SECONDS)


def wait_until_handled(folder: Path, pending: int = 0) -> None:
    """Wait until at most so many keys are `pending` in the program that runs in `folder`.

    Raises AssertionError where the number does not fall for a minute.
    """
    sleep(REPORT_SECONDS * (2 if pending else 4))  # until the latest keys are counted
    fewest, since = inf, monotonic()
    while (number := int((folder / FILE_NAME).read_bytes())) > pending:
        if number < fewest:
            fewest, since = number, monotonic()
        assert monotonic() - since < PROGRESS_SECONDS, f"{number} keys are pending"
        sleep(REPORT_SECONDS)
