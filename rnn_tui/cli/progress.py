"""A line of progress on standard error, while a command takes long."""

import sys
from time import perf_counter
from typing import final

INTERVAL_SECONDS = 0.5


@final
class ProgressLine:
    """Overwrites one line of standard error, where that is a terminal."""

    def __init__(self) -> None:
        self._printed_at, self._is_shown = perf_counter(), False
        self._stream = sys.stderr  # an app may replace it later

    def update(self, text: str) -> None:
        """Print `text`, unless the last one is more recent than INTERVAL_SECONDS."""
        if self._stream.isatty() and perf_counter() - self._printed_at > INTERVAL_SECONDS:
            self._printed_at, self._is_shown = perf_counter(), True
            self._stream.write(f"\r\x1b[K{text} ")
            self._stream.flush()

    def update_step(self, step: int, last_step: int) -> bool:
        """Print the progress of training; return True, as what may be continued."""
        self.update(f"step {step:,} of {last_step:,}")
        return True

    def clear(self) -> None:
        """Erase the line, if there is one."""
        if self._is_shown:
            self._is_shown = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()
