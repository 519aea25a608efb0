"""Writes a run down as it goes, so that nothing that was changed is lost whatever happens."""

import json
from fcntl import LOCK_EX, LOCK_NB, flock
from io import FileIO
from math import isfinite
from pathlib import Path
from typing import Any, final

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal_format import (
    FORMAT,
    KIND,
    OLDEST_CHECK,
    Changed,
    Digest,
    Header,
    JournalError,
    Recording,
    Resumed,
    check_of,
    read,
)


@final
class Journal:
    """A journal that is open to be appended to, by one process at a time.

    Each line goes to the system as it is written, so it outlives the process. Raises OSError.
    """

    def __init__(self, path: Path, file: FileIO, check: str) -> None:
        self.path, self._file, self._check = path, file, check

    @classmethod
    def begin(cls, path: Path, header: Header) -> "Journal":
        """Begin the journal `path`, which must not be there yet, and is not where that fails."""
        journal = cls(path, FileIO(path, "x"), OLDEST_CHECK)
        try:
            flock(journal._file, LOCK_EX | LOCK_NB)
            journal._append(
                **{KIND: FORMAT},
                began=header.began,
                machine=header.machine.data,
                settings=written(header.settings),
                at=[f"{step}:{change.spec}" for step, change in header.at],
                parent=list(header.parent) if header.parent else None,
            )
        except OSError:
            journal.close()
            path.unlink()
            raise
        return journal

    @classmethod
    def go_on(cls, path: Path) -> tuple["Journal", Recording]:
        """Open `path` to append to it; an unfinished last line is dropped when it is.

        Raises JournalError where it is damaged, or another process writes it.
        """
        file = FileIO(path, "r+")
        try:
            flock(file, LOCK_EX | LOCK_NB)
            recording = read(path)
            if recording.damage and not recording.cut_off:
                raise JournalError(recording.damage)
            file.seek(recording.size)
        except BlockingIOError:
            file.close()
            raise JournalError(f"{path}: this run still goes on in another process") from None
        except (ValueError, OSError):
            file.close()
            raise
        return cls(path, file, recording.check), recording

    @staticmethod
    def is_written(path: Path) -> bool:
        """Return whether a process has the journal `path` open to write it."""
        with FileIO(path, "r") as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def changed(self, line: Changed) -> None:
        self._append(step=line.step, change=line.change.spec)

    def digest(self, line: Digest) -> None:
        values = line._asdict()
        for name in ("loss", "weights", "memory"):
            values[name] = values[name] if isfinite(values[name]) else None
        self._append(**{name: it for name, it in values.items() if it is not None})

    def resumed(self, line: Resumed) -> None:
        self._file.truncate()
        self._append(step=line.step, resumed=line.machine.data)

    def close(self) -> None:
        self._file.close()

    def _append(self, **values: Any) -> None:
        body = json.dumps(values, allow_nan=False)[:-1].encode()
        check = check_of(self._check, body)
        line = body + f', "check": "{check}"}}\n'.encode()
        written = self._file.write(line)
        if written != len(line):
            raise OSError(f"only {written} of {len(line)} bytes could be written")
        self._check = check


def written(settings: Settings) -> dict[str, str]:
    """Return all settings in the words of the command line."""
    values = {it.name: getattr(settings, it.field) for it in OPTIONS.values()}
    return {"recipe": settings.recipe} | {
        name: str(value) for name, value in values.items() if value is not None
    }
