"""Recordings of a terminal in the format asciicast v3, for asciinema.

The format: https://docs.asciinema.org/manual/asciicast/v3
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, final

SUFFIX = ".cast"
TERM_TYPE = "xterm-256color"


@final
class CastWriter:
    """Writes the header and the events of a recording to `file`, one line each.

    The terminal has `columns` and `rows`. Times are in milliseconds from the start of the
    recording; `time` is that of the last event.
    """

    def __init__(self, file: TextIO, columns: int, rows: int, title: str) -> None:
        self._file, self.columns, self.rows, self.time = file, columns, rows, 0
        term = {"cols": columns, "rows": rows, "type": TERM_TYPE}
        self._write_line({"version": 3, "term": term, "title": title})

    def output(self, time: int, text: str) -> None:
        """Write that the terminal receives `text`."""
        self._write_event(time, "o", text)

    def marker(self, time: int, label: str) -> None:
        """Write a marker, to which a player can jump."""
        self._write_event(time, "m", label)

    def end(self, time: int) -> None:
        """Write that the program exits with status 0."""
        self._write_event(time, "x", "0")

    def _write_event(self, time: int, code: str, data: str) -> None:
        interval, self.time = (time - self.time) / 1000, time
        self._write_line([interval, code, data])

    def _write_line(self, line: object) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False, separators=(", ", ": ")) + "\n")


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Yield a file that becomes `path` where the block ends without an exception.

    Raises OSError with the name of `path`.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "w", encoding="utf-8") as file:
            yield file
        os.replace(unfinished, path)
    except OSError as reason:
        raise OSError(reason.errno, reason.strerror, str(path)) from None
    finally:
        unfinished.unlink(missing_ok=True)
