"""`rnn-tui inspect` and `evaluate`: analyze a saved run, or one that is trained first.

The keys of their JSON are in `analysis_figures`, by analysis.
"""

import argparse
from collections.abc import Iterable, Iterator

import numpy as np

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.cli.analysis_figures import analysis_fields
from rnn_tui.cli.arguments import given_settings, schedule_from, settings_from
from rnn_tui.cli.json_lines import print_json
from rnn_tui.cli.output import print_line, print_notice
from rnn_tui.cli.progress import ProgressLine
from rnn_tui.cli.reporters import print_run
from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice, parse_int
from rnn_tui.config.recipes import summary_of
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.load import load_checkpoint
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.run.subject import evaluate_run_at, subject_of
from rnn_tui.text.analyses import analysis_lines

SLICE_SECONDS = 0.05  # training between two updates of the progress


@np.errstate(all="ignore")
def inspect_run(args: argparse.Namespace) -> int:
    """Print the analyses of a run after each of its chosen steps; return the exit status.

    Raises UserError for an unknown run, analysis or step, and settings that cannot be trained.
    """
    run_name, names = _run_and_analyses(args)
    status, progress = 0, ProgressLine()
    for run in _load_or_train(args, run_name, progress):
        inputs = run.inspector.shown_inputs
        if "input" in args:
            inputs, _ = run.inspector.forward(args.input)
        _print_run(run, progress, as_json=args.json)
        subject = subject_of(run.state, inputs)
        for name in names:
            progress.update(name)
            result, reason = ANALYSES[name].compute_or_reason(subject)
            progress.clear()
            if args.json:
                fields = {"n": None, "figures": None} if reason else analysis_fields(name, result)
                print_json(
                    "analysis", name=name, step=run.weights_step, reason=reason or None, **fields
                )
            else:
                print_line(f"{name}: {ANALYSES[name].summary}")
                lines = [f"  {reason}"] if reason else analysis_lines(name, result, run.settings)
                _print_lines(lines)
        if run.halt_reason:
            status = EXIT_FAILURE
            print_notice(
                f"halted at step {run.step:,}: {run.halt_reason}; the analyses are of the weights "
                f"of step {run.weights_step:,}"
            )
    return status


@np.errstate(all="ignore")
def evaluate_run(args: argparse.Namespace) -> int:
    """Print the accuracy of a run on sequences of other lengths; return the exit status.

    Raises UserError for an unknown run or step, and a model or length without such sequences.
    """
    progress, lengths = ProgressLine(), [n for text in args.lengths for n in _parse_ints(text)]
    if "length" in args:  # before the command
        lengths.append(args.length)
    for run in _load(args, args.run_name, progress):
        progress.update("evaluating")
        try:
            result = evaluate_run_at(run, lengths, args.pairs, args.ripples)
        finally:
            progress.clear()
        _print_run(run, progress, as_json=args.json)
        if args.json:
            fields = analysis_fields("length", result)
            print_json("analysis", name="length", step=run.weights_step, reason=None, **fields)
        else:
            _print_lines(analysis_lines("length", result, run.settings))
    return 0


def _run_and_analyses(args: argparse.Namespace) -> tuple[str | None, list[str]]:
    """Return the name of the run, None for the latest, and the names of the analyses."""
    words, run_name = list(args.run_and_analyses), None
    if words and words[0] not in ANALYSES and not given_settings(args):
        run_name = words.pop(0)
    return run_name, [check_choice("analysis", word, ANALYSES) for word in words] or list(ANALYSES)


def _load_or_train(
    args: argparse.Namespace, run_name: str | None, progress: ProgressLine
) -> Iterator[Run]:
    """Yield the saved run `run_name`, or a new one if settings are given, after each step."""
    if given_settings(args):
        yield from _train(args, progress)
    elif "at" in args or "train_at" in args:
        raise UserError("--at changes a run that is trained first; add --recipe or a setting")
    else:
        yield from _load(args, run_name, progress)


def _load(args: argparse.Namespace, run_name: str | None, progress: ProgressLine) -> Iterator[Run]:
    """Yield the saved run `run_name` after each step."""
    steps = _parse_ints(args.step) if "step" in args else [None]
    for step in steps:
        yield load_checkpoint(run_name, step, progress.update_step)


def _train(args: argparse.Namespace, progress: ProgressLine) -> Iterator[Run]:
    """Train a new run, and yield the same run after each step, until it halts."""
    settings = settings_from(args)
    steps = sorted(_parse_ints(args.step)) if "step" in args else [settings.steps]
    for step in steps:
        if not 0 <= step <= settings.steps:
            raise UserError(f"the run has steps 0 to {settings.steps:,}, not {step:,}")
    run, step_budget = Run(settings, schedule_from(args, settings)), StepBudget(SLICE_SECONDS)
    run.advance(0)  # applies the changes at its start
    for step in steps:
        while run.step < step and not run.halt_reason:
            with step_budget.timed_slice(run):
                run.advance(min(step_budget.steps, step - run.step))
            progress.update_step(run.step, steps[-1])
        yield run
        if run.halt_reason:
            return


def _parse_ints(text: str) -> list[int]:
    """Return the integers in `text`, separated by commas."""
    return [parse_int(word) for word in text.split(",")]


def _print_run(run: Run, progress: ProgressLine, *, as_json: bool) -> None:
    progress.clear()
    if as_json:
        print_run(run)
    else:
        print_line(f"step {run.weights_step:,}: {summary_of(run.settings)}")


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print_line(line)
