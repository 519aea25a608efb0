"""The commands for runs that were written down: runs, replay, resume and export."""

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from rnn_tui.cli.arguments import add_appearance, add_driving, add_plain
from rnn_tui.cli.launch import open_session
from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import SettingsError
from rnn_tui.recording.export import export, stem_of
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalError, Recording, read
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.recording.replay import Replay
from rnn_tui.recording.resume import rebuild
from rnn_tui.recording.run_store import Entry, delete, entries, find, state_folder
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import Stride
from rnn_tui.session.branch import Branch
from rnn_tui.session.start import Repeated, Resumed
from rnn_tui.signals import Interrupt
from rnn_tui.text.ascii import in_ascii

DIFFERENT = DAMAGED = 1
RECIPE = max(map(len, RECIPES))  # cells for the longest name
SLICE = 0.05  # seconds between two looks at Ctrl-C
TOLD = 0.5  # seconds between two words on how far it is


def add_recalling(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    runs = commands.add_parser("runs", help="list the runs that were written down")
    runs.add_argument("--delete", metavar="RUN", nargs="+", help="delete these for good")
    runs.set_defaults(run=_runs)
    replay = commands.add_parser(
        "replay", help="repeat a run by its journal, and compare", description=_replay.__doc__
    )
    replay.add_argument("journal_file", metavar="FILE", help="a journal, or a run by its name")
    replay.add_argument("--headless", action="store_true", help="without a screen, at full speed")
    replay.set_defaults(run=_replay)
    resume = commands.add_parser(
        "resume", help="go on with a run where it stopped", description=_resume.__doc__
    )
    resume.add_argument(
        "resumed", metavar="RUN", nargs="?", help="by its name, or its journal (the latest)"
    )
    resume.set_defaults(run=_resume)
    export = commands.add_parser(
        "export", help="write a run into files", description=_export.__doc__
    )
    export.add_argument("exported", metavar="RUN", nargs="?", help="as for resume (the latest)")
    export.add_argument("--csv", action="store_true", help="only the errors")
    export.add_argument("--npz", action="store_true", help="only the state")
    export.add_argument("--to", metavar="DIR", default=".", help="where to (here)")
    export.set_defaults(run=_export)
    for command in (replay, resume):
        add_driving(command)
        add_plain(command)
        add_appearance(command)


def _folder() -> Path:
    return state_folder(os.environ)


def _readable(path: Path) -> Recording:
    """Return what the journal says; raises SettingsError where it cannot be read at all."""
    try:
        return read(path)
    except (JournalError, OSError) as reason:
        raise SettingsError(str(reason)) from None


def _runs(_parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """List the runs, the latest first."""
    folder = _folder()
    if options.delete:
        paths = dict.fromkeys(find(run, folder, whole=True) for run in options.delete)
        for path in paths:
            if path.parent != folder:
                _readable(path)  # or it may be any file
            if Journal.is_written(path):
                raise SettingsError(f"{path}: this run still goes on, and is not deleted")
        for path in paths:
            delete(path)
            _say(f"deleted {path}")
        return 0
    found = list(entries(folder))
    if not found:
        _say(f"no runs in {folder} yet")
        return 0
    width = max(len(entry.name) for entry in found)
    head = f"{'recipe':<{RECIPE}}  {'steps':>12}  {'best score':>15}  changes  began"
    _say(f"{'run':<{width}}  {head}")
    for entry in found:
        _say(f"{entry.name:<{width}}  {_row(entry)}")
    return 0


def _row(entry: Entry) -> str:
    recording = entry.recording
    if recording is None:
        return entry.trouble
    best = f"{entry.best[0]:,}/{entry.best[1]:,}" if entry.best else "-"
    began = recording.header.began.replace("T", " ")[:16]
    parent = recording.header.parent
    row = f"{recording.header.settings.recipe:<{RECIPE}}  {recording.steps:>12,}  {best:>15}"
    row += f"  {entry.changes:>7,}  {began}"
    row += f"  from {parent[0]} at {parent[1]:,}" if parent else ""
    return row + (f"  ({entry.trouble})" if entry.trouble else "")


def _replay(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Repeat a run and compare it with its journal; status 1 where it differs."""
    _refuse_settings(options)
    path = find(options.journal_file, _folder())
    recording = _readable(path)
    if recording.damage:
        sys.stderr.write(f"rnn-tui: {recording.damage}; repeated up to there\n")
    replay, settings = Replay(recording, path.stem), recording.header.settings
    if options.headless:
        status = _repeat(recording, replay)
    else:
        shelf = Shelf.of_today(_folder(), settings.recipe)
        status = open_session(parser, options, Repeated(settings, replay, shelf))
    _say(replay.verdict)
    if status:
        return status
    damaged = recording.damage and not recording.cut_off
    return DIFFERENT if replay.differs or damaged else 0


def _refuse_settings(options: argparse.Namespace) -> None:
    """Raise SettingsError where there are options that a run which was written down cannot take."""
    fields = {option.field: option.name for option in OPTIONS.values()}
    fields |= {"recipe": "recipe", "at": "at", "journal": "journal", "no_journal": "no-journal"}
    for field, name in fields.items():
        if field in options:
            raise SettingsError(f"--{name} is for a new run: this one is as it was written down")


def _repeat(recording: Recording, replay: Replay) -> int:
    """Repeat `recording` at full speed; return the status of a signal, if one ended it."""
    with Interrupt() as interrupt, np.errstate(all="ignore"):
        branch = Branch(Run(recording.header.settings), replay)
        said, stride = perf_counter(), Stride(SLICE)
        while not (replay.over or interrupt.came):
            with stride.timed(branch.run):
                branch.advance(min(stride.steps, recording.steps - branch.run.step))
            if sys.stderr.isatty() and perf_counter() - said > TOLD:
                said = perf_counter()
                sys.stderr.write(f"\rstep {branch.run.step:,} of {recording.steps:,} ")
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
    return interrupt.status


def _resume(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Go on with a run where it stopped, exactly as if it had not."""
    _refuse_settings(options)
    path = find(options.resumed, _folder())
    recording = _readable(path)
    if recording.damage and not recording.cut_off:
        raise SettingsError(f"{recording.damage}; replay repeats it up to there")
    try:
        Journal.go_on(path)[0].close()  # whether it can be gone on with is better said now
    except (JournalError, OSError) as reason:
        raise SettingsError(str(reason)) from None
    opening = Resumed(path, recording.header.settings, Shelf.at(path))
    return open_session(parser, options, opening)


def _export(_parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Write the errors of a run as CSV, and its whole state as npz, where it stopped."""
    path = find(options.exported, _folder())
    try:
        run, said = rebuild(path, _readable(path))
    except JournalError as reason:
        raise SettingsError(str(reason)) from None
    if said:
        sys.stderr.write(f"rnn-tui: {said}\n")
    endings = [".csv"] * options.csv + [".npz"] * options.npz
    stem = Path(options.to).absolute() / stem_of(run, path.stem)
    for written in export(run, stem, endings or [".csv", ".npz"]):
        _say(f"wrote {written}")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(in_ascii(text) + "\n")
    sys.stdout.flush()
