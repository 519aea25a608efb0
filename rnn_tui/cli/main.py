"""`rnn-tui`: parses the command line; a command loads its modules when it runs."""

import argparse
import codecs
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TextIO

# Before numpy is loaded. The matrices are small: a second thread would only make a run slower,
# and its sums depend on the number of processors.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Before textual is loaded: how soon a change is painted. Frames come as --fps says all the same;
# this is for the answer to a key, which need not wait for a sixtieth of a second.
os.environ.setdefault("TEXTUAL_FPS", "240")
# Milliseconds after which an escape character alone is the key Esc, where Textual waits 100. A
# terminal sends the characters of other keys at once; a link that parts them needs more.
os.environ.setdefault("ESCDELAY", "10")

from rnn_tui import __version__
from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_break_argument,
    add_change_arguments,
    add_journal_arguments,
    add_json_argument,
    add_line_mode_arguments,
    add_pacing_arguments,
    add_run_arguments,
    add_siblings_argument,
    breakpoints_from,
    check_option_effects,
    journal_target_from,
    report_every_from,
    schedule_from,
    settings_from,
)
from rnn_tui.cli.completion import declare_completion
from rnn_tui.cli.help import HELP_SUMMARY, declare_help
from rnn_tui.cli.launch import launch
from rnn_tui.cli.lessons import declare_lesson, declare_lessons
from rnn_tui.cli.parser import Parser
from rnn_tui.cli.recipes import declare_recipes
from rnn_tui.cli.saved_runs import (
    declare_evaluate,
    declare_export,
    declare_inspect,
    declare_record,
    declare_replay,
    declare_resume,
    declare_runs,
)
from rnn_tui.cli.sweep_arguments import declare_sweep
from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.engine.tasks.base import MAX_EXHAUSTIVE_EXAMPLES
from rnn_tui.exit_status import report_os_error
from rnn_tui.signals import EXIT_SIGINT, immediate_interrupts
from rnn_tui.text.ascii import replace_unencodable

UNENCODABLE = "rnn-tui"  # name of the handler of characters that a stream cannot encode
codecs.register_error(UNENCODABLE, replace_unencodable)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    parser = make_parser()
    sys.stdout = sys.stdout or _devnull()  # None where the program was started with it closed
    sys.stderr = sys.stderr or _devnull()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an ASCII terminal gets a - for a −, no traceback
            stream.reconfigure(errors=UNENCODABLE)
    try:
        args = parser.parse_args(argv)
        parser.check_command(args)
        return int(args.run(parser, args))
    except UserError as reason:
        parser.error(str(reason))
    except KeyboardInterrupt:  # before training, or a second one during it
        return EXIT_SIGINT
    except OSError as reason:  # a full disk, for one
        return report_os_error(reason)


def _devnull() -> TextIO:
    return open(os.devnull, "w")


def make_parser() -> Parser:
    return Parser(prog="rnn-tui", declare=_declare_program)


def _declare_program(parser: Parser) -> None:
    parser.set_run(_open_dashboard)
    parser.add_argument("--version", action="version", version=f"rnn-tui {__version__}")
    add_run_arguments(parser)
    add_change_arguments(parser, "at")
    add_break_argument(parser, "breakpoints", "pause")
    add_line_mode_arguments(parser)
    add_journal_arguments(parser)
    add_pacing_arguments(parser)
    add_siblings_argument(parser)
    add_appearance_arguments(parser)
    commands = parser.add_subparsers(title="commands", metavar="", dest="command")
    for name, (summary, declare) in COMMANDS.items():
        commands.add_parser(name, help=summary, declare=declare)


def _declare_train(parser: Parser) -> None:
    parser.set_run(_train)
    add_run_arguments(parser)
    add_change_arguments(parser, "train_at")
    add_break_argument(parser, "train_breakpoints", "end")
    add_line_mode_arguments(parser, "open line mode instead, as 'rnn-tui --plain' does")
    add_journal_arguments(parser)
    parser.add_argument(
        "--until-exact",
        action="store_true",
        help="stop at 100%% sequence accuracy, of all sequences, or of a fixed sample of up to "
        f"{MAX_EXHAUSTIVE_EXAMPLES:,} where there are more or where they are not equally likely; "
        f"checked every {EXACT_CHECK_INTERVAL_STEPS} steps; status 1 if the run ends before, but 0 "
        "at a breakpoint",
    )
    add_json_argument(parser)


def _declare_check(parser: Parser) -> None:
    parser.set_run(_check)
    add_run_arguments(parser, trains=False)
    add_json_argument(parser)


# Each with the line of --help, and the function that declares its arguments.
COMMANDS = {
    "train": ("train without a screen", _declare_train),
    "sweep": ("train many runs: a grid of settings, each with several seeds", declare_sweep),
    "check": ("compare the gradient with central differences", _declare_check),
    "runs": ("list recorded runs", declare_runs),
    "replay": ("re-run a journal and verify it", declare_replay),
    "record": ("record the replay of a run as a video of the terminal", declare_record),
    "resume": ("resume a run", declare_resume),
    "export": ("export a run to files", declare_export),
    "inspect": ("analyze what a run has learned", declare_inspect),
    "evaluate": ("evaluate a run on longer sequences", declare_evaluate),
    "lessons": ("list the lessons", declare_lessons),
    "lesson": ("play a lesson", declare_lesson),
    "recipes": ("list the recipes", declare_recipes),
    "help": (HELP_SUMMARY, declare_help),
    "completion": ("print shell completion", declare_completion),
}


def _open_dashboard(parser: Parser, args: argparse.Namespace) -> int:
    """Watch, steer and understand a recurrent net as it learns, in a terminal.

    Without a command it opens the dashboard.
    """
    with immediate_interrupts():
        from rnn_tui.session.start import NewRun

    settings = settings_from(args)
    session_start = NewRun(
        settings,
        schedule_from(args, settings),
        journal_target_from(args, settings),
        breakpoints_from(args, settings),
    )
    return launch(parser, args, session_start)


def _train(parser: Parser, args: argparse.Namespace) -> int:
    """Train without a screen and report line by line."""
    with immediate_interrupts():
        from rnn_tui.cli.train import train

    if "plain" in args:
        if args.json or args.until_exact:
            raise UserError("--plain cannot be combined with --json or --until-exact")
        return _open_dashboard(parser, args)
    settings = settings_from(args)
    return train(
        settings,
        report_every=report_every_from(args) or RECIPES[settings.recipe].report_every,
        until_exact=args.until_exact,
        as_json=args.json,
        schedule=schedule_from(args, settings),
        journal_target=journal_target_from(args, settings),
        breakpoints=breakpoints_from(args, settings),
    )


def _check(_parser: Parser, args: argparse.Namespace) -> int:
    """Compare the gradient with central differences; status 1 where it is incorrect."""
    with immediate_interrupts():
        from rnn_tui.cli.check import check

    settings = settings_from(args)
    check_option_effects(args, [settings])
    return check(settings, as_json=args.json)
