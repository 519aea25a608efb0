"""`rnn-tui replay`: re-runs a journal and compares the run with its digests."""

import argparse
import os

from rnn_tui.cli.arguments import check_headless_arguments
from rnn_tui.cli.journals import find_journal, load_journal
from rnn_tui.cli.json_lines import print_json
from rnn_tui.cli.launch import launch
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.cli.parser import Parser
from rnn_tui.cli.progress import ProgressLine
from rnn_tui.cli.reporters import print_run
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.journal_format import JournalContents
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.start import ReplayRun
from rnn_tui.signals import GracefulExit

SLICE_SECONDS = 0.05  # training between two checks for Ctrl-C


def replay_run(parser: Parser, args: argparse.Namespace) -> int:
    """Re-run a journal and compare it with its digests; status 1 where it differs."""
    check_headless_arguments(args, "every")
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


def _replay_headless(recording: JournalContents, replay: ReplayVerifier, *, as_json: bool) -> int:
    """Replay `recording` at full speed; return the status of a signal that ended it, or 0."""
    with GracefulExit() as graceful_exit:
        branch = Branch(Run(recording.header.settings), replay)
        if as_json:
            print_run(branch.run)
        progress, step_budget = ProgressLine(), StepBudget(SLICE_SECONDS)
        while not (replay.finished or graceful_exit.received):
            with step_budget.timed_slice(branch.run):
                branch.advance(min(step_budget.steps, recording.last_step - branch.run.step))
            progress.update_step(branch.run.step, recording.last_step)
        progress.clear()
    return graceful_exit.exit_status
