"""Reads the runs of earlier sessions, to be compared with those of this one."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import final

from rnn_tui.recording.checkpoint import CheckpointError, checkpoint_path
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.run_store import (
    SavedRun,
    latest_journals,
    read_saved_run,
    summarize_saved,
)
from rnn_tui.run.summary import RunSummary

MAX_RECORDED_RUNS = 50


@final
@dataclass(frozen=True, slots=True, eq=False)
class RecordedRun:
    """A recorded run with its summary, or the `reason` why it has none; `number` is below 0."""

    saved_run: SavedRun
    number: int
    summary: RunSummary | None
    reason: str


@final
class RecordedRunReader:
    """Reads the latest runs that no process writes; files that have not changed only once.

    Each run keeps its number.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # by name
        # By path, with the state of the files.
        self._known: dict[Path, tuple[tuple[object, ...], RecordedRun]] = {}

    def read(self, folder: Path, session_names: Collection[str]) -> Iterator[RecordedRun]:
        """Yield up to MAX_RECORDED_RUNS runs in `folder` but those of `session_names`."""
        yield from islice(self._read_all(folder, session_names), MAX_RECORDED_RUNS)

    def _read_all(self, folder: Path, session_names: Collection[str]) -> Iterator[RecordedRun]:
        try:
            paths = latest_journals(folder)
        except OSError:  # an unreadable folder: the recorder warns of it
            return
        for path in paths:
            if path.stem in session_names:
                continue
            try:
                if not Journal.is_locked(path):
                    yield self._read(path, "")
            except OSError as reason:  # another user's, or deleted meanwhile
                yield self._read(path, reason.strerror or str(reason))

    def _read(self, path: Path, reason: str) -> RecordedRun:
        state = (reason, *_file_state(path), *_file_state(checkpoint_path(path)))
        known_state, known = self._known.get(path, ((), None))
        if known and state == known_state:
            return known
        number = self._numbers.setdefault(path.stem, -1 - len(self._numbers))
        saved_run, summary = read_saved_run(path), None
        if not reason:
            try:
                summary = summarize_saved(saved_run, number)
            except CheckpointError as error:
                reason = str(error)
        run = RecordedRun(saved_run, number, summary, reason)
        self._known[path] = state, run
        return run


def _file_state(path: Path) -> tuple[int, ...]:
    """Return what changes when `path` is written; nothing if there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino
