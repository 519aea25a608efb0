"""`rnn-tui runs`: lists, filters, sorts and deletes recorded runs."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from rnn_tui.cli.journals import load_journal
from rnn_tui.cli.json_lines import identity_fields, print_json
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.cli.run_columns import COLUMNS, Column
from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.config.settings import Settings
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.run_store import SavedRun, delete, list_runs, resolve_run
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.text.ascii import printable
from rnn_tui.text.format import format_accuracy


def list_saved_runs(args: argparse.Namespace) -> int:
    """List recorded runs, or delete some; return the exit status.

    Raises UserError for an unknown column, or for a run that cannot be deleted.
    """
    folder = state_folder(os.environ)
    if args.delete:
        if args.words:
            raise UserError(f"--delete takes names of runs after it, not {args.words[0]!r} before")
        return _delete_runs(args.delete, folder, yes=args.yes)
    saved_runs = [saved for saved in list_runs(folder) if _matches(saved, args.words)]
    if args.sort:
        _sort_runs(saved_runs, COLUMNS[check_choice("column", args.sort, COLUMNS)])
    if args.names:
        for saved in saved_runs:
            print_line(saved.name)
    elif args.json:
        for saved in saved_runs:
            print_json("saved-run", **_saved_run_fields(saved))
    elif saved_runs:
        _print_table(saved_runs)
    else:
        matching = f" matches {' '.join(args.words)}" if args.words else ""
        print_notice(f"no run in {folder}{matching}")
    return 0


def _delete_runs(names: list[str], folder: Path, *, yes: bool) -> int:
    paths = dict.fromkeys(resolve_run(name, folder) for name in names)
    for path in paths:
        if path.parent != folder:
            load_journal(path)  # or it may be any file
        if Journal.is_locked(path):
            raise UserError(f"{path}: this run is still training; end it before deleting it")
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("--delete needs a terminal to confirm; without one, add --yes")
        for path in paths:
            sys.stderr.write(f"{printable(str(path))}\n")
        sys.stderr.write("delete with their checkpoints? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return EXIT_FAILURE
    for path in paths:
        delete(path)
        print_line(f"deleted {path}")
    return 0


def _matches(saved: SavedRun, words: list[str]) -> bool:
    """Return whether each word is a choice of the run's settings, or in its name."""
    settings = saved.settings
    choices = (
        {settings.task, settings.model, settings.optimizer, settings.recipe} if settings else set()
    )
    return all(word.lower() in choices or word in saved.name for word in words)


def _sort_runs(saved_runs: list[SavedRun], column: Column) -> None:
    """Sort by the values of `column`; runs without one come last."""

    def value(saved: SavedRun) -> Any:
        settings = saved.settings
        return None if settings is None else column.value(saved, settings)

    saved_runs.sort(
        key=lambda saved: (
            (value(saved) is not None) == column.descending,
            0 if (found := value(saved)) is None else found,
        ),
        reverse=column.descending,
    )


def _saved_run_fields(saved: SavedRun) -> dict[str, Any]:
    header = saved.contents.header if saved.contents else None
    n_correct, n_sequences, step = saved.score or (None, None, None)
    event = saved.last_event
    parent, parent_step = (header.parent if header else None) or (None, None)
    return {
        "name": saved.name,
        "path": str(saved.path),
        **identity_fields(saved.settings),
        "step": saved.last_step if header else None,
        "n_changes": saved.changes if header else None,
        "evaluated_step": step,
        "n_correct": n_correct,
        "n_sequences": n_sequences,
        "sequence_accuracy": saved.accuracy,
        "event": event.text if event else None,
        "event_step": event.step if event else None,
        "started_at": saved.started_at or None,
        "parent": parent,
        "parent_step": parent_step,
        "error": saved.error or None,
    }


def _print_table(saved_runs: list[SavedRun]) -> None:
    rows: list[list[str]] = [list(COLUMNS)]
    notes = [""]
    for saved in saved_runs:
        settings = saved.settings
        if settings is None:
            rows.append([printable(saved.name)] + [""] * (len(COLUMNS) - 1))
            notes.append(saved.error)
            continue
        rows.append([_cell(name, saved, settings) for name in COLUMNS])
        parent = saved.contents.header.parent if saved.contents else None
        notes.append(
            (f"from {parent[0]} at {parent[1]:,}  " if parent else "")
            + (f"({saved.error})" if saved.error else "")
        )
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row, note in zip(rows, notes, strict=True):
        cells = [
            cell.rjust(width) if column.right_aligned else cell.ljust(width)
            for cell, width, column in zip(row, widths, COLUMNS.values(), strict=True)
        ]
        line = "  ".join(cells if any(row[1:]) else cells[:1])
        print_line(f"{line}  {note}".rstrip())


def _cell(name: str, saved: SavedRun, settings: Settings) -> str:
    if name == "accuracy" and saved.score:
        return format_accuracy(*saved.score, saved.last_step)
    value = COLUMNS[name].value(saved, settings)
    return "-" if value is None else printable(COLUMNS[name].text(value))
