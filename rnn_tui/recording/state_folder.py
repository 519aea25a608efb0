"""The folder of a user's journals, and their names."""

from collections.abc import Mapping
from pathlib import Path

JOURNAL_SUFFIX = ".jsonl"


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return where this user's journals lie, by the XDG base directory specification."""
    given = environ.get("XDG_STATE_HOME", "")
    home = (
        Path(given)
        if given.startswith("/")
        else Path(environ.get("HOME", "/")) / ".local" / "state"
    )
    return home / "rnn-tui"


def run_names(folder: Path) -> list[str]:
    """Return the names of the journals in `folder`, in reverse order."""
    return sorted((path.stem for path in folder.glob(f"*{JOURNAL_SUFFIX}")), reverse=True)
