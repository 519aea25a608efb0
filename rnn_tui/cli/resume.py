"""`rnn-tui resume`: resumes a recorded run at its last step, on the screen or headless."""

import argparse
from contextlib import closing
from math import inf

from rnn_tui.cli.arguments import check_headless_arguments, report_every_from
from rnn_tui.cli.journals import find_journal
from rnn_tui.cli.launch import launch
from rnn_tui.cli.parser import Parser
from rnn_tui.cli.train import resume_headless
from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.error_text import error_text
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.session.start import ResumeRun


def resume_run(parser: Parser, args: argparse.Namespace) -> int:
    """Resume a run at its last step, with the same result as if it had never ended."""
    check_headless_arguments(args)
    if "steps" in args and not args.headless:
        raise UserError("--steps needs --headless; the dashboard and --plain train on by request")
    try:
        session_start = ResumeRun.open(
            find_journal(args.run_name), vars(args).get("train_breakpoints", ())
        )
    except (JournalError, OSError) as reason:
        raise UserError(error_text(reason)) from None
    with closing(session_start.journal):
        if not args.headless:
            if session_start.contents.header.headless:
                vars(args).setdefault("speed", inf)
            return launch(parser, args, session_start)
        settings, planned_steps = session_start.settings, session_start.contents.planned_steps
        return resume_headless(
            session_start.journal,
            session_start.contents,
            last_step=settings.updated(steps=getattr(args, "steps", planned_steps)).steps,
            report_every=report_every_from(args) or RECIPES[settings.recipe].report_every,
            as_json=args.json,
            breakpoints=session_start.breakpoints,
        )
