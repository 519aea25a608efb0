"""`rnn-tui help`: the help of a command, or a page of reference."""

import argparse
import sys
from collections.abc import Callable

from rnn_tui.cli.parser import Parser
from rnn_tui.config.parsing import check_choice
from rnn_tui.exit_status import EXIT_STATUSES


def _json_page() -> str:
    from rnn_tui.cli.json_lines import schema_lines

    return "\n".join(schema_lines())


def _npz_page() -> str:
    from rnn_tui.cli import npz_layout

    return str(npz_layout.__doc__).strip()


def _exit_status_page() -> str:
    return "\n".join(f"{status:>4}  {meaning}" for status, meaning in EXIT_STATUSES.items())


def _lesson_file_page() -> str:
    from rnn_tui.lessons.figures import BOUNDS
    from rnn_tui.lessons.lesson import MAX_TEXT_LENGTH
    from rnn_tui.lessons.quantities import QUANTITIES
    from rnn_tui.lessons.reader import LESSON_KEYS, PAGE_KEYS, QUESTION_KEYS, TEXT
    from rnn_tui.run.conditions import CONDITIONS

    lines = [
        "A lesson is a TOML file; .github/LESSONS.md shows how to write one.",
        f"A text has up to {MAX_TEXT_LENGTH} characters. A page has a wait or a goal, not both.",
    ]
    tables = {"": LESSON_KEYS, "[[pages]]": PAGE_KEYS, "[pages.question]": QUESTION_KEYS}
    for title, keys in tables.items():
        lines += ["", title] if title else [""]
        for name, key in keys.items():
            kind = "" if key.kind == TEXT else f" ({key.kind})"
            lines.append(f"  {name:<10} {key.help}{kind}")
    lines += ["", "conditions of wait and goal, several joined by and"]
    lines += [f"  {each.example:<20} {each.explanation}" for each in CONDITIONS.values()]
    lines += ["", "[pages.figures]: quantities, those that are fractions also in %"]
    lines += [f"  with {' or '.join(BOUNDS)} before it, where the figure is a bound: over loss"]
    lines += [f"  {name:<30} {quantity.help}" for name, quantity in QUANTITIES.items()]
    return "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "json": _json_page,
    "npz": _npz_page,
    "lesson-file": _lesson_file_page,
    "exit-status": _exit_status_page,
}
HELP_SUMMARY = f"show the help of a command, or: {', '.join(PAGES)}"


def declare_help(parser: Parser) -> None:
    """Add the arguments of the command."""
    parser.set_run(_help)
    parser.add_argument("topic", metavar="TOPIC", nargs="?", help=f"COMMAND, {', '.join(PAGES)}")


def _help(parser: Parser, args: argparse.Namespace) -> int:
    """Show the help of the program, of a command, or a page of reference."""
    commands = parser.commands
    if args.topic is None:
        parser.print_help()
    elif args.topic in commands:
        commands[args.topic].print_help()
    else:
        page = PAGES[check_choice("help topic", args.topic, [*commands, *PAGES])]
        sys.stdout.write(f"{page()}\n")
    return 0
