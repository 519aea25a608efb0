"""Options shared by the commands, and the objects made from their values."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from rnn_tui.cli.parser import Parser
from rnn_tui.config.appearance import (
    DEFAULT_FPS,
    GLYPHS,
    PALETTES,
    THEMES,
    Appearance,
    detect_appearance,
)
from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.options import settings_from_options
from rnn_tui.config.parsing import parse_float, parse_int
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.unused import check_effect
from rnn_tui.error_text import error_text

if TYPE_CHECKING:
    from rnn_tui.recording.run_store import JournalTarget
    from rnn_tui.run.changes import Change
    from rnn_tui.run.conditions import Condition


def argparse_type(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return `parse` with its errors as argparse expects them."""

    def convert(text: str) -> Any:
        try:
            return parse(text)
        except UserError as reason:
            raise argparse.ArgumentTypeError(str(reason)) from None

    return convert


int_arg, float_arg = argparse_type(parse_int), argparse_type(parse_float)


def speed_arg(text: str) -> float:
    """Return a speed in steps per second, infinity for "max"."""
    steps_per_second = inf if text == "max" else float_arg(text)
    if not steps_per_second > 0:
        raise argparse.ArgumentTypeError(f"a speed must be above 0, or max, not {text}")
    return steps_per_second


def size_arg(text: str) -> tuple[int, int]:
    """Return the columns and rows of a text such as 80x24."""
    columns, cross, rows = text.partition("x")
    if not (cross and columns.isdecimal() and rows.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not COLUMNSxROWS, as in 80x24")
    return int(columns), int(rows)


def scheduled_change(text: str) -> tuple[int, Change]:
    """Return the step and the change of STEP:NAME=VALUE."""
    from rnn_tui.run.changes import parse_change

    step, colon, spec = text.partition(":")
    try:
        if not colon:
            raise UserError(f"{text!r} is not STEP:NAME=VALUE, as in 2000:lr=0.2")
        return int_arg(step), parse_change(spec)
    except UserError as reason:
        raise argparse.ArgumentTypeError(str(reason)) from None


def add_run_arguments(
    parser: Parser, *, trains: bool = True, without: Collection[str] = ()
) -> None:
    """Add the settings of a run, or those that matter before its first step, but for `without`."""
    parser.add_option(
        "what is trained",
        "--recipe",
        metavar="NAME",
        help="a named set of settings, which replace the defaults below: "
        f"{', '.join(RECIPES)} (default: {DEFAULT_RECIPE})",
    )
    for field in FIELDS.values():
        if not trains and (field.group == "optimizer" or field.name == "steps"):
            continue
        if field.name in without:
            continue
        parser.add_option(
            field.group,
            *(f"--{name}" for name in (field.name, *field.aliases)),
            type=argparse_type(field.parse),
            dest=field.attribute,
            metavar=field.metavar,
            help=field.help.replace("%", "%%"),
        )


def add_change_arguments(parser: Parser, dest: str) -> None:
    """Add --at; `dest` differs per command, or a subcommand would drop the changes before it."""
    parser.add_option(
        "run",
        "--at",
        type=scheduled_change,
        help="change a setting after a step, as in 2000:lr=0.2; repeatable (default: no changes)",
        metavar="STEP:NAME=VALUE",
        action="append",
        dest=dest,
    )


def condition_arg(text: str) -> Condition:
    """Return the condition of a breakpoint, such as "loss<1 and exact"."""
    from rnn_tui.run.conditions import parse_condition

    parsed: Condition = argparse_type(parse_condition)(text)
    return parsed


def add_break_argument(parser: Parser, dest: str, effect: str) -> None:
    """Add --break; `dest` differs per command, as for --at."""
    from rnn_tui.run.conditions import CONDITIONS

    examples = ", ".join(kind.example for kind in CONDITIONS.values())
    parser.add_option(
        "run",
        "--break",
        type=condition_arg,
        help=f"{effect} where a condition holds: {examples}; joined by and; repeatable; quote it "
        "for the shell",
        metavar="CONDITION",
        action="append",
        dest=dest,
    )


def breakpoints_from(args: argparse.Namespace, settings: Settings) -> list[Condition]:
    """Return the conditions of --break; raises UserError if one cannot hold with `settings`."""
    from rnn_tui.run.condition_values import check_condition

    given = [*vars(args).get("breakpoints", []), *vars(args).get("train_breakpoints", [])]
    for condition in given:
        try:
            check_condition(condition, settings)
        except UserError as reason:
            raise UserError(f"--break {reason}") from None
    return given


def add_line_mode_arguments(
    parser: Parser, mode: str = "line mode: plain text instead of the dashboard"
) -> None:
    """Add --plain, which opens `mode`, and --every."""
    parser.add_option(
        "run", "--plain", action="store_true", help=f"{mode}, commands on standard input"
    )
    parser.add_option(
        "run",
        "--every",
        type=int_arg,
        metavar="N",
        help="report every N steps, in line mode and train (default: the recipe's)",
    )


def add_json_argument(parser: Parser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object a line: see 'help json'"
    )


def add_journal_arguments(parser: Parser) -> None:
    parser.add_option(
        "run",
        "--journal",
        metavar="FILE",
        help="record the run in this new file (default: one in the state directory, see 'runs')",
    )
    parser.add_option("run", "--no-journal", action="store_true", help="record nothing")


def add_pacing_arguments(parser: Parser) -> None:
    parser.add_option(
        "run",
        "--speed",
        type=speed_arg,
        metavar="N",
        help="steps per second at the start, or 'max' (default: the recipe's; max after train)",
    )
    parser.add_option("run", "--paused", action="store_true", help="start paused")
    parser.add_option(
        "screen",
        "--dialogs-pause",
        action="store_true",
        help="hold training while a dialog is open",
    )


def add_siblings_argument(parser: Parser) -> None:
    parser.add_option(
        "run",
        "--seeds",
        type=int_arg,
        metavar="N",
        help="train N siblings alongside, with other seeds, in their own process (default: none)",
    )


def n_siblings_from(args: argparse.Namespace) -> int:
    """Return the number of siblings to train; raises UserError."""
    from rnn_tui.session.requests import TrainSiblings

    return TrainSiblings(getattr(args, "seeds", 0)).count or 0


def add_appearance_arguments(parser: Parser, *, is_recorded: bool = False) -> None:
    """Add the display options; of a recording, none is detected and there is no mouse."""
    detected = {name: "detected" for name in ("glyphs", "theme") if not is_recorded}
    for name, choices in (("glyphs", GLYPHS), ("palette", PALETTES), ("theme", THEMES)):
        descriptions = "; ".join(f"{choice}: {meaning}" for choice, meaning in choices.items())
        parser.add_option(
            "screen",
            f"--{name}",
            metavar="NAME",
            help=f"{descriptions} (default: {detected.get(name, next(iter(choices)))})",
        )
    parser.add_option(
        "screen",
        "--fps",
        type=float_arg,
        metavar="N",
        help=f"maximum frames per second (default: {DEFAULT_FPS:g})",
    )
    if not is_recorded:
        parser.add_option(
            "screen",
            "--no-mouse",
            dest="mouse",
            action="store_false",
            help="do not capture the mouse, so that the terminal can select text",
        )


def given_settings(args: argparse.Namespace) -> bool:
    """Return whether an option names a recipe or a setting of a new run."""
    return any(name in args for name in ("recipe", *(each.attribute for each in FIELDS.values())))


def settings_from(args: argparse.Namespace) -> Settings:
    """Return the recipe's settings with those of the options; raises UserError."""
    return settings_from_options(vars(args))


def given_schedule(args: argparse.Namespace) -> list[tuple[int, Change]]:
    """Return the scheduled changes in order, unchecked."""
    given = [*vars(args).get("at", []), *vars(args).get("train_at", [])]
    return sorted(given, key=lambda entry: int(entry[0]))


def schedule_from(args: argparse.Namespace, settings: Settings) -> list[tuple[int, Change]]:
    """Return the scheduled changes in order.

    Raises UserError if one is invalid at its step, and if it or an option has no effect from then
    on.
    """
    from rnn_tui.run.changes import SetField
    from rnn_tui.run.schedule import planned_settings

    schedule = given_schedule(args)
    later_settings = planned_settings(settings, schedule)
    check_option_effects(args, later_settings)
    for i, (step, change) in enumerate(schedule, 1):
        if isinstance(change, SetField):
            try:
                check_effect(change.name, change.value, later_settings[i:])
            except UserError as reason:
                raise UserError(f"--at {step}:{change.spec}: {reason}") from None
    return schedule


def check_option_effects(args: argparse.Namespace, later_settings: Sequence[Settings]) -> None:
    """Raise UserError if an option has no effect under any of the settings of the run."""
    for field in FIELDS.values():
        if field.attribute in args:
            check_effect(field.name, getattr(args, field.attribute), later_settings)


def journal_target_from(args: argparse.Namespace, settings: Settings) -> JournalTarget | None:
    """Return the journal to write, None for none; raises UserError."""
    from pathlib import Path

    from rnn_tui.recording.checkpoint import SUFFIX, checkpoint_path
    from rnn_tui.recording.run_store import JournalTarget
    from rnn_tui.recording.state_folder import state_folder

    given = vars(args)
    if "no_journal" in given:
        if "journal" in given:
            raise UserError("--journal and --no-journal exclude each other")
        return None
    if "journal" not in given:
        return JournalTarget.from_settings(state_folder(os.environ), settings)
    path = Path(given["journal"])
    if path.suffix == SUFFIX:
        raise UserError(f"--journal: {SUFFIX} is the suffix of checkpoints; use .jsonl")
    try:
        existing = [str(file) for file in (path, checkpoint_path(path)) if file.exists()]
    except OSError as reason:
        raise UserError(f"--journal: {error_text(reason)}") from None
    if existing:
        raise UserError(f"--journal: {existing[0]} exists; choose a new file")
    return JournalTarget.from_path(path)


def appearance_from(args: argparse.Namespace) -> Appearance:
    """Return the detected appearance with the options' values; raises UserError."""
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


def check_headless_arguments(args: argparse.Namespace, *excluded: str) -> None:
    """Raise UserError for --json without --headless, and for options without effect with it."""
    if args.json and not args.headless:
        raise UserError("--json needs --headless")
    exclude_options(args, "headless", "plain", "speed", "paused", "seeds", *excluded)
    exclude_screen_options(args, "headless")


def exclude_screen_options(args: argparse.Namespace, mode: str) -> None:
    """Raise UserError where options of the dashboard are given with `mode`, which has none."""
    exclude_options(args, mode, *Appearance.__slots__)


def exclude_options(args: argparse.Namespace, mode: str, *excluded: str) -> None:
    """Raise UserError where `mode` is given together with an option of `excluded`."""
    for name in excluded:
        if getattr(args, mode, False) and name in args:
            option = "no-mouse" if name == "mouse" else name.replace("_", "-")
            raise UserError(f"--{mode} and --{option} exclude each other")
