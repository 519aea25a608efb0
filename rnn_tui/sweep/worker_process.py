"""A worker process of a sweep, before numpy is loaded; it ends with the process that started it."""

import os
import signal
from collections.abc import MutableSequence
from multiprocessing import parent_process
from threading import Thread
from typing import Any

THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

stop_flag: Any = None  # shared: its `value` is 1 once training is to end
steps_taken: MutableSequence[int] = []  # shared: by slot, the steps of the group in training


def start_worker(shared_stop_flag: Any, shared_steps: MutableSequence[int]) -> None:
    """Prepare this process: one thread of arithmetic, signals left to the parent process."""
    global stop_flag, steps_taken
    stop_flag, steps_taken = shared_stop_flag, shared_steps
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    for signum in (signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the parent process ends, perhaps by SIGKILL, and end this one."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
