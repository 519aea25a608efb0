"""`rnn-tui replay`, `resume` and `export`: the commands that take a recorded run."""

import argparse
import os
import sys
from math import inf
from pathlib import Path
from time import perf_counter

import numpy as np

from rnn_tui.cli.arguments import report_every_from
from rnn_tui.cli.journals import find_journal, load_journal, print_line
from rnn_tui.cli.json_lines import print_json
from rnn_tui.cli.launch import launch
from rnn_tui.cli.reporters import print_run
from rnn_tui.cli.train import resume_headless
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import UserError
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.export import export, file_stem
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalContents, JournalError
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import restore_final_state
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.start import ReplayRun, ResumeRun
from rnn_tui.signals import GracefulExit

SLICE_SECONDS = 0.05  # training between two checks for Ctrl-C
PROGRESS_INTERVAL_SECONDS = 0.5


def replay_run(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Re-run a journal and compare it with its digests; status 1 where it differs."""
    _reject_setting_arguments(args)
    _check_headless_arguments(args)
    path = find_journal(args.journal_file)
    recording = load_journal(path)
    if recording.error:
        sys.stderr.write(f"rnn-tui: {recording.error}; replayed up to there\n")
    replay, settings = ReplayVerifier(recording, path.stem), recording.header.settings
    if args.headless:
        status = _replay_headless(recording, replay, as_json=args.json)
    else:
        journal_target = JournalTarget.from_recipe(state_folder(os.environ), settings.recipe)
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
        print_line(replay.verdict)
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


def resume_run(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Resume a run at its last step, with the same result as if it had never ended."""
    _reject_setting_arguments(args)
    _check_headless_arguments(args)
    path = find_journal(args.resumed)
    recording = load_journal(path)
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
    if recording.header.headless:
        vars(args).setdefault("speed", inf)
    return launch(parser, args, ResumeRun(path, settings, JournalTarget.from_path(path)))


def export_run(args: argparse.Namespace) -> int:
    """Write the losses of a run as CSV, and its state at its last step as npz."""
    path = find_journal(args.exported)
    try:
        run, message = restore_final_state(path, load_journal(path))
    except JournalError as reason:
        raise UserError(str(reason)) from None
    if message:
        sys.stderr.write(f"rnn-tui: {message}\n")
    suffixes = [".csv"] * args.csv + [".npz"] * args.npz
    stem = Path(args.to).absolute() / file_stem(run, path.stem)
    for written_path in export(run, stem, suffixes or [".csv", ".npz"]):
        print_line(f"wrote {written_path}")
    return 0
