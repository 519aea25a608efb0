"""An append-only journal of a run, written line by line so that no change is lost."""

import errno
import json
import os
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from io import FileIO
from pathlib import Path
from typing import Any, final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import finite_or_null
from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal_format import (
    FORMAT_KEY,
    INITIAL_CHAIN_HASH,
    JOURNAL_FORMAT_VERSION,
    BreakpointRecord,
    ChangeRecord,
    DigestRecord,
    Header,
    JournalContents,
    JournalError,
    PlanRecord,
    ResumeRecord,
    compute_chain_hash,
    read_journal,
)

NO_LOCK_ERRORS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@final
class Journal:
    """A journal opened for appending, locked against other processes.

    Each line is passed to the system at once, so it outlives the process. Methods raise OSError.
    `unlocked_reason` is why other processes are not locked out, if so.
    """

    def __init__(self, path: Path, file: FileIO, last_hash: str, unlocked_reason: str) -> None:
        self.path, self._file, self._last_hash = path, file, last_hash
        self.unlocked_reason = unlocked_reason

    @classmethod
    def begin(cls, path: Path, header: Header) -> "Journal":
        """Create the journal `path`, which must not exist; it is removed where that fails."""
        file = FileIO(str(path), "x")  # whose errors would show a Path as such
        try:
            journal = cls(path, file, INITIAL_CHAIN_HASH, lock_file(file))
            journal._append(
                **{FORMAT_KEY: JOURNAL_FORMAT_VERSION},
                started_at=header.started_at,
                environment=header.environment.as_dict,
                settings=settings_to_json(header.settings),
                schedule=[f"{step}:{change.spec}" for step, change in header.schedule],
                parent=list(header.parent) if header.parent else None,
                headless=header.headless,
            )
        except OSError:
            file.close()
            path.unlink()
            raise
        return journal

    @classmethod
    def open_append(cls, path: Path) -> tuple["Journal", JournalContents]:
        """Open `path` for appending; a truncated last line is dropped by `write_resume`.

        Raises JournalError where it is damaged or locked by another process, and OSError.
        """
        file = FileIO(str(path), "r+")
        try:
            unlocked_reason = lock_file(file)
            contents = read_journal(path)
            if contents.error and not contents.truncated:
                raise JournalError(f"{contents.error}; 'rnn-tui replay' runs it up to there")
            file.seek(contents.valid_bytes)
        except BlockingIOError:
            file.close()
            raise JournalError(f"{path}: this run is still active in another process") from None
        except (ValueError, OSError):
            file.close()
            raise
        return cls(path, file, contents.chain_hash, unlocked_reason), contents

    @staticmethod
    def is_locked(path: Path) -> bool:
        """Return whether a process has the journal `path` locked for appending."""
        with FileIO(str(path), "r") as file:
            try:
                lock_file(file)
            except BlockingIOError:
                return True
        return False

    def check_exists(self) -> None:
        """Raise OSError where `path` is no longer this file, as after `rm` or `mv`."""
        with suppress(FileNotFoundError):
            if os.path.samestat(os.stat(self.path), os.fstat(self._file.fileno())):
                return
        raise OSError(f"{self.path} was deleted or moved")

    def write_change(self, record: ChangeRecord) -> None:
        """Append a change; raises OSError."""
        self._append(step=record.step, change=record.change.spec)

    def write_breakpoint(self, record: BreakpointRecord) -> None:
        """Append an action on a breakpoint; raises OSError."""
        text = {"text": record.text} if record.text else {}
        self._append(
            step=record.step, breakpoint=record.condition.text, action=record.action, **text
        )

    def write_plan(self, record: PlanRecord) -> None:
        """Append a plan; raises OSError."""
        self._append(**record._asdict())

    def write_digest(self, record: DigestRecord) -> None:
        """Append a digest, with null for NaN and infinity; raises OSError."""
        values = finite_or_null(record._asdict())
        self._append(**{name: value for name, value in values.items() if value is not None})

    def write_resume(self, record: ResumeRecord) -> None:
        """Truncate an incomplete last line and append the resume; raises OSError."""
        self._file.truncate()
        self._append(step=record.step, resumed=record.environment.as_dict)

    def close(self) -> None:
        """Close the file, which releases its lock."""
        self._file.close()

    def _append(self, **values: Any) -> None:
        body = json.dumps(values, allow_nan=False)[:-1].encode()
        line_hash = compute_chain_hash(self._last_hash, body)
        line = body + f', "check": "{line_hash}"}}\n'.encode()
        n_written = self._file.write(line)
        if n_written != len(line):
            raise OSError(f"only {n_written} of {len(line)} bytes could be written")
        self._last_hash = line_hash


def lock_file(file: FileIO) -> str:
    """Lock `file`, and return "", or the reason why its file system has no locks.

    Raises BlockingIOError where another process has locked the file.
    """
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except OSError as reason:
        if reason.errno not in NO_LOCK_ERRORS:
            raise
        return str(reason.strerror)
    return ""


def settings_to_json(settings: Settings) -> dict[str, str]:
    """Return all settings by their names on the command line."""
    values = {field.name: field.get(settings) for field in FIELDS.values()}
    return {"recipe": settings.recipe, "arithmetic": str(settings.numerics)} | {
        name: str(value) for name, value in values.items() if value is not None
    }
