"""The options of the command line that describe a run and its looks, and what they come to."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from rnn_tui.cli.argument_types import read_by, real_number, scheduled, speed, whole_number
from rnn_tui.config.appearance import FPS, GLYPHS, PALETTES, THEMES, Appearance, suiting
from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings, SettingsError, known
from rnn_tui.config.switching import turned
from rnn_tui.recording.checkpoint import ENDING, beside
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.recording.run_store import state_folder
from rnn_tui.run.changes import Change
from rnn_tui.run.settings_track import Course


def add_run_options(parser: argparse.ArgumentParser) -> None:
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


def add_changes(parser: argparse.ArgumentParser, dest: str) -> None:
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


def add_plain(parser: argparse.ArgumentParser) -> None:
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


def add_journal(parser: argparse.ArgumentParser) -> None:
    """Add where the run is written down."""
    parser.add_argument(
        "--journal",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="write the run down in this new file (one in the state directory: see 'runs')",
    )
    parser.add_argument(
        "--no-journal",
        action="store_true",
        default=argparse.SUPPRESS,
        help="write nothing down",
    )


def add_driving(parser: argparse.ArgumentParser) -> None:
    """Add how fast the run goes at first."""
    parser.add_argument(
        "--speed",
        type=speed,
        metavar="N",
        default=argparse.SUPPRESS,
        help="steps a second to begin with, or 'max' (as suits the recipe)",
    )
    parser.add_argument(
        "--paused",
        action="store_true",
        default=argparse.SUPPRESS,
        help="wait for a key before training",
    )


def add_appearance(parser: argparse.ArgumentParser) -> None:
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


def shelf_from(options: argparse.Namespace, settings: Settings) -> Shelf | None:
    """Return where the run is written down, if anywhere; raises SettingsError."""
    given = vars(options)
    if "no_journal" in given:
        if "journal" in given:
            raise SettingsError("--journal and --no-journal exclude each other")
        return None
    if "journal" not in given:
        return Shelf.of_today(state_folder(os.environ), settings.recipe)
    path = Path(given["journal"])
    if path.suffix == ENDING:
        raise SettingsError(f"--journal: {ENDING} is the ending of checkpoints; .jsonl suits it")
    try:
        there = [str(it) for it in (path, beside(path)) if it.exists()]
    except OSError as reason:
        raise SettingsError(f"--journal: {reason}") from None
    if there:
        raise SettingsError(f"--journal: {there[0]} is there already, and is never written over")
    return Shelf.at(path)


def appearance_from(options: argparse.Namespace) -> Appearance:
    """Return what suits the terminal, with what the options say; raises SettingsError."""
    chosen = {name: value for name, value in vars(options).items() if name in Appearance.__slots__}
    return replace(suiting(os.environ, coerced=bool(sys.flags.utf8_mode)), **chosen)


def speed_from(options: argparse.Namespace, settings: Settings) -> float:
    return float(getattr(options, "speed", RECIPES[settings.recipe].speed))


def every_from(options: argparse.Namespace) -> int | None:
    every: int | None = getattr(options, "every", None)
    if every is not None and every < 1:
        raise SettingsError(f"--every must be at least 1, not {every}")
    return every
