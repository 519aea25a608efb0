"""The commands for recorded runs: runs, replay, resume and export."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, final

import numpy as np

from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_line_mode_arguments,
    add_pacing_arguments,
    report_every_from,
)
from rnn_tui.cli.exit_status import EXIT_FAILURE
from rnn_tui.cli.json_lines import identity_fields, print_json
from rnn_tui.cli.launch import launch
from rnn_tui.cli.reporters import print_run
from rnn_tui.cli.train import resume_headless
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings, UserError, check_choice, format_float
from rnn_tui.recording.export import export, file_stem
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalContents, JournalError, read_journal
from rnn_tui.recording.journal_target import JournalTarget
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import restore_final_state
from rnn_tui.recording.run_store import (
    SavedRun,
    delete,
    list_runs,
    resolve_run,
    run_names,
    state_folder,
)
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.start import ReplayRun, ResumeRun
from rnn_tui.signals import GracefulExit
from rnn_tui.text.ascii import to_ascii
from rnn_tui.text.format import format_percent

SLICE_SECONDS = 0.05  # training between two checks for Ctrl-C
PROGRESS_INTERVAL_SECONDS = 0.5
HEADLESS_HELP = "without a screen, at full speed"


@final
class Column(NamedTuple):
    """A column of `runs`; a missing value is None."""

    value: Callable[[SavedRun, Settings], Any]
    text: Callable[[Any], str] = str
    right_aligned: bool = False
    descending: bool = False  # when sorted by it


COLUMNS: dict[str, Column] = {
    "run": Column(lambda saved, _: saved.name),
    "task": Column(lambda _, settings: settings.task),
    "model": Column(lambda _, settings: settings.model),
    "optimizer": Column(lambda _, settings: settings.optimizer),
    "lr": Column(lambda _, settings: settings.learning_rate, format_float, right_aligned=True),
    "seed": Column(lambda _, settings: settings.seed, right_aligned=True),
    "steps": Column(
        lambda saved, _: saved.last_step, "{:,}".format, right_aligned=True, descending=True
    ),
    "accuracy": Column(
        lambda saved, _: saved.best_accuracy,
        right_aligned=True,
        descending=True,
    ),
    "changes": Column(
        lambda saved, _: saved.changes, "{:,}".format, right_aligned=True, descending=True
    ),
    "began": Column(
        lambda saved, _: saved.started_at, lambda text: text.replace("T", " ")[:16], descending=True
    ),
}


def add_json_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object a line: see 'help json'"
    )


def add_saved_run_commands(subparsers: Any) -> None:
    """Add the commands to argparse's `subparsers`."""
    runs_parser = subparsers.add_parser(
        "runs", help="list recorded runs", description=_list_runs.__doc__
    )
    runs_parser.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        help="only runs with this task, model, optimizer or recipe, or with WORD in their name",
    )
    runs_parser.add_argument("--sort", metavar="COLUMN", help=f"sort by: {', '.join(COLUMNS)}")
    runs_parser.add_argument("--names", action="store_true", help="print names only")
    runs_parser.add_argument("--delete", metavar="RUN", nargs="+", help="delete these runs")
    runs_parser.add_argument("--yes", action="store_true", help="do not ask before deleting")
    add_json_argument(runs_parser)
    runs_parser.set_defaults(run=_list_runs)
    replay_parser = subparsers.add_parser(
        "replay", help="re-run a journal and verify it", description=_replay.__doc__
    )
    replay_parser.add_argument(
        "journal_file", metavar="RUN", help="name of a run, the unique beginning of one, or a file"
    )
    replay_parser.set_defaults(run=_replay)
    resume_parser = subparsers.add_parser(
        "resume", help="resume a run", description=_resume.__doc__
    )
    resume_parser.add_argument(
        "resumed", metavar="RUN", nargs="?", help="as for replay (default: the latest)"
    )
    resume_parser.set_defaults(run=_resume)
    export_parser = subparsers.add_parser(
        "export", help="export a run to files", description=_export.__doc__
    )
    export_parser.add_argument(
        "exported", metavar="RUN", nargs="?", help="as for replay (default: the latest)"
    )
    export_parser.add_argument("--csv", action="store_true", help="only the losses")
    export_parser.add_argument(
        "--npz", action="store_true", help="only the weights and state: see 'help npz'"
    )
    export_parser.add_argument("--to", metavar="DIR", default=".", help="directory (default: .)")
    export_parser.set_defaults(run=_export)
    for command in (replay_parser, resume_parser):
        command.add_argument("--headless", action="store_true", help=HEADLESS_HELP)
        add_json_argument(command)
        add_pacing_arguments(command)
        add_line_mode_arguments(command)
        add_appearance_arguments(command)


def _state_folder() -> Path:
    return state_folder(os.environ)


def _read_journal(path: Path) -> JournalContents:
    """Return the contents of a journal; raises UserError where its header cannot be read."""
    try:
        return read_journal(path)
    except (JournalError, OSError) as reason:
        raise UserError(str(reason)) from None


def _list_runs(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """List recorded runs with the settings they began with and their best sequence accuracy.

    The latest comes first.
    """
    folder = _state_folder()
    if args.names:
        for name in run_names(folder):
            _print_line(name)
        return 0
    if args.delete:
        return _delete_runs(args.delete, folder, ask=not args.yes and sys.stdin.isatty())
    saved_runs = [saved for saved in list_runs(folder) if _matches(saved, args.words)]
    if args.sort:
        _sort_runs(saved_runs, COLUMNS[check_choice("column", args.sort, COLUMNS)])
    if args.json:
        for saved in saved_runs:
            print_json("saved-run", **_saved_run_fields(saved))
    elif saved_runs:
        _print_table(saved_runs)
    else:
        matching = f" matches {' '.join(args.words)}" if args.words else ""
        sys.stderr.write(f"rnn-tui: no run in {folder}{matching}\n")
    return 0


def _delete_runs(names: list[str], folder: Path, *, ask: bool) -> int:
    paths = dict.fromkeys(resolve_run(name, folder, exact_name=True) for name in names)
    for path in paths:
        if path.parent != folder:
            _read_journal(path)  # or it may be any file
        if Journal.is_locked(path):
            raise UserError(f"{path}: this run is still training; end it before deleting it")
    if ask:
        for path in paths:
            sys.stderr.write(f"{path}\n")
        sys.stderr.write("delete with their checkpoints? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return EXIT_FAILURE
    for path in paths:
        delete(path)
        _print_line(f"deleted {path}")
    return 0


def _initial_settings(saved: SavedRun) -> Settings | None:
    return saved.contents.header.settings if saved.contents else None


def _matches(saved: SavedRun, words: list[str]) -> bool:
    """Return whether each word is a choice of the run's settings, or in its name."""
    settings = _initial_settings(saved)
    choices = (
        {settings.task, settings.model, settings.optimizer, settings.recipe} if settings else set()
    )
    return all(word.lower() in choices or word in saved.name for word in words)


def _sort_runs(saved_runs: list[SavedRun], column: Column) -> None:
    """Sort by the values of `column`; runs without one come last."""

    def value(saved: SavedRun) -> Any:
        settings = _initial_settings(saved)
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
    n_correct, n_sequences, step = saved.best_score or (None, None, None)
    parent, parent_step = (header.parent if header else None) or (None, None)
    return {
        "name": saved.name,
        "path": str(saved.path),
        **identity_fields(_initial_settings(saved)),
        "step": saved.last_step if header else None,
        "n_changes": saved.changes if header else None,
        "evaluated_step": step,
        "n_correct": n_correct,
        "n_sequences": n_sequences,
        "sequence_accuracy": saved.best_accuracy,
        "started_at": saved.started_at or None,
        "parent": parent,
        "parent_step": parent_step,
        "error": saved.error or None,
    }


def _print_table(saved_runs: list[SavedRun]) -> None:
    rows: list[list[str]] = [list(COLUMNS)]
    notes = [""]
    for saved in saved_runs:
        settings = _initial_settings(saved)
        if settings is None:
            rows.append([saved.name] + [""] * (len(COLUMNS) - 1))
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
        _print_line(f"{line}  {note}".rstrip())


def _cell(name: str, saved: SavedRun, settings: Settings) -> str:
    if name == "accuracy" and saved.best_score:
        n_correct, n_sequences, _ = saved.best_score
        return format_percent(n_correct, max(1, n_sequences))
    value = COLUMNS[name].value(saved, settings)
    return "-" if value is None else COLUMNS[name].text(value)


def _replay(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Re-run a journal and compare it with its digests; status 1 where it differs."""
    _reject_setting_arguments(args)
    _check_headless_arguments(args)
    path = resolve_run(args.journal_file, _state_folder())
    recording = _read_journal(path)
    if recording.error:
        sys.stderr.write(f"rnn-tui: {recording.error}; replayed up to there\n")
    replay, settings = ReplayVerifier(recording, path.stem), recording.header.settings
    if args.headless:
        status = _replay_headless(recording, replay, as_json=args.json)
    else:
        journal_target = JournalTarget.from_recipe(_state_folder(), settings.recipe)
        status = launch(parser, args, ReplayRun(settings, replay, journal_target))
    if args.json:
        print_json(
            "replay",
            name=path.stem,
            verdict=replay.verdict,
            verified_step=replay.verified_step,
            last_step=recording.last_step,
            mismatch=replay.mismatch or None,
            error=recording.error or None,
        )
    else:
        _print_line(replay.verdict)
    if status:
        return status
    damaged = recording.error and not recording.truncated
    return EXIT_FAILURE if replay.mismatch or damaged else 0


def _reject_setting_arguments(args: argparse.Namespace) -> None:
    """Raise UserError where there are options that a recorded run cannot take."""
    fields = {field.attribute: field.name for field in FIELDS.values()}
    fields |= {"recipe": "recipe", "at": "at", "journal": "journal", "no_journal": "no-journal"}
    for attribute, name in fields.items():
        if attribute in args:
            raise UserError(f"--{name} is for a new run: a recorded run keeps its settings")


def _check_headless_arguments(args: argparse.Namespace) -> None:
    if args.json and not args.headless:
        raise UserError("--json needs --headless")
    if args.headless and "plain" in args:
        raise UserError("--headless and --plain exclude each other")


def _replay_headless(recording: JournalContents, replay: ReplayVerifier, *, as_json: bool) -> int:
    """Replay `recording` at full speed; return the status of a signal that ended it, or 0."""
    with GracefulExit() as graceful_exit, np.errstate(all="ignore"):
        branch = Branch(Run(recording.header.settings), replay)
        if as_json:
            print_run(branch.run)
        last_printed, step_budget = perf_counter(), StepBudget(SLICE_SECONDS)
        while not (replay.finished or graceful_exit.received):
            with step_budget.timed_slice(branch.run):
                branch.advance(min(step_budget.steps, recording.last_step - branch.run.step))
            if sys.stderr.isatty() and perf_counter() - last_printed > PROGRESS_INTERVAL_SECONDS:
                last_printed = perf_counter()
                sys.stderr.write(f"\rstep {branch.run.step:,} of {recording.last_step:,} ")
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
    return graceful_exit.exit_status


def _resume(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Resume a run at its last step, with the same result as if it had never ended."""
    _reject_setting_arguments(args)
    _check_headless_arguments(args)
    path = resolve_run(args.resumed, _state_folder())
    recording = _read_journal(path)
    settings = recording.header.settings
    if recording.error and not recording.truncated:
        raise UserError(f"{recording.error}; 'rnn-tui replay' runs it up to there")
    if args.headless:
        report_every = report_every_from(args) or RECIPES[settings.recipe].report_every
        return resume_headless(path, report_every=report_every, as_json=args.json)
    try:
        Journal.open_append(path)[0].close()  # fail before a screen is opened
    except (JournalError, OSError) as reason:
        raise UserError(str(reason)) from None
    return launch(parser, args, ResumeRun(path, settings, JournalTarget.from_path(path)))


def _export(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Write the losses of a run as CSV, and its state at its last step as npz."""
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
