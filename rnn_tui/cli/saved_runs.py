"""The arguments of the commands for recorded runs: runs, replay, resume and export."""

import argparse
import os
from typing import Any

from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_line_mode_arguments,
    add_pacing_arguments,
)
from rnn_tui.cli.output import print_line
from rnn_tui.cli.run_columns import COLUMNS
from rnn_tui.recording.state_folder import run_names, state_folder

HEADLESS_HELP = "without a screen, at full speed"


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


def _list_runs(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """List recorded runs with the settings they began with and their best sequence accuracy.

    The latest comes first.
    """
    if args.names:
        for name in run_names(state_folder(os.environ)):
            print_line(name)
        return 0
    from rnn_tui.cli.runs import list_saved_runs

    return list_saved_runs(args)


def _replay(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Re-run a journal and compare it with its digests; status 1 where it differs."""
    from rnn_tui.cli.replay import replay_run

    return replay_run(parser, args)


def _resume(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Resume a run at its last step, with the same result as if it had never ended."""
    from rnn_tui.cli.replay import resume_run

    return resume_run(parser, args)


def _export(_parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Write the losses of a run as CSV, and its state at its last step as npz."""
    from rnn_tui.cli.replay import export_run

    return export_run(args)
