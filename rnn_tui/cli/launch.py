"""Opens a session in the dashboard, or in line mode."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from rnn_tui.cli.arguments import (
    appearance_from,
    exclude_screen_options,
    n_siblings_from,
    report_every_from,
    speed_from,
)
from rnn_tui.cli.parser import Parser
from rnn_tui.config.errors import UserError

if TYPE_CHECKING:
    from rnn_tui.session.start import SessionStart

UNSUPPORTED_TERMS = ("dumb", "unknown", "")  # terminals by the name in TERM


def launch(parser: Parser, args: argparse.Namespace, session_start: SessionStart) -> int:
    """Open the dashboard, or line mode with --plain; return the exit status."""
    exclude_screen_options(args, "plain")
    speed = speed_from(args, session_start.settings)
    paused, n_siblings = bool(getattr(args, "paused", False)), n_siblings_from(args)
    if "plain" in args:
        from rnn_tui.line_mode.session import run_line_mode

        return run_line_mode(
            session_start, speed, report_every_from(args), paused=paused, n_siblings=n_siblings
        )
    if "every" in args:
        raise UserError("--every needs train or --plain; of the dashboard set --fps")
    appearance = appearance_from(args)
    advice = "add --headless or --plain" if "headless" in args else "use rnn-tui train or --plain"
    check_terminal(parser, advice)
    from rnn_tui.tui.app import run_dashboard

    return run_dashboard(session_start, speed, appearance, paused=paused, n_siblings=n_siblings)


def check_terminal(parser: Parser, advice: str) -> None:
    """Exit with `advice` where the dashboard has no terminal."""
    if not (_is_tty(sys.stdin) and _is_tty(sys.__stderr__)):
        parser.error(f"the dashboard needs a terminal; without one, {advice}")
    if os.environ.get("TERM", "dumb") in UNSUPPORTED_TERMS:
        parser.error(f"the dashboard needs a terminal that can move the cursor; {advice}")


def supports_screen() -> bool:
    """Return whether the standard streams are a terminal that can move the cursor."""
    streams = (sys.stdin, sys.stdout, sys.__stderr__)
    return all(map(_is_tty, streams)) and os.environ.get("TERM", "dumb") not in UNSUPPORTED_TERMS


def _is_tty(stream: Any) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
