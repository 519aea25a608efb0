"""The journals on this machine: where they lie, which there are, and how each run went."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from os.path import isdir, isfile
from pathlib import Path
from stat import S_ISREG
from typing import final

from rnn_tui.config.settings import SettingsError, known
from rnn_tui.recording.checkpoint import beside, is_one
from rnn_tui.recording.journal_format import Changed, Digest, JournalError, Recording, read
from rnn_tui.recording.journal_target import JOURNAL


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return where this user's journals lie, by the XDG base directory specification."""
    given = environment.get("XDG_STATE_HOME", "")
    home = (
        Path(given)
        if given.startswith("/")
        else Path(environment.get("HOME", "/")) / ".local" / "state"
    )
    return home / "rnn-tui"


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """A journal with what it says, or with why it can not be read."""

    path: Path
    recording: Recording | None
    trouble: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def changes(self) -> int:
        return sum(isinstance(line, Changed) for line in self._lines)

    @property
    def best(self) -> tuple[int, int, int] | None:
        """The best score: right results, of how many, after which step."""
        scores = [line.exact for line in self._lines if isinstance(line, Digest) and line.exact]
        return max(scores, key=lambda score: score[0] / max(1, score[1]), default=None)

    @property
    def _lines(self) -> tuple[object, ...]:
        return self.recording.lines if self.recording else ()


def entries(folder: Path) -> Iterator[Entry]:
    """Yield the journals in `folder`, the latest first."""
    found = []
    for path in folder.glob(f"*{JOURNAL}"):
        with suppress(FileNotFoundError):  # deleted in between
            status = path.stat()
            if S_ISREG(status.st_mode):
                found.append((status.st_mtime, path.name, path))
    for *_, path in sorted(found, reverse=True):
        yield entry(path)


def entry(path: Path) -> Entry:
    """Return what there is to say of the journal `path`."""
    try:
        recording = read(path)
        return Entry(path, recording, recording.damage)
    except JournalError as reason:
        return Entry(path, None, str(reason))
    except OSError as reason:
        return Entry(path, None, reason.strerror or str(reason))


def find(run: str | None, folder: Path, *, whole: bool = False) -> Path:
    """Return the journal that `run` names: a file, or one in `folder`; None is the latest there.

    A name may be shortened unless it is to be `whole`. Raises SettingsError where there is none.
    """
    if run is None:
        latest = next((it for it in entries(folder) if it.recording), None)
        if latest is None:
            raise SettingsError(f"there is no run in {folder} yet")
        return latest.path
    if isfile(run):
        return Path(run)
    if "/" in run:
        raise SettingsError(f"{run} is a directory" if isdir(run) else f"there is no file {run}")
    names = sorted((it.stem for it in folder.glob(f"*{JOURNAL}")), reverse=True)
    if not names:
        raise SettingsError(f"there is no run {run!r}: none is in {folder} yet")
    name = run.removesuffix(JOURNAL)
    return (
        folder
        / f"{known('run', name, names) if whole or name in names else _near(name, names)}{JOURNAL}"
    )


def _near(name: str, names: list[str]) -> str:
    """Return the only run that begins so; else say which there are."""
    fitting = [it for it in names if it.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    return known("run", name, fitting[:5] or names[:5])


def delete(path: Path) -> None:
    """Delete a journal and its checkpoint, also one that was never finished."""
    kept = beside(path)
    for part in path.parent.glob(f".{escape(kept.name)}.*"):
        part.unlink(missing_ok=True)
    if is_one(kept):
        kept.unlink()
    path.unlink()
