"""The arguments of `rnn-tui sweep`."""

import argparse
from typing import Any

from rnn_tui.cli.arguments import (
    add_appearance_arguments,
    add_change_arguments,
    add_json_argument,
    add_run_arguments,
    argparse_type,
    int_arg,
)
from rnn_tui.cli.parser import Parser


def declare_sweep(parser: Parser) -> None:
    """Add the arguments of the command."""
    parser.set_run(_sweep)
    parser.takes_arguments_anywhere = True
    parser.add_argument(
        "grid",
        metavar="FILE.toml|NAME=VALUE,VALUE,...",
        nargs="*",
        help="an axis: values of any setting below, of recipe, or of STEP:NAME, a change after "
        "STEP; every combination is trained. A file has options by name, seeds, at, and axes "
        "in [grid]; the command line adds to it (default: no axis)",
    )
    parser.add_option(
        "sweep",
        "--seeds",
        type=_seeds_arg,
        dest="sweep_seeds",  # before the command, an option of the dashboard may have this name
        metavar="SEEDS",
        help="seeds of each combination: 20 for 0 to 19, or 3,5,7, or 10-19 (default: 10)",
    )
    parser.add_argument("--seed", type=int_arg, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_option(
        "sweep",
        "--until-exact",
        action="store_true",
        help="end each run at 100%% sequence accuracy, as train does (default: train all --steps)",
    )
    parser.add_option(
        "sweep",
        "--jobs",
        type=int_arg,
        metavar="N",
        help="number of processes (default: all cores of this machine)",
    )
    parser.add_option(
        "sweep",
        "--scheduler",
        metavar="ADDRESS",
        help="train on the Dask cluster with this scheduler, as tcp://HOST:8786; needs "
        "pip install '.[cluster]' in a checkout (default: this machine)",
    )
    parser.add_option(
        "sweep",
        "--journal",
        metavar="FILE",
        help="record the results in this file; those in it are not trained again (default: one "
        "in the state directory for these axes and options, so that the same command resumes)",
    )
    parser.add_option("sweep", "--no-journal", action="store_true", help="record nothing")
    parser.add_option(
        "sweep",
        "--journal-runs",
        action="store_true",
        help="also record each run as train does, on a cluster by its worker, for 'runs', 'replay' "
        "and 'inspect'; the runs are then trained one by one, which takes longer",
    )
    parser.add_option(
        "sweep",
        "--headless",
        action="store_true",
        help="no screen: progress on standard error, a table at the end (default without a "
        "terminal). Exit status: 0 all runs have a result, 1 some have none, 2 invalid command "
        "line, 130 Ctrl-C: results of finished runs are kept, and the same command resumes; "
        "unfinished runs start again",
    )
    add_json_argument(parser)
    parser.add_argument("--csv", action="store_true", help="print one line of CSV for each run")
    add_run_arguments(parser, without=("seed",))
    add_change_arguments(parser, "train_at")
    add_appearance_arguments(parser)


def _seeds_arg(text: str) -> Any:
    from rnn_tui.sweep.grid import parse_seeds

    return argparse_type(parse_seeds)(text)


def _sweep(_parser: Parser, args: argparse.Namespace) -> int:
    """Train a grid of settings, each with several seeds, and compare them."""
    from rnn_tui.cli.sweep import sweep

    return sweep(args)
