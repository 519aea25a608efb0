"""`rnn-tui`: reads the command line; loads the screen only when one is wanted."""

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, NoReturn, TextIO, final

# Before numpy is loaded. The matrices are small: a second thread would only make a run slower,
# and its sums depend on the number of processors.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Before textual is loaded: how soon a change is painted. Frames come as --fps says all the same;
# this is for the answer to a key, which need not wait for a sixtieth of a second.
os.environ.setdefault("TEXTUAL_FPS", "240")

from rnn_tui import __version__
from rnn_tui.cli.arguments import (
    add_appearance,
    add_changes,
    add_driving,
    add_journal,
    add_plain,
    add_run_options,
    every_from,
    schedule_from,
    settings_from,
    shelf_from,
)
from rnn_tui.cli.launch import open_session
from rnn_tui.cli.saved_runs import add_recalling
from rnn_tui.config.deviations import quirks
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import SettingsError, known
from rnn_tui.session.start import New
from rnn_tui.signals import INTERRUPTED

WRONG_USE = 2
BROKEN_PIPE = 141  # 128 + SIGPIPE, as the shell reports a program cut off by `| head`


@final
class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: {message}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None:
            known("command", value, list(action.choices))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    parser = make_parser()
    sys.stdout = sys.stdout or _nowhere()  # where it was closed nothing can be said
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an ASCII terminal gets a ? for a −, no traceback
            stream.reconfigure(errors="replace")
    try:
        options = parser.parse_args(arguments)
        return int(options.run(parser, options))
    except SettingsError as reason:
        parser.error(str(reason))
    except KeyboardInterrupt:  # before training, or a second one during it
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as reason:  # a full disk, for one
        sys.stderr.write(f"rnn-tui: {reason}\n")
        return 1


def _nowhere() -> TextIO:
    return open(os.devnull, "w")


def make_parser() -> Parser:
    parser = Parser(
        prog="rnn-tui",
        description="Watch, steer and understand a recurrent net as it learns, in a terminal. "
        "Without a command it opens the dashboard.",
    )
    parser.add_argument("--version", action="version", version=f"rnn-tui {__version__}")
    parser.set_defaults(run=_dashboard)
    add_run_options(parser)
    add_changes(parser, "at")
    add_plain(parser)
    add_journal(parser)
    add_driving(parser)
    add_appearance(parser)
    commands = parser.add_subparsers(title="commands", metavar="", parser_class=Parser)
    train = commands.add_parser("train", help="train without a screen", description=_train.__doc__)
    train.set_defaults(run=_train)
    add_run_options(train)
    add_changes(train, "train_at")
    add_plain(train)
    add_journal(train)
    train.add_argument(
        "--until-exact",
        action="store_true",
        help="stop when every result is right; status 1 if that does not come",
    )
    train.add_argument("--json", action="store_true", help="print one JSON object a line")
    check = commands.add_parser(
        "check", help="compare the gradient with central differences", description=_check.__doc__
    )
    check.set_defaults(run=_check)
    add_run_options(check)
    add_recalling(commands)
    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.set_defaults(run=_recipes)
    return parser


def _dashboard(parser: Parser, options: argparse.Namespace) -> int:
    settings = settings_from(options)
    opening = New(settings, schedule_from(options, settings), shelf_from(options, settings))
    return open_session(parser, options, opening)


def _train(parser: Parser, options: argparse.Namespace) -> int:
    """Train without a screen and report line by line."""
    from rnn_tui.cli.train import train

    if "plain" in options:
        if options.json or options.until_exact:
            raise SettingsError("--plain is for people and commands: without --json, --until-exact")
        return _dashboard(parser, options)
    settings = settings_from(options)
    return train(
        settings,
        every=every_from(options) or RECIPES[settings.recipe].every,
        until_exact=options.until_exact,
        as_json=options.json,
        schedule=schedule_from(options, settings),
        shelf=shelf_from(options, settings),
    )


def _check(_parser: Parser, options: argparse.Namespace) -> int:
    """Check each weight's gradient by central differences; status 1 where one is wrong."""
    from rnn_tui.cli.train import check

    return check(settings_from(options))


def _recipes(_parser: Parser, _options: argparse.Namespace) -> int:
    width = max(map(len, RECIPES))
    for name, recipe in RECIPES.items():
        sys.stdout.write(f"{name:<{width}}  {recipe.summary}\n")
        for quirk in quirks(recipe.settings):
            sys.stdout.write(f"{'':<{width}}  · {quirk}\n")
    return 0
