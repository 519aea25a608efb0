"""`rnn-tui lessons` and `lesson`: list the lessons, play one, and check one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_json_argument,
    appearance_from,
    exclude_options,
    exclude_screen_options,
    int_arg,
)
from rnn_tui.cli.launch import check_terminal
from rnn_tui.cli.output import print_line
from rnn_tui.cli.parser import Parser
from rnn_tui.config.errors import UserError

if TYPE_CHECKING:
    from rnn_tui.lessons.lesson import Lesson

# Keys of every pane and dialog, beside those of the commands.
NAVIGATION_KEYS = ("tab", "shift+tab", "arrows", "up", "down", "left", "right", "escape")


def declare_lessons(parser: Parser) -> None:
    """Add the arguments of `lessons`."""
    parser.set_run(_list_lessons)
    add_json_argument(parser)


def declare_lesson(parser: Parser) -> None:
    """Add the arguments of `lesson`."""
    parser.set_run(_lesson)
    parser.add_argument(
        "lesson",
        metavar="LESSON",
        help="name or number of a lesson, as lessons lists them, or a file of your own: see "
        "'help lesson-file'",
    )
    parser.add_option(
        "lesson", "--plain", action="store_true", help="as plain text, with words instead of keys"
    )
    parser.add_option(
        "lesson",
        "--page",
        type=int_arg,
        metavar="N",
        help="begin at page N; the pages before are played at full speed (default: 1)",
    )
    parser.add_option(
        "lesson",
        "--check",
        action="store_true",
        help="play it without a screen, and print what does not hold; status 1 if anything",
    )
    add_appearance_arguments(parser)


def _list_lessons(_parser: Parser, args: argparse.Namespace) -> int:
    """List the lessons, each with its number, name, minutes, title and summary."""
    from rnn_tui.cli.json_lines import print_json
    from rnn_tui.lessons.library import number_of, stored_lessons
    from rnn_tui.lessons.reader import read_lesson

    lessons = {name: read_lesson(path) for name, path in stored_lessons().items()}
    width = max(map(len, lessons), default=0)
    for name, lesson in lessons.items():
        number, minutes = number_of(lesson.path), lesson.minutes
        if args.json:
            print_json(
                "lesson",
                number=number,
                name=name,
                title=lesson.title,
                summary=lesson.summary,
                minutes=minutes,
                n_pages=len(lesson.pages),
            )
        else:
            print_line(f"{number:>2}  {name:<{width}}  {minutes:>2} min  {lesson.title}")
            print_line(f"    {lesson.summary}")
    return 0


def _lesson(parser: Parser, args: argparse.Namespace) -> int:
    """Play a lesson in the dashboard, on a run of its own that is not recorded."""
    from rnn_tui.lessons.library import find_lesson

    exclude_options(args, "check", "plain", "page")
    for mode in ("check", "plain"):
        exclude_screen_options(args, mode)
    lesson = find_lesson(args.lesson)
    if "check" in args:
        return _check(lesson)
    page = getattr(args, "page", 1)
    if not 1 <= page <= len(lesson.pages):
        raise UserError(f"--page must be from 1 to {len(lesson.pages)}, not {page}")
    if "plain" not in args:
        check_terminal(parser, "add --plain")
        from rnn_tui.tui.app import show_lesson

        return show_lesson(lesson, appearance_from(args), page)
    from rnn_tui.line_mode.lesson import run_lesson

    return run_lesson(lesson, page)


def _check(lesson: Lesson) -> int:
    """Print where `lesson` does not hold; return the exit status."""
    from rnn_tui.cli.progress import ProgressLine
    from rnn_tui.exit_status import EXIT_FAILURE
    from rnn_tui.lessons.checker import check_lesson
    from rnn_tui.recording.resume import Cancelled
    from rnn_tui.signals import GracefulExit
    from rnn_tui.tui.commands import COMMANDS
    from rnn_tui.tui.panes import PANES

    keys = [*(key for command in COMMANDS for key in command.key_names.split()), *NAVIGATION_KEYS]
    n_problems, progress = 0, ProgressLine()
    with GracefulExit() as graceful_exit:

        def show_progress(page: int, step: int) -> None:
            if graceful_exit.received:
                raise Cancelled
            progress.update(f"page {page} of {len(lesson.pages)}, step {step:,}")

        try:
            for problem in check_lesson(lesson, PANES, keys, show_progress):
                n_problems += 1
                progress.clear()
                print_line(problem)
        except Cancelled:
            return graceful_exit.exit_status
        finally:
            progress.clear()
    if not n_problems:
        print_line(f"all {len(lesson.pages)} pages hold")
    return EXIT_FAILURE if n_problems else 0
