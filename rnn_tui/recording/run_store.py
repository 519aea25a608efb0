"""The journals on this machine: where they lie, which there are, and how each run went."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from glob import escape
from os.path import isdir, isfile
from pathlib import Path
from stat import S_ISREG
from typing import final

from rnn_tui.config.settings import UserError, check_choice
from rnn_tui.engine.evaluation import Score
from rnn_tui.recording.checkpoint import CheckpointError, checkpoint_path, is_checkpoint, load
from rnn_tui.recording.journal_format import (
    ChangeRecord,
    DigestRecord,
    JournalContents,
    JournalError,
    read_journal,
)
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX, run_names
from rnn_tui.run.summary import RunSummary, summarize_run

MAX_SUGGESTIONS = 5


@final
@dataclass(frozen=True, slots=True)
class SavedRun:
    """A journal with what it says, or with why it can not be read."""

    path: Path
    contents: JournalContents | None
    error: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def last_step(self) -> int:
        return self.contents.last_step if self.contents else 0

    @property
    def started_at(self) -> str:
        """Date and time in ISO 8601; "" where the journal cannot be read."""
        return self.contents.header.started_at if self.contents else ""

    @property
    def changes(self) -> int:
        return sum(isinstance(line, ChangeRecord) for line in self._records)

    @property
    def best_score(self) -> tuple[int, int, int] | None:
        """The best score: right results, of how many, after which step."""
        scores = [
            line.score for line in self._records if isinstance(line, DigestRecord) and line.score
        ]
        return max(scores, key=lambda score: score[0] / max(1, score[1]), default=None)

    @property
    def best_accuracy(self) -> float | None:
        """The best sequence accuracy; None before the first evaluation."""
        best = self.best_score
        return None if best is None else best[0] / max(1, best[1])

    @property
    def _records(self) -> tuple[object, ...]:
        return self.contents.records if self.contents else ()


def list_runs(folder: Path) -> Iterator[SavedRun]:
    """Yield the journals in `folder`, the latest first."""
    found = []
    for path in folder.glob(f"*{JOURNAL_SUFFIX}"):
        with suppress(FileNotFoundError):  # deleted in between
            status = path.stat()
            if S_ISREG(status.st_mode):
                found.append((status.st_mtime, path.name, path))
    for *_, path in sorted(found, reverse=True):
        yield read_saved_run(path)


def read_saved_run(path: Path) -> SavedRun:
    """Return what there is to say of the journal `path`."""
    try:
        recording = read_journal(path)
        return SavedRun(path, recording, recording.error)
    except JournalError as reason:
        return SavedRun(path, None, str(reason))
    except OSError as reason:
        return SavedRun(path, None, reason.strerror or str(reason))


def resolve_run(run: str | None, folder: Path, *, exact_name: bool = False) -> Path:
    """Return the journal that `run` names: a file, or one in `folder`; None is the latest there.

    A name may be shortened unless it is to be `whole`. Raises SettingsError where there is none.
    """
    if run is None:
        latest_run = next((it for it in list_runs(folder) if it.contents), None)
        if latest_run is None:
            raise UserError(f"there is no run in {folder} yet")
        return latest_run.path
    if isfile(run):
        return Path(run)
    if "/" in run:
        raise UserError(f"{run} is a directory" if isdir(run) else f"there is no file {run}")
    names = run_names(folder)
    if not names:
        raise UserError(f"unknown run {run!r}: no run is recorded in {folder} yet")
    name = run.removesuffix(JOURNAL_SUFFIX)
    matches = [] if exact_name else [other for other in names if other.startswith(name)]
    if name in names:
        matches = [name]
    if len(matches) != 1:
        nearest = get_close_matches(name, matches or names, MAX_SUGGESTIONS, cutoff=0.0)
        check_choice("run", name, nearest)
    return folder / f"{matches[0]}{JOURNAL_SUFFIX}"


def delete(path: Path) -> None:
    """Delete a journal and its checkpoint, also one that was never finished."""
    checkpoint_file = checkpoint_path(path)
    for unfinished in path.parent.glob(f".{escape(checkpoint_file.name)}.*"):
        unfinished.unlink(missing_ok=True)
    if is_checkpoint(checkpoint_file):
        checkpoint_file.unlink()
    path.unlink()


def summarize_saved(saved_run: SavedRun, number: int) -> RunSummary:
    """Return what there is to compare of an earlier run, from its latest checkpoint.

    Raises CheckpointError, which says in a few words why there is nothing.
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
    digests = (it for it in saved_run.contents.records if isinstance(it, DigestRecord))
    scores = [it.score for it in digests if it.score and it.score[2] <= summary.step]
    if not scores:
        return summary
    n_correct, total, step = scores[-1]
    score = Score(n_correct, total, 0, 0, exhaustive=False)
    return replace(summary, score=score, score_step=step)
