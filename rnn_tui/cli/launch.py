"""Opens a session where it can be seen: in the dashboard, or line by line."""

import argparse
import os
import sys
from typing import Any

from rnn_tui.cli.arguments import appearance_from, every_from, speed_from
from rnn_tui.config.settings import SettingsError
from rnn_tui.session.start import Opening

INCAPABLE = ("dumb", "unknown", "")  # terminals by the name in TERM


def open_session(
    parser: argparse.ArgumentParser, options: argparse.Namespace, opening: Opening
) -> int:
    """Open the dashboard, or talk in lines with --plain, and return the exit status."""
    wanted = speed_from(options, opening.settings)
    paused = bool(getattr(options, "paused", False))
    if "plain" in options:
        from rnn_tui.line_mode.session import run_plain

        return run_plain(opening, wanted, every_from(options), paused=paused)
    if "every" in options:
        raise SettingsError("--every is for train and --plain: the dashboard draws as --fps says")
    appearance = appearance_from(options)
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.__stderr__)):
        parser.error("the dashboard needs a terminal; without one, use: rnn-tui train")
    if os.environ.get("TERM", "dumb") in INCAPABLE:
        parser.error("the dashboard needs a terminal with a cursor to move; use: rnn-tui train")
    from rnn_tui.tui.app import run_dashboard

    return run_dashboard(opening, wanted, appearance, paused=paused)


def _is_terminal(stream: Any) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
