"""The journal of a sweep: a header for each start, and one JSON object a line for each result."""

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Any, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import finite_or_null, format_value
from rnn_tui.error_text import error_text
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal import lock_file
from rnn_tui.recording.journal_format import SWEEP_FORMAT_KEY
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX
from rnn_tui.sweep.grid import Cell, Grid
from rnn_tui.sweep.job import Job, JobResult

FORMAT_VERSION = 1
FOLDER_NAME = "sweeps"  # in the state folder
DIGEST_CHARS = 8  # of the name of a journal


def default_journal_path(folder: Path, grid: Grid) -> Path:
    """Return the journal of `grid` in the state folder `folder`.

    It is the same for other values of the axes and other seeds, so that an extended sweep finds the
    results that there are.
    """
    options = sorted((name, str(value)) for name, value in grid.options.items())
    changes = [f"{step}:{change.spec}" for step, change in grid.schedule]
    text = json.dumps([sorted(grid.names), options, changes, grid.until_exact])
    digest = sha256(text.encode()).hexdigest()[:DIGEST_CHARS]
    task = grid.cells[0].settings.task
    axes = [name.replace(":", "-") for name in grid.names]
    return folder / FOLDER_NAME / f"{'-'.join([task, *axes, digest])}{JOURNAL_SUFFIX}"


@final
class SweepJournal:
    """The results of a sweep, appended line by line, locked against other processes.

    `results` are those found, by the digest of their job: of runs by the same versions of rnn-tui
    and numpy. Each line is passed to the system at once, so that it outlives the process; a
    truncated last line is removed.
    """

    def __init__(self, path: Path, grid: Grid) -> None:
        """Open or create the journal `path`; raises UserError where that is not possible."""
        self.path, self._header = path, _header(grid)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(str(path), "a+")
        except OSError as reason:
            raise UserError(f"--journal: {error_text(reason)}") from None
        try:
            lock_file(self._file)
            self._file.seek(0)
            text = self._file.readall()
            n_valid = text.rfind(b"\n") + 1
            lines = text[:n_valid].splitlines()
            self.n_outdated, self.results = _read(path, lines)
            self._file.truncate(n_valid)
        except BlockingIOError:
            self._file.close()
            raise UserError(f"{path}: this sweep is still active in another process") from None
        except (OSError, UserError) as reason:
            self._file.close()
            raise UserError(str(reason)) from None

    def write(self, cell: Cell, names: Iterable[str], job: Job, result: JobResult) -> None:
        """Append the result of a job of `cell`; raises OSError."""
        if self._header:  # with the first result of this process
            self._append(self._header)
            self._header = {}
        values = dict(zip(names, cell.values, strict=True))
        self._append({"values": values, "seed": job.settings.seed, **result.to_json()})

    def close(self) -> None:
        """Close the file, which releases its lock; an empty one is removed."""
        if self._file.tell() == 0:
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _append(self, values: dict[str, Any]) -> None:
        line = json.dumps(finite_or_null(values), allow_nan=False).encode() + b"\n"
        if (n_written := self._file.write(line)) != len(line):
            raise OSError(f"only {n_written} of {len(line)} bytes could be written")


def _header(grid: Grid) -> dict[str, Any]:
    return {
        SWEEP_FORMAT_KEY: FORMAT_VERSION,
        "started_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "environment": current_environment().as_dict,
        "axes": {axis.name: axis.texts for axis in grid.axes},
        "options": {name: format_value(value) for name, value in grid.options.items()},
        "at": [f"{step}:{change.spec}" for step, change in grid.schedule],
        "seeds": grid.seeds,
        "until_exact": grid.until_exact,
    }


def _read(path: Path, lines: list[bytes]) -> tuple[int, dict[str, JobResult]]:
    """Return how many results are of other versions, and the others by digest.

    Raises UserError for a file of another kind, and for a damaged line.
    """
    results: dict[str, JobResult] = {}
    n_outdated, versions_match = 0, False
    current = current_environment()
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line)
            if not isinstance(values, dict) or (number == 1 and SWEEP_FORMAT_KEY not in values):
                raise ValueError("this is no journal of a sweep")
            if SWEEP_FORMAT_KEY in values:
                version = values[SWEEP_FORMAT_KEY]
                if version != FORMAT_VERSION:
                    raise ValueError(f"format {str(version)[:9]} is of another rnn-tui")
                found = values["environment"]
                versions_match = (found["rnn_tui"], found["numpy"]) == (
                    current.rnn_tui,
                    current.numpy,
                )
            else:
                result = JobResult.from_json(values)
                n_outdated += not versions_match
                if versions_match:
                    results[result.job_digest] = result
        except (ValueError, KeyError, TypeError) as reason:
            text = str(reason) if type(reason) is ValueError else "this line is damaged"
            raise UserError(
                f"{path}: line {number}: {text}; choose another file by --journal"
            ) from None
    return n_outdated, results
