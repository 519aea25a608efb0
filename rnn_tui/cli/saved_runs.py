"""The arguments of the commands for recorded runs, and of their analyses."""

import argparse

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_break_argument,
    add_change_arguments,
    add_json_argument,
    add_line_mode_arguments,
    add_pacing_arguments,
    add_run_arguments,
    add_siblings_argument,
    float_arg,
    int_arg,
    size_arg,
)
from rnn_tui.cli.output import print_line
from rnn_tui.cli.parser import Parser


def declare_runs(parser: Parser) -> None:
    """Add the arguments of `runs`."""
    from rnn_tui.cli.run_columns import COLUMNS

    parser.set_run(_list_runs)
    parser.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        help="only runs with this task, model, optimizer or recipe, or with WORD in their name",
    )
    parser.add_argument("--sort", metavar="COLUMN", help=f"sort by: {', '.join(COLUMNS)}")
    parser.add_argument("--names", action="store_true", help="print names only")
    parser.add_argument("--delete", metavar="RUN", nargs="+", help="delete these runs")
    parser.add_argument("--yes", action="store_true", help="do not ask before deleting")
    add_json_argument(parser)


def declare_replay(parser: Parser) -> None:
    """Add the arguments of `replay`."""
    parser.set_run(_replay)
    parser.add_argument(
        "run_name", metavar="RUN", help="name of a run, the unique beginning of one, or a file"
    )
    _add_view_arguments(parser)


def declare_record(parser: Parser) -> None:
    """Add the arguments of `record`."""
    from rnn_tui.tui.views import VIEWS

    parser.set_run(_record)
    _add_optional_run(parser)
    parser.add_argument(
        "--to", metavar="FILE", help="new file, - for standard output (default: NAME.cast)"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    for name, description in (("from", "first step (default: 0)"), ("until", "last step")):
        parser.add_option("run", f"--{name}", type=int_arg, metavar="STEP", help=description)
    parser.add_option(
        "run",
        "--speed",
        type=float_arg,
        metavar="N",
        help="steps per second of the recording (default: so many that it takes some 45 seconds)",
    )
    parser.add_option(
        "screen",
        "--size",
        type=size_arg,
        metavar="COLUMNSxROWS",
        help="size of the terminal (default: 80x24)",
    )
    parser.add_option(
        "screen", "--view", metavar="NAME", help=f"one of {', '.join(VIEWS)} (default: train)"
    )
    add_appearance_arguments(parser, is_recorded=True)


def declare_resume(parser: Parser) -> None:
    """Add the arguments of `resume`."""
    parser.set_run(_resume)
    _add_optional_run(parser)
    parser.add_option(
        "run",
        "--steps",
        type=int_arg,
        metavar="N",
        help="with --headless, train to step N (default: the last planned step)",
    )
    add_siblings_argument(parser)
    add_break_argument(parser, "train_breakpoints", "pause, or with --headless end,")
    _add_view_arguments(parser)


def declare_export(parser: Parser) -> None:
    """Add the arguments of `export`."""
    parser.set_run(_export)
    _add_optional_run(parser)
    parser.add_argument("--csv", action="store_true", help="only the losses and evaluations")
    parser.add_argument(
        "--npz", action="store_true", help="only the weights and state: see 'help npz'"
    )
    parser.add_argument("--to", metavar="DIR", default=".", help="directory (default: .)")


def declare_inspect(parser: Parser) -> None:
    """Add the arguments of `inspect`."""
    summaries = "; ".join(f"{name}: {analysis.summary}" for name, analysis in ANALYSES.items())
    parser.set_run(_inspect)
    parser.add_argument(
        "run_and_analyses",
        metavar="RUN|ANALYSIS",
        nargs="*",
        help="RUN as for replay (default: the latest, or one trained by these settings, which is "
        f"not recorded), then the analyses (default: all): {summaries}",
    )
    _add_step_argument(parser)
    parser.add_option(
        "run", "--input", metavar="TEXT", help="the example, as 81+113 (default: the newest)"
    )
    add_run_arguments(parser)
    add_change_arguments(parser, "train_at")
    add_json_argument(parser)


def declare_evaluate(parser: Parser) -> None:
    """Add the arguments of `evaluate`."""
    parser.set_run(_evaluate)
    _add_optional_run(parser)
    _add_step_argument(parser)
    parser.add_argument(
        "--length",
        metavar="N,...",
        action="append",
        dest="lengths",
        default=[],
        help="lengths of random sequences, up to 1,024; repeatable",
    )
    parser.add_argument(
        "--pairs", type=int_arg, metavar="N", help="sequences of each length (default: up to 1,024)"
    )
    parser.add_argument(
        "--ripples",
        type=int_arg,
        metavar="N",
        help="longest carry that is tried, in columns, of an arithmetic task (default: 1,000)",
    )
    add_json_argument(parser)


def _add_step_argument(parser: Parser) -> None:
    parser.add_option(
        "run", "--step", metavar="N,...", help="as it was after these steps (default: the last)"
    )


def _add_optional_run(parser: Parser) -> None:
    parser.add_argument(
        "run_name", metavar="RUN", nargs="?", help="as for replay (default: the latest)"
    )


def _add_view_arguments(parser: Parser) -> None:
    parser.add_argument("--headless", action="store_true", help="without a screen, at full speed")
    add_json_argument(parser)
    add_pacing_arguments(parser)
    add_line_mode_arguments(parser)
    add_appearance_arguments(parser)


def _list_runs(_parser: Parser, args: argparse.Namespace) -> int:
    """List recorded runs, the latest first, with settings and best accuracy."""
    if args.names and not (args.words or args.sort or args.delete):  # without reading journals
        import os

        from rnn_tui.recording.state_folder import run_names, state_folder

        for name in run_names(state_folder(os.environ)):
            print_line(name)
        return 0
    from rnn_tui.cli.runs import list_saved_runs

    return list_saved_runs(args)


def _replay(parser: Parser, args: argparse.Namespace) -> int:
    """Re-run a journal and compare it with its digests; status 1 where it differs."""
    from rnn_tui.cli.replay import replay_run

    return replay_run(parser, args)


def _record(_parser: Parser, args: argparse.Namespace) -> int:
    """Record the replay of a run on the dashboard as a file for asciinema."""
    from rnn_tui.cli.record import record_run

    return record_run(args)


def _resume(parser: Parser, args: argparse.Namespace) -> int:
    """Resume a run at its last step, with the same result as if it had never ended."""
    from rnn_tui.cli.resume import resume_run

    return resume_run(parser, args)


def _export(_parser: Parser, args: argparse.Namespace) -> int:
    """Write the losses of a run as CSV, and its state at its last step as npz."""
    from rnn_tui.cli.export import export_run

    return export_run(args)


def _inspect(_parser: Parser, args: argparse.Namespace) -> int:
    """Analyze a recorded run, or a new one that is trained first, without a record."""
    from rnn_tui.cli.inspect import inspect_run

    return inspect_run(args)


def _evaluate(_parser: Parser, args: argparse.Namespace) -> int:
    """Evaluate a run on sequences of other lengths, and on the worst carries."""
    from rnn_tui.cli.inspect import evaluate_run

    return evaluate_run(args)
