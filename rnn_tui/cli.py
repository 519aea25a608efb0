"""`rnn-tui`: reads the command line; loads the screen only when one is wanted."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
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
from rnn_tui.appearance import FPS, GLYPHS, PALETTES, THEMES, Appearance, suiting
from rnn_tui.arguments import read_by, real_number, scheduled, speed, whole_number
from rnn_tui.interrupt import INTERRUPTED
from rnn_tui.options import OPTIONS
from rnn_tui.quirks import quirks
from rnn_tui.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.session.changes import Change
from rnn_tui.session.course import Course
from rnn_tui.settings import Settings, SettingsError, known
from rnn_tui.turns import turned

WRONG_USE = 2
INCAPABLE = ("dumb", "unknown", "")  # terminals by the name in TERM
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
    _add_run_options(parser)
    _add_changes(parser, "at")
    _add_plain(parser)
    parser.add_argument(
        "--speed",
        type=speed,
        metavar="N",
        help="steps a second to begin with, or 'max' (as suits the recipe)",
    )
    parser.add_argument("--paused", action="store_true", help="wait for a key before training")
    _add_appearance(parser)
    commands = parser.add_subparsers(title="commands", metavar="", parser_class=Parser)
    train = commands.add_parser("train", help="train without a screen", description=_train.__doc__)
    train.set_defaults(run=_train)
    _add_run_options(train)
    _add_changes(train, "train_at")
    _add_plain(train)
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
    _add_run_options(check)
    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.set_defaults(run=_recipes)
    return parser


def _add_changes(parser: argparse.ArgumentParser, dest: str) -> None:
    """Add --at, kept in `dest`: another after a command, or what stood before would be lost."""
    parser.add_argument(
        "--at",
        type=scheduled,
        default=argparse.SUPPRESS,
        help="make a change after a step, as in 2000:lr=0.2; may be repeated",
        metavar="STEP:NAME=VALUE",
        action="append",
        dest=dest,
    )


def _add_plain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plain",
        action="store_true",
        default=argparse.SUPPRESS,
        help="no screen, but lines, and commands on standard input: ? lists them",
    )
    parser.add_argument(
        "--every",
        type=whole_number,
        metavar="N",
        default=argparse.SUPPRESS,
        help="report every N steps, without a screen (as the recipe says)",
    )


def _add_appearance(parser: argparse.ArgumentParser) -> None:
    looks = parser.add_argument_group("how the dashboard looks")
    for name, choices in (("glyphs", GLYPHS), ("palette", PALETTES), ("theme", THEMES)):
        meant = "; ".join(f"{choice}: {meaning}" for choice, meaning in choices.items())
        looks.add_argument(
            f"--{name}", metavar="NAME", default=argparse.SUPPRESS, help=f"{meant} (as suits)"
        )
    looks.add_argument(
        "--fps",
        type=real_number,
        metavar="N",
        default=argparse.SUPPRESS,
        help=f"draw at most N times a second ({FPS:g})",
    )
    looks.add_argument(
        "--no-mouse",
        dest="mouse",
        action="store_false",
        default=argparse.SUPPRESS,
        help="leave the mouse to the terminal, to select text",
    )


def appearance_from(options: argparse.Namespace) -> Appearance:
    """Return what suits the terminal, with what the options say; raises SettingsError."""
    chosen = {name: value for name, value in vars(options).items() if name in Appearance.__slots__}
    return replace(suiting(os.environ, coerced=bool(sys.flags.utf8_mode)), **chosen)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what describes a run. SUPPRESS: what is given before a command is not lost after it."""
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"start from one of these ({DEFAULT_RECIPE}): {', '.join(RECIPES)}",
    )
    for option in OPTIONS.values():
        parser.add_argument(
            f"--{option.name}",
            type=read_by(option.read),
            dest=option.field,
            metavar=option.metavar,
            default=argparse.SUPPRESS,
            help=option.help.replace("%", "%%"),
        )


def settings_from(options: argparse.Namespace) -> Settings:
    """Return the recipe's settings with what the options say; raises SettingsError."""
    given = vars(options)
    recipe = given.get("recipe", DEFAULT_RECIPE)
    settings = RECIPES[known("recipe", recipe, RECIPES)].settings
    changed = {it.field: given[it.field] for it in OPTIONS.values() if it.field in given}
    turns = {it: changed.get(it) for it in ("task", "model", "optimizer")}
    return replace(turned(settings, **turns), **changed)


def schedule_from(options: argparse.Namespace, settings: Settings) -> list[tuple[int, Change]]:
    """Return the scheduled changes in order; raises SettingsError where one makes no run."""
    given = [*vars(options).get("at", []), *vars(options).get("train_at", [])]
    schedule: list[tuple[int, Change]] = sorted(given, key=lambda entry: int(entry[0]))
    course = Course.of(settings)
    for step, change in schedule:
        if not 0 <= step <= settings.steps:
            raise SettingsError(f"--at {step}: there are {settings.steps:,} steps")
        try:
            course = course.take_up(change)
        except SettingsError as reason:
            raise SettingsError(f"--at {step}:{change.spec}: {reason}") from None
    return schedule


def _dashboard(parser: Parser, options: argparse.Namespace) -> int:
    if "plain" in options:
        return _plain(options)
    if "every" in options:
        raise SettingsError("--every is for train and --plain: the dashboard draws as --fps says")
    settings = settings_from(options)
    schedule = schedule_from(options, settings)
    appearance = appearance_from(options)
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.__stderr__)):
        parser.error("the dashboard needs a terminal; without one, use: rnn-tui train")
    if os.environ.get("TERM", "dumb") in INCAPABLE:
        parser.error("the dashboard needs a terminal with a cursor to move; use: rnn-tui train")
    from rnn_tui.ui.app import run_dashboard

    wanted = _speed_from(options, settings)
    return run_dashboard(settings, schedule, wanted, appearance, paused=options.paused)


def _plain(options: argparse.Namespace) -> int:
    from rnn_tui.plain.session import run_plain

    settings = settings_from(options)
    schedule, wanted = schedule_from(options, settings), _speed_from(options, settings)
    return run_plain(settings, schedule, wanted, _every_from(options), paused=options.paused)


def _speed_from(options: argparse.Namespace, settings: Settings) -> float:
    return RECIPES[settings.recipe].speed if options.speed is None else float(options.speed)


def _every_from(options: argparse.Namespace) -> int | None:
    every: int | None = getattr(options, "every", None)
    if every is not None and every < 1:
        raise SettingsError(f"--every must be at least 1, not {every}")
    return every


def _train(_parser: Parser, options: argparse.Namespace) -> int:
    """Train without a screen and report line by line."""
    from rnn_tui.headless import train

    if "plain" in options:
        if options.json or options.until_exact:
            raise SettingsError("--plain is for people and commands: without --json, --until-exact")
        return _plain(options)
    settings = settings_from(options)
    return train(
        settings,
        every=_every_from(options) or RECIPES[settings.recipe].every,
        until_exact=options.until_exact,
        as_json=options.json,
        schedule=schedule_from(options, settings),
    )


def _check(_parser: Parser, options: argparse.Namespace) -> int:
    """Check each weight's gradient by central differences; status 1 where one is wrong."""
    from rnn_tui.headless import check

    return check(settings_from(options))


def _recipes(_parser: Parser, _options: argparse.Namespace) -> int:
    width = max(map(len, RECIPES))
    for name, recipe in RECIPES.items():
        sys.stdout.write(f"{name:<{width}}  {recipe.summary}\n")
        for quirk in quirks(recipe.settings):
            sys.stdout.write(f"{'':<{width}}  · {quirk}\n")
    return 0


def _is_terminal(stream: Any) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
