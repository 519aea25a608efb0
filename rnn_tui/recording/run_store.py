"""The saved runs of this user: where journals are put, which there are, and what each contains."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from glob import escape
from itertools import count
from os.path import exists, isdir, isfile
from pathlib import Path
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.recording.checkpoint import CheckpointError, checkpoint_path, is_checkpoint, load
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import (
    BreakpointRecord,
    ChangeRecord,
    DigestRecord,
    Header,
    JournalContents,
    JournalError,
    Record,
    read_journal,
)
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX, journal_paths, run_names
from rnn_tui.run.changes import SetWeights
from rnn_tui.run.events import Event
from rnn_tui.run.settings_history import SettingsHistory, same_scope, settings_history
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.summary import RunSummary, summarize_run

MAX_SUGGESTIONS = 5


@final
class JournalTarget:
    """Where a session puts its journals: `folder`/`stem`.jsonl, then -2, -3, … for its forks."""

    def __init__(self, folder: Path, stem: str, suffix: str = JOURNAL_SUFFIX) -> None:
        self.folder, self._stem, self._suffix = folder, stem, suffix

    @classmethod
    def from_settings(cls, folder: Path, settings: Settings) -> "JournalTarget":
        """Return the target of a run that starts now, named after the time, task and model."""
        return cls(folder, f"{datetime.now():%Y%m%d-%H%M%S}-{settings.task}-{settings.model}")

    @classmethod
    def from_path(cls, path: Path) -> "JournalTarget":
        """Return the target whose first journal is `path`."""
        return cls(path.absolute().parent, path.stem, path.suffix)

    def create_journal(self, header: Header) -> Journal:
        """Create the next journal under a free name; raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            number_suffix = f"-{number}" if number > 1 else ""
            try:
                path = self.folder / f"{self._stem}{number_suffix}{self._suffix}"
                if not checkpoint_path(path).exists():
                    return Journal.begin(path, header)
            except FileExistsError:
                continue
        raise AssertionError


@final
@dataclass(frozen=True, slots=True)
class SavedRun:
    """A journal with its contents, or with the reason why it cannot be read."""

    path: Path
    contents: JournalContents | None
    error: str = ""

    @property
    def name(self) -> str:
        """The file name of the journal without its suffix."""
        return self.path.stem

    @property
    def last_step(self) -> int:
        """The last recorded step; 0 where the journal cannot be read."""
        return self.contents.last_step if self.contents else 0

    @property
    def started_at(self) -> str:
        """Date and time in ISO 8601; "" where the journal cannot be read."""
        return self.contents.header.started_at if self.contents else ""

    @property
    def changes(self) -> int:
        """The number of recorded changes."""
        return sum(isinstance(line, ChangeRecord) for line in self._records)

    @property
    def last_event(self) -> Event | None:
        """The latest event, or breakpoint that was hit; None without one."""
        events = [record.event for record in self._records if isinstance(record, DigestRecord)]
        hits = [
            Event(record.step, "breakpoint", f"breakpoint {record.condition.text}: {record.text}")
            for record in self._records
            if isinstance(record, BreakpointRecord) and record.action == "hit"
        ]
        found = [event for event in events if event] + hits
        return max(found, key=lambda event: event.step, default=None)

    @property
    def settings(self) -> Settings | None:
        """The settings of the last step; None where the journal cannot be read."""
        if self.contents is None:
            return None
        return self.settings_history[-1].settings

    @property
    def settings_history(self) -> SettingsHistory:
        """The settings over the steps; empty where the journal cannot be read."""
        if self.contents is None:
            return ()
        changes = [
            (record.step, settings)
            for record, settings in self._settings_by_record
            if isinstance(record, ChangeRecord)
        ]
        return settings_history(self.contents.header.settings, changes, self.last_step)

    @property
    def score(self) -> tuple[int, int, int] | None:
        """The latest score under the settings of the last step: n_correct, n_sequences, step."""
        return self.score_until(self.last_step)

    def score_until(self, step: int) -> tuple[int, int, int] | None:
        """Return the latest `score` that is of a model after at most `step` steps."""
        score, since, old = None, 0, None
        for record, settings in self._settings_by_record:
            if isinstance(record, DigestRecord):
                if record.score and since <= record.score[2] <= step:
                    score = record.score
            elif isinstance(record, ChangeRecord):
                is_set = isinstance(record.change, SetWeights)
                if is_set or not (old and same_scope(old, settings)):
                    if 0 < record.step == self.last_step:
                        break  # what follows is of settings without a step
                    score, since = None, record.step
            old = settings
        return score

    @property
    def accuracy(self) -> float | None:
        """The sequence accuracy of `score`; None before the first evaluation."""
        return None if self.score is None else self.score[0] / max(1, self.score[1])

    @property
    def _settings_by_record(self) -> Iterator[tuple[Record, Settings]]:
        """Yield each record with the settings after it."""
        if self.contents is None:
            return
        state = SettingsState.from_settings(self.contents.header.settings)
        for record in self.contents.records:
            if isinstance(record, ChangeRecord):
                with suppress(UserError):  # rejected when it was recorded, too
                    state = state.apply(record.change)
            yield record, state.settings

    @property
    def _records(self) -> tuple[Record, ...]:
        return self.contents.records if self.contents else ()


def list_runs(folder: Path) -> Iterator[SavedRun]:
    """Return the journals in `folder`, each read when it is needed, the latest first.

    Raises OSError where the folder cannot be read.
    """
    return map(read_saved_run, latest_journals(folder))


def latest_journals(folder: Path) -> list[Path]:
    """Return the paths of the journals in `folder`, the latest first; raises OSError."""
    found = []
    for path in journal_paths(folder):
        with suppress(FileNotFoundError):  # deleted in between
            found.append((path.stat().st_mtime, path.name, path))
    return [path for *_, path in sorted(found, reverse=True)]


def read_saved_run(path: Path) -> SavedRun:
    """Return the saved run of the journal `path`, whether readable or not."""
    try:
        recording = read_journal(path)
        return SavedRun(path, recording, recording.error)
    except JournalError as reason:
        return SavedRun(path, None, str(reason))
    except OSError as reason:
        return SavedRun(path, None, reason.strerror or str(reason))


def resolve_run(run: str | None, folder: Path) -> Path:
    """Return the journal `run`: a file, or the name of one in `folder`; None is the latest there.

    A unique prefix of a name suffices. Raises UserError where there is none.
    """
    if run is None:
        latest_run = next(
            (saved_run for saved_run in list_runs(folder) if saved_run.contents), None
        )
        if latest_run is None:
            raise UserError(f"there is no run in {folder} yet")
        return latest_run.path
    if isfile(run):
        return Path(run)
    names = run_names(folder)
    if exists(run) and not any(name.startswith(run) for name in names):
        raise UserError(f"{run} is {'a directory' if isdir(run) else 'no regular file'}")
    if "/" in run:
        raise UserError(f"there is no file {run}")
    if not names:
        raise UserError(f"unknown run {run!r}: no run is recorded in {folder} yet")
    name = run.removesuffix(JOURNAL_SUFFIX)
    matches = [name] if name in names else [other for other in names if other.startswith(name)]
    if len(matches) > 1:
        first = ", ".join(matches[:MAX_SUGGESTIONS])
        raise UserError(f"{run!r} begins {len(matches)} names of runs: {first}, …")
    if not matches:
        nearest = get_close_matches(name, names, MAX_SUGGESTIONS, cutoff=0.0)
        check_choice("run", name, nearest)
    return folder / f"{matches[0]}{JOURNAL_SUFFIX}"


def delete(path: Path) -> None:
    """Delete a journal, its checkpoint, and what an interrupted checkpoint left."""
    checkpoint_file = checkpoint_path(path)
    for unfinished in path.parent.glob(f".{escape(checkpoint_file.name)}.*"):
        unfinished.unlink(missing_ok=True)
    if is_checkpoint(checkpoint_file):
        checkpoint_file.unlink()
    path.unlink()


def summarize_saved(saved_run: SavedRun, number: int) -> RunSummary:
    """Return the summary of a saved run, from its latest checkpoint.

    Raises CheckpointError with a reason of two words.
    """
    if saved_run.contents is None:
        raise CheckpointError("bad journal")
    initial_settings = saved_run.contents.header.settings
    try:
        loaded = load(checkpoint_path(saved_run.path), initial_settings, with_keyframes=False)
    except FileNotFoundError:
        raise CheckpointError("no checkpoint") from None
    except (CheckpointError, OSError):
        raise CheckpointError("bad checkpoint") from None
    summary = summarize_run(loaded.run, number, saved_run.name, loaded.keyframes.training_seconds)
    recorded = saved_run.score_until(summary.step)
    if recorded is None:
        return summary
    n_correct, total, step = recorded
    score = Score(n_correct, total, 0, 0, exhaustive=False)
    return replace(summary, score=score, score_step=step)
