"""The options of the command line that describe a run and its looks, and what they come to."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_tui.cli.argument_types import (
    argparse_type,
    float_arg,
    int_arg,
    scheduled_change,
    speed_arg,
)
from rnn_tui.config.appearance import (
    DEFAULT_FPS,
    GLYPHS,
    PALETTES,
    THEMES,
    Appearance,
    detect_appearance,
)
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings, UserError, check_choice
from rnn_tui.config.switching import switched
from rnn_tui.run.changes import Change
from rnn_tui.run.settings_track import SettingsTrack

if TYPE_CHECKING:
    from rnn_tui.recording.journal_target import JournalTarget


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what describes a run. SUPPRESS: what is given before a command is not lost after it."""
    parser.add_argument(
        "--recipe",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"start from one of these ({DEFAULT_RECIPE}): {', '.join(RECIPES)}",
    )
    for field in FIELDS.values():
        parser.add_argument(
            *(f"--{name}" for name in (field.name, *field.aliases)),
            type=argparse_type(field.parse),
            dest=field.attribute,
            metavar=field.metavar,
            default=argparse.SUPPRESS,
            help=field.help.replace("%", "%%"),
        )


def add_change_arguments(parser: argparse.ArgumentParser, dest: str) -> None:
    """Add --at, kept in `dest`: another after a command, or what stood before would be lost."""
    parser.add_argument(
        "--at",
        type=scheduled_change,
        default=argparse.SUPPRESS,
        help="make a change after a step, as in 2000:lr=0.2; may be repeated",
        metavar="STEP:NAME=VALUE",
        action="append",
        dest=dest,
    )


def add_line_mode_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plain",
        action="store_true",
        default=argparse.SUPPRESS,
        help="no screen, but lines, and commands on standard input: ? lists them",
    )
    parser.add_argument(
        "--every",
        type=int_arg,
        metavar="N",
        default=argparse.SUPPRESS,
        help="report every N steps, without a screen (as the recipe says)",
    )


def add_journal_arguments(parser: argparse.ArgumentParser) -> None:
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


def add_pacing_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how fast the run goes at first."""
    parser.add_argument(
        "--speed",
        type=speed_arg,
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


def add_appearance_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the dashboard looks")
    for name, choices in (("glyphs", GLYPHS), ("palette", PALETTES), ("theme", THEMES)):
        descriptions = "; ".join(f"{choice}: {meaning}" for choice, meaning in choices.items())
        group.add_argument(
            f"--{name}",
            metavar="NAME",
            default=argparse.SUPPRESS,
            help=f"{descriptions} (as suits)",
        )
    group.add_argument(
        "--fps",
        type=float_arg,
        metavar="N",
        default=argparse.SUPPRESS,
        help=f"draw at most N times a second ({DEFAULT_FPS:g})",
    )
    group.add_argument(
        "--no-mouse",
        dest="mouse",
        action="store_false",
        default=argparse.SUPPRESS,
        help="leave the mouse to the terminal, to select text",
    )


def settings_from(args: argparse.Namespace) -> Settings:
    """Return the recipe's settings with what the options say; raises SettingsError."""
    given = vars(args)
    recipe = given.get("recipe", DEFAULT_RECIPE)
    settings = RECIPES[check_choice("recipe", recipe, RECIPES)].settings
    changed = {it.attribute: given[it.attribute] for it in FIELDS.values() if it.attribute in given}
    switches = {it: changed.get(it) for it in ("task", "model", "optimizer")}
    return replace(switched(settings, **switches), **changed)


def schedule_from(args: argparse.Namespace, settings: Settings) -> list[tuple[int, Change]]:
    """Return the scheduled changes in order; raises SettingsError where one makes no run."""
    given = [*vars(args).get("at", []), *vars(args).get("train_at", [])]
    schedule: list[tuple[int, Change]] = sorted(given, key=lambda entry: int(entry[0]))
    track = SettingsTrack.from_settings(settings)
    for step, change in schedule:
        if not 0 <= step <= settings.steps:
            raise UserError(f"--at {step}: there are {settings.steps:,} steps")
        try:
            track = track.apply(change)
        except UserError as reason:
            raise UserError(f"--at {step}:{change.spec}: {reason}") from None
    return schedule


def journal_target_from(args: argparse.Namespace, settings: Settings) -> JournalTarget | None:
    """Return where the run is written down, if anywhere; raises SettingsError."""
    from rnn_tui.recording.checkpoint import SUFFIX, checkpoint_path
    from rnn_tui.recording.journal_target import JournalTarget
    from rnn_tui.recording.state_folder import state_folder

    given = vars(args)
    if "no_journal" in given:
        if "journal" in given:
            raise UserError("--journal and --no-journal exclude each other")
        return None
    if "journal" not in given:
        return JournalTarget.from_recipe(state_folder(os.environ), settings.recipe)
    path = Path(given["journal"])
    if path.suffix == SUFFIX:
        raise UserError(f"--journal: {SUFFIX} is the ending of checkpoints; .jsonl suits it")
    try:
        existing = [str(it) for it in (path, checkpoint_path(path)) if it.exists()]
    except OSError as reason:
        raise UserError(f"--journal: {reason}") from None
    if existing:
        raise UserError(f"--journal: {existing[0]} is there already, and is never written over")
    return JournalTarget.from_path(path)


def appearance_from(args: argparse.Namespace) -> Appearance:
    """Return what suits the terminal, with what the options say; raises SettingsError."""
    chosen = {name: value for name, value in vars(args).items() if name in Appearance.__slots__}
    return replace(
        detect_appearance(os.environ, locale_coerced=bool(sys.flags.utf8_mode)), **chosen
    )


def speed_from(args: argparse.Namespace, settings: Settings) -> float:
    return float(getattr(args, "speed", RECIPES[settings.recipe].speed))


def report_every_from(args: argparse.Namespace) -> int | None:
    report_every: int | None = getattr(args, "every", None)
    if report_every is not None and report_every < 1:
        raise UserError(f"--every must be at least 1, not {report_every}")
    return report_every
