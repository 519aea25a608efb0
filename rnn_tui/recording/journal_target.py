"""Where the journals of a session are put."""

from datetime import datetime
from itertools import count
from pathlib import Path
from typing import final

from rnn_tui.recording import checkpoint
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import Header
from rnn_tui.recording.state_folder import JOURNAL_SUFFIX


@final
class JournalTarget:
    """Where journals are put: `folder`/`stem`.jsonl, and with -2, -3 … what is forked from it."""

    def __init__(self, folder: Path, stem: str, suffix: str = JOURNAL_SUFFIX) -> None:
        self.folder, self._stem, self._suffix = folder, stem, suffix

    @classmethod
    def from_recipe(cls, folder: Path, recipe: str) -> "JournalTarget":
        """Return where a run that begins now is put."""
        return cls(folder, f"{datetime.now():%Y%m%d-%H%M%S}-{recipe}")

    @classmethod
    def from_path(cls, path: Path) -> "JournalTarget":
        """Return where the run that is to be journalled in `path` is put."""
        return cls(path.absolute().parent, path.stem, path.suffix)

    def create_journal(self, header: Header) -> Journal:
        """Begin the next journal; none that is there is touched. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            number_suffix = f"-{number}" if number > 1 else ""
            try:
                path = self.folder / f"{self._stem}{number_suffix}{self._suffix}"
                if not checkpoint.checkpoint_path(path).exists():
                    return Journal.begin(path, header)
            except FileExistsError:
                continue
        raise AssertionError
