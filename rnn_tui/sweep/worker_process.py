"""A worker process of a sweep, which ends with the process that started it."""

import os
import signal
from collections.abc import MutableSequence
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any

THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

stop_flag: Any = None  # shared: its `value` is 1 once training is to end
unfinished_steps: MutableSequence[int] = []  # shared: by slot, of the group in training
result_folder = ""  # shared: a file of results by slot


def start_worker(
    shared_stop_flag: Any, shared_steps: MutableSequence[int], shared_folder: str
) -> None:
    """Prepare this process: one BLAS thread, unless it is forked with numpy, and its signals.

    Those of the keyboard are left to the parent process, whose handlers a forked worker has.
    """
    global stop_flag, unfinished_steps, result_folder
    stop_flag, unfinished_steps, result_folder = shared_stop_flag, shared_steps, shared_folder
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    for signum in (signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()


def result_path(folder: str, slot: int) -> Path:
    """Return the file of the results of the group in `slot`, a JSON object a line."""
    return Path(folder, f"{slot}.jsonl")


def _end_with_parent() -> None:
    """Wait until the parent process ends, perhaps by SIGKILL, and end this one."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
