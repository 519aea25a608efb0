"""The commands for runs that were written down: runs, replay, resume and export."""

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_line_mode_arguments,
    add_pacing_arguments,
)
from rnn_tui.cli.launch import launch
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import UserError
from rnn_tui.recording.export import export, file_stem
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalContents, JournalError, read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import restore_final_state
from rnn_tui.recording.run_store import (
    JournalTarget,
    SavedRun,
    delete,
    list_runs,
    resolve_run,
    state_folder,
)
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.start import ReplayRun, ResumeRun
from rnn_tui.signals import GracefulExit
from rnn_tui.text.ascii import to_ascii

EXIT_MISMATCH = EXIT_DAMAGED = 1
RECIPE_COLUMN_WIDTH = max(map(len, RECIPES))  # cells for the longest name
SLICE_SECONDS = 0.05  # seconds between two looks at Ctrl-C
PROGRESS_INTERVAL_SECONDS = 0.5  # seconds between two words on how far it is


def add_saved_run_commands(subparsers: Any) -> None:
    """Add the commands to argparse's `commands`."""
    runs_parser = subparsers.add_parser("runs", help="list the runs that were written down")
    runs_parser.add_argument("--delete", metavar="RUN", nargs="+", help="delete these for good")
    runs_parser.set_defaults(run=_list_runs)
    replay_parser = subparsers.add_parser(
        "replay", help="repeat a run by its journal, and compare", description=_replay.__doc__
    )
    replay_parser.add_argument(
        "journal_file", metavar="FILE", help="a journal, or a run by its name"
    )
    replay_parser.add_argument(
        "--headless", action="store_true", help="without a screen, at full speed"
    )
    replay_parser.set_defaults(run=_replay)
    resume_parser = subparsers.add_parser(
        "resume", help="go on with a run where it stopped", description=_resume.__doc__
    )
    resume_parser.add_argument(
        "resumed", metavar="RUN", nargs="?", help="by its name, or its journal (the latest)"
    )
    resume_parser.set_defaults(run=_resume)
    export_parser = subparsers.add_parser(
        "export", help="write a run into files", description=_export.__doc__
    )
    export_parser.add_argument(
        "exported", metavar="RUN", nargs="?", help="as for resume (the latest)"
    )
    export_parser.add_argument("--csv", action="store_true", help="only the errors")
    export_parser.add_argument("--npz", action="store_true", help="only the state")
    export_parser.add_argument("--to", metavar="DIR", default=".", help="where to (here)")
    export_parser.set_defaults(run=_export)
    for command in (replay_parser, resume_parser):
        add_pacing_arguments(command)
        add_line_mode_arguments(command)
        add_appearance_arguments(command)


def _state_folder() -> Path:
    return state_folder(os.environ)


def _read_journal(path: Path) -> JournalContents:
    """Return what the journal says; raises SettingsError where it cannot be read at all."""
    try:
        return read_journal(path)
    except (JournalError, OSError) as reason:
        raise UserError(str(reason)) from None


def _list_runs(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """List the runs, the latest first."""
    folder = _state_folder()
    if args.delete:
        paths = dict.fromkeys(resolve_run(run, folder, exact_name=True) for run in args.delete)
        for path in paths:
            if path.parent != folder:
                _read_journal(path)  # or it may be any file
            if Journal.is_locked(path):
                raise UserError(f"{path}: this run still goes on, and is not deleted")
        for path in paths:
            delete(path)
            _print_line(f"deleted {path}")
        return 0
    saved_runs = list(list_runs(folder))
    if not saved_runs:
        _print_line(f"no runs in {folder} yet")
        return 0
    width = max(len(entry.name) for entry in saved_runs)
    header = f"{'recipe':<{RECIPE_COLUMN_WIDTH}}  {'steps':>12}  {'best score':>15}  changes  began"
    _print_line(f"{'run':<{width}}  {header}")
    for entry in saved_runs:
        _print_line(f"{entry.name:<{width}}  {_format_run(entry)}")
    return 0


def _format_run(entry: SavedRun) -> str:
    recording = entry.contents
    if recording is None:
        return entry.error
    best = f"{entry.best_score[0]:,}/{entry.best_score[1]:,}" if entry.best_score else "-"
    began = recording.header.started_at.replace("T", " ")[:16]
    parent = recording.header.parent
    row = f"{recording.header.settings.recipe:<{RECIPE_COLUMN_WIDTH}}  {recording.last_step:>12,}"
    row += f"  {best:>15}"
    row += f"  {entry.changes:>7,}  {began}"
    row += f"  from {parent[0]} at {parent[1]:,}" if parent else ""
    return row + (f"  ({entry.error})" if entry.error else "")


def _replay(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Repeat a run and compare it with its journal; status 1 where it differs."""
    _reject_setting_arguments(args)
    path = resolve_run(args.journal_file, _state_folder())
    recording = _read_journal(path)
    if recording.error:
        sys.stderr.write(f"rnn-tui: {recording.error}; repeated up to there\n")
    replay, settings = ReplayVerifier(recording, path.stem), recording.header.settings
    if args.headless:
        status = _replay_headless(recording, replay)
    else:
        journal_target = JournalTarget.from_recipe(_state_folder(), settings.recipe)
        status = launch(parser, args, ReplayRun(settings, replay, journal_target))
    _print_line(replay.verdict)
    if status:
        return status
    damaged = recording.error and not recording.truncated
    return EXIT_MISMATCH if replay.mismatch or damaged else 0


def _reject_setting_arguments(args: argparse.Namespace) -> None:
    """Raise SettingsError where there are options that a run which was written down cannot take."""
    fields = {option.attribute: option.name for option in FIELDS.values()}
    fields |= {"recipe": "recipe", "at": "at", "journal": "journal", "no_journal": "no-journal"}
    for field, name in fields.items():
        if field in args:
            raise UserError(f"--{name} is for a new run: this one is as it was written down")


def _replay_headless(recording: JournalContents, replay: ReplayVerifier) -> int:
    """Repeat `recording` at full speed; return the status of a signal, if one ended it."""
    with GracefulExit() as interrupt, np.errstate(all="ignore"):
        branch = Branch(Run(recording.header.settings), replay)
        last_printed, step_budget = perf_counter(), StepBudget(SLICE_SECONDS)
        while not (replay.finished or interrupt.received):
            with step_budget.timed_slice(branch.run):
                branch.advance(min(step_budget.steps, recording.last_step - branch.run.step))
            if sys.stderr.isatty() and perf_counter() - last_printed > PROGRESS_INTERVAL_SECONDS:
                last_printed = perf_counter()
                sys.stderr.write(f"\rstep {branch.run.step:,} of {recording.last_step:,} ")
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
    return interrupt.exit_status


def _resume(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Go on with a run where it stopped, exactly as if it had not."""
    _reject_setting_arguments(args)
    path = resolve_run(args.resumed, _state_folder())
    recording = _read_journal(path)
    if recording.error and not recording.truncated:
        raise UserError(f"{recording.error}; replay repeats it up to there")
    try:
        Journal.open_append(path)[0].close()  # whether it can be gone on with is better said now
    except (JournalError, OSError) as reason:
        raise UserError(str(reason)) from None
    session_start = ResumeRun(path, recording.header.settings, JournalTarget.from_path(path))
    return launch(parser, args, session_start)


def _export(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Write the errors of a run as CSV, and its whole state as npz, where it stopped."""
    path = resolve_run(args.exported, _state_folder())
    try:
        run, message = restore_final_state(path, _read_journal(path))
    except JournalError as reason:
        raise UserError(str(reason)) from None
    if message:
        sys.stderr.write(f"rnn-tui: {message}\n")
    suffixes = [".csv"] * args.csv + [".npz"] * args.npz
    stem = Path(args.to).absolute() / file_stem(run, path.stem)
    for written_path in export(run, stem, suffixes or [".csv", ".npz"]):
        _print_line(f"wrote {written_path}")
    return 0


def _print_line(text: str) -> None:
    sys.stdout.write(to_ascii(text) + "\n")
    sys.stdout.flush()
