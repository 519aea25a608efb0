"""`rnn-tui`: parses the command line; a command loads its modules when it runs."""

import argparse
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

from rnn_tui import __version__
from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_change_arguments,
    add_journal_arguments,
    add_line_mode_arguments,
    add_pacing_arguments,
    add_run_arguments,
    journal_target_from,
    report_every_from,
    schedule_from,
    settings_from,
)
from rnn_tui.cli.completion import add_completion_command
from rnn_tui.cli.help import add_help_command
from rnn_tui.cli.json_lines import identity_fields, print_json, settings_fields
from rnn_tui.cli.launch import launch
from rnn_tui.cli.parser import Parser
from rnn_tui.cli.saved_runs import add_json_argument, add_saved_run_commands
from rnn_tui.config.deviations import deviations
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import UserError
from rnn_tui.exit_status import report_os_error
from rnn_tui.signals import EXIT_SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    parser = make_parser()
    sys.stdout = sys.stdout or _devnull()  # None where the program was started with it closed
    sys.stderr = sys.stderr or _devnull()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an ASCII terminal gets a ? for a −, no traceback
            stream.reconfigure(errors="replace")
    try:
        args = parser.parse_args(argv)
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
    parser = Parser(
        prog="rnn-tui",
        description="Watch, steer and understand a recurrent net as it learns, in a terminal. "
        "Without a command it opens the dashboard.",
    )
    parser.add_argument("--version", action="version", version=f"rnn-tui {__version__}")
    parser.set_defaults(run=_open_dashboard)
    add_run_arguments(parser)
    add_change_arguments(parser, "at")
    add_line_mode_arguments(parser)
    add_journal_arguments(parser)
    add_pacing_arguments(parser)
    add_appearance_arguments(parser)
    commands = parser.add_subparsers(title="commands", metavar="", parser_class=Parser)
    train = commands.add_parser("train", help="train without a screen", description=_train.__doc__)
    train.set_defaults(run=_train)
    add_run_arguments(train)
    add_change_arguments(train, "train_at")
    add_line_mode_arguments(train)
    add_journal_arguments(train)
    train.add_argument(
        "--until-exact",
        action="store_true",
        help="stop at 100%% sequence accuracy; status 1 if it is not reached",
    )
    add_json_argument(train)
    check = commands.add_parser(
        "check", help="compare the gradient with central differences", description=_check.__doc__
    )
    check.set_defaults(run=_check)
    add_run_arguments(check)
    add_json_argument(check)
    add_saved_run_commands(commands)
    recipes = commands.add_parser("recipes", help="list the recipes")
    add_json_argument(recipes)
    recipes.set_defaults(run=_list_recipes)
    add_help_command(commands)
    add_completion_command(commands)
    return parser


def _open_dashboard(parser: Parser, args: argparse.Namespace) -> int:
    from rnn_tui.session.start import NewRun

    settings = settings_from(args)
    session_start = NewRun(
        settings, schedule_from(args, settings), journal_target_from(args, settings)
    )
    return launch(parser, args, session_start)


def _train(parser: Parser, args: argparse.Namespace) -> int:
    """Train without a screen and report line by line."""
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
    )


def _check(_parser: Parser, args: argparse.Namespace) -> int:
    """Compare each parameter's gradient with central differences; status 1 if one is incorrect."""
    from rnn_tui.cli.check import check

    return check(settings_from(args), as_json=args.json)


def _list_recipes(_parser: Parser, args: argparse.Namespace) -> int:
    width = max(map(len, RECIPES))
    for name, recipe in RECIPES.items():
        if args.json:
            print_json(
                "recipe",
                **identity_fields(recipe.settings),
                settings=settings_fields(recipe.settings),
                deviations=deviations(recipe.settings),
                summary=recipe.summary,
                report_every=recipe.report_every,
            )
            continue
        sys.stdout.write(f"{name:<{width}}  {recipe.summary}\n")
        for deviation in deviations(recipe.settings):
            sys.stdout.write(f"{'':<{width}}  · {deviation}\n")
    return 0
