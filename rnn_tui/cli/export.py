"""`rnn-tui export`: writes the losses and the state of a recorded run to files."""

import argparse
from pathlib import Path

from rnn_tui.cli.journals import find_journal, load_journal
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.config.errors import UserError
from rnn_tui.recording.export import export, file_stem
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.recording.resume import restore_final_state


def export_run(args: argparse.Namespace) -> int:
    """Write the losses of a run as CSV, and its state at its last step as npz."""
    path = find_journal(args.run_name)
    try:
        run, message = restore_final_state(path, load_journal(path))
    except JournalError as reason:
        raise UserError(str(reason)) from None
    if message:
        print_notice(message)
    suffixes = [".csv"] * args.csv + [".npz"] * args.npz
    stem = Path(args.to).absolute() / file_stem(run, path.stem)
    for written_path in export(run, stem, suffixes or [".csv", ".npz"]):
        print_line(f"wrote {written_path}")
    return 0
