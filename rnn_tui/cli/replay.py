"""`rnn-tui replay`, `resume` and `export`: the commands that take a recorded run."""

import argparse
import os
import sys
from contextlib import closing
from math import inf
from pathlib import Path
from time import perf_counter

import numpy as np

from rnn_tui.cli.arguments import report_every_from
from rnn_tui.cli.journals import find_journal, load_journal
from rnn_tui.cli.json_lines import print_json
from rnn_tui.cli.launch import launch
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.cli.parser import Parser
from rnn_tui.cli.reporters import print_run
from rnn_tui.cli.train import resume_headless
from rnn_tui.config.appearance import Appearance
from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.error_text import error_text
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.export import export, file_stem
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


def replay_run(parser: Parser, args: argparse.Namespace) -> int:
    """Re-run a journal and compare it with its digests; status 1 where it differs."""
    _check_headless_arguments(args, "every")
    path = find_journal(args.run_name)
    recording = load_journal(path)
    if recording.error:
        print_notice(f"{recording.error}; replayed up to there")
    replay, settings = ReplayVerifier(recording, path.stem), recording.header.settings
    if args.headless:
        status = _replay_headless(recording, replay, as_json=args.json)
    else:
        journal_target = JournalTarget.from_settings(state_folder(os.environ), settings)
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


def _check_headless_arguments(args: argparse.Namespace, *excluded: str) -> None:
    """Raise UserError for --json without --headless, and for options without effect with it."""
    if args.json and not args.headless:
        raise UserError("--json needs --headless")
    for name in ("plain", "speed", "paused", *Appearance.__slots__, *excluded):
        if args.headless and name in args:
            option = "no-mouse" if name == "mouse" else name
            raise UserError(f"--headless and --{option} exclude each other")


@np.errstate(all="ignore")
def _replay_headless(recording: JournalContents, replay: ReplayVerifier, *, as_json: bool) -> int:
    """Replay `recording` at full speed; return the status of a signal that ended it, or 0."""
    with GracefulExit() as graceful_exit:
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


def resume_run(parser: Parser, args: argparse.Namespace) -> int:
    """Resume a run at its last step, with the same result as if it had never ended."""
    _check_headless_arguments(args)
    if "steps" in args and not args.headless:
        raise UserError("--steps needs --headless; the dashboard and --plain train on by request")
    try:
        session_start = ResumeRun.open(find_journal(args.run_name))
    except (JournalError, OSError) as reason:
        raise UserError(error_text(reason)) from None
    with closing(session_start.journal):
        if not args.headless:
            if session_start.contents.header.headless:
                vars(args).setdefault("speed", inf)
            return launch(parser, args, session_start)
        settings = session_start.settings
        return resume_headless(
            session_start.journal,
            session_start.contents,
            last_step=settings.updated(steps=getattr(args, "steps", settings.steps)).steps,
            report_every=report_every_from(args) or RECIPES[settings.recipe].report_every,
            as_json=args.json,
        )


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
