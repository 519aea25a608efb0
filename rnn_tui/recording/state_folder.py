"""The folder of a user's journals, and their names."""

from collections.abc import Mapping
from os import getuid, listdir
from os.path import isfile
from pathlib import Path
from pwd import getpwuid

JOURNAL_SUFFIX = ".jsonl"
FIRST_START_MARKER = "first-start"


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return where this user's journals lie, by the XDG base directory specification.

    Variables without an absolute path are ignored. The root directory is the home of a user whom
    the user database does not list.
    """
    state_home = Path(environ.get("XDG_STATE_HOME", ""))
    if not state_home.is_absolute():
        state_home = _home_folder(environ) / ".local" / "state"
    return state_home / "rnn-tui"


def _home_folder(environ: Mapping[str, str]) -> Path:
    home = Path(environ.get("HOME", ""))
    if not home.is_absolute():
        try:
            home = Path("/", getpwuid(getuid()).pw_dir)
        except KeyError:
            home = Path("/")
    return home


def journal_paths(folder: Path) -> list[Path]:
    """Return the journals in `folder`, none if it does not exist; raises OSError."""
    try:
        return [
            folder / name
            for name in listdir(folder)
            if name.endswith(JOURNAL_SUFFIX) and isfile(folder / name)
        ]
    except FileNotFoundError:
        return []


def mark_first_start(folder: Path) -> bool:
    """Return whether the dashboard has never been started with `folder`, and mark it.

    Where `folder` cannot be written it counts as started.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FIRST_START_MARKER).touch(exist_ok=False)
    except OSError:
        return False
    return True


def run_names(folder: Path) -> list[str]:
    """Return the names of the journals in `folder`, in reverse order; raises OSError."""
    return sorted((path.stem for path in journal_paths(folder)), reverse=True)
