"""What the commands for recorded runs share: finding a journal and reading it."""

import os
from pathlib import Path

from rnn_tui.config.errors import UserError
from rnn_tui.error_text import error_text
from rnn_tui.recording.journal_format import JournalContents, JournalError, read_journal
from rnn_tui.recording.run_store import resolve_run
from rnn_tui.recording.state_folder import state_folder


def find_journal(run: str | None) -> Path:
    """Return the journal of a run by its name or path, None for the latest; raises UserError."""
    return resolve_run(run, state_folder(os.environ))


def load_journal(path: Path) -> JournalContents:
    """Return the contents of a journal; raises UserError where its header cannot be read."""
    try:
        return read_journal(path)
    except (JournalError, OSError) as reason:
        raise UserError(error_text(reason)) from None
