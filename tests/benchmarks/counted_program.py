"""`rnn-tui ARGUMENTS`, which at SIGUSR1 appends the time and the step of its run to COUNT_FILE."""

import os
import signal
from time import monotonic
from typing import Any
from unittest.mock import patch

from rnn_tui.cli.main import main
from rnn_tui.run.run import Run

_runs: list[Run] = []  # that of the session, then any of recorded runs that are listed
_init = Run.__init__


def _init_and_keep(run: Run, *args: Any, **kwargs: Any) -> None:
    _init(run, *args, **kwargs)
    _runs.append(run)


def _count(*_signal: object) -> None:
    with open(os.environ["COUNT_FILE"], "a", encoding="ascii") as file:
        file.write(f"{monotonic()} {_runs[0].step}\n")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _count)
    with patch.object(Run, "__init__", _init_and_keep):
        main()
