"""Trains a sweep in a thread, for a screen that watches it."""

import traceback
from collections.abc import Callable
from concurrent.futures import CancelledError
from enum import Enum
from threading import Event, Thread
from typing import final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.error_text import error_text
from rnn_tui.sweep.cluster import SCHEDULER_LOST
from rnn_tui.sweep.dispatch import WorkersFailed
from rnn_tui.sweep.pools import Pool
from rnn_tui.sweep.sweep import Sweep


@final
class SweepStatus(Enum):
    """Whether runs are trained."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@final
class SweepThread:
    """Trains `sweep` in the pool of `make_pool`, from `start` to `stop`.

    `message` is the latest notice, or the reason of a failure; `failure` a traceback, if it is an
    error of the program.
    """

    def __init__(self, sweep: Sweep, make_pool: Callable[[], Pool]) -> None:
        np.errstate()  # numpy is loaded by this thread, if it is not yet
        self._sweep, self._make_pool = sweep, make_pool
        self._stopping = Event()
        self.status, self.message, self.failure = SweepStatus.RUNNING, "", ""
        self._thread = Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Start training."""
        self._thread.start()

    def stop(self) -> None:
        """End training soon, and wait until the results of finished runs are recorded."""
        self._stopping.set()
        self._thread.join()

    def notify(self, text: str) -> None:
        """Show `text` as the message."""
        self.message = text

    def _run(self) -> None:
        try:
            if self._sweep.jobs_left:
                with self._make_pool() as pool:
                    for _ in self._sweep.run(pool, self._stopping.is_set, self.notify):
                        pass
            left = self._sweep.jobs_left
            self.status = SweepStatus.STOPPED if left else SweepStatus.FINISHED
        except (WorkersFailed, UserError) as reason:
            self._fail(str(reason))
        except CancelledError:
            self._fail(SCHEDULER_LOST)
        except OSError as reason:
            self._fail(error_text(reason))
        except Exception as error:
            self.failure = traceback.format_exc()
            self._fail(f"the sweep failed: {error!r}; q shows the traceback")

    def _fail(self, reason: str) -> None:
        self.message, self.status = reason, SweepStatus.FAILED
