"""`rnn-tui inspect` and `evaluate`: analyze a saved run, or one that is trained first."""

import argparse
from collections.abc import Iterable, Sequence

import numpy as np

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.length import evaluate_lengths
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
from rnn_tui.run.subject import subject_of
from rnn_tui.text.analyses import analysis_lines

SLICE_SECONDS = 0.05  # training between two updates of the progress


@np.errstate(all="ignore")
def inspect_run(args: argparse.Namespace) -> int:
    """Print the analyses of a run; return the exit status.

    Raises UserError for an unknown run, analysis or step, and settings that cannot be trained.
    """
    run_name, names = _run_and_analyses(args)
    progress = ProgressLine()
    run = _load_or_train(args, run_name, progress)
    inputs = run.inspector.shown_inputs
    if "input" in args:
        inputs, _ = run.inspector.forward(args.input)
    subject = subject_of(run.state, inputs)
    progress.clear()
    if args.json:
        print_run(run)
    else:
        print_line(_title(run))
    for name in names:
        progress.update(name)
        result, reason = ANALYSES[name].compute_or_reason(subject)
        progress.clear()
        if args.json:
            fields = {"n": None, "figures": None} if reason else analysis_fields(name, result)
            print_json("analysis", name=name, step=run.step, reason=reason or None, **fields)
        else:
            lines = [f"  {reason}"] if reason else analysis_lines(name, result, run.settings)
            _print_lines(f"{name}: {ANALYSES[name].summary}", lines)
    if run.halt_reason:
        print_notice(
            f"halted at step {run.step:,}: {run.halt_reason}; the analyses are of the weights of "
            f"step {run.rollback_point.step:,}"
        )
    return EXIT_FAILURE if run.halt_reason else 0


@np.errstate(all="ignore")
def evaluate_run(args: argparse.Namespace) -> int:
    """Print the accuracy of a run on sequences of other lengths; return the exit status.

    Raises UserError for an unknown run or step, and a model or length without such sequences.
    """
    progress, lengths = ProgressLine(), _parse_lengths(args.lengths)
    if "length" in args:  # before the command
        lengths.append(args.length)
    run = load_checkpoint(args.run_name, getattr(args, "step", None), progress.update_step)
    progress.update("evaluating")
    try:
        result = evaluate_lengths(
            run.trainer.model, run.task, run.settings.make_loss(), lengths, args.pairs, args.ripples
        )
    except ValueError as reason:
        raise UserError(str(reason)) from None
    progress.clear()
    if args.json:
        print_run(run)
        fields = analysis_fields("length", result)
        print_json("analysis", name="length", step=run.step, reason=None, **fields)
    else:
        _print_lines(_title(run), analysis_lines("length", result, run.settings))
    return 0


def _run_and_analyses(args: argparse.Namespace) -> tuple[str | None, list[str]]:
    """Return the name of the run, None for the latest, and the names of the analyses."""
    words, run_name = list(args.run_and_analyses), None
    if words and words[0] not in ANALYSES and not given_settings(args):
        run_name = words.pop(0)
    return run_name, [check_choice("analysis", word, ANALYSES) for word in words] or list(ANALYSES)


def _load_or_train(args: argparse.Namespace, run_name: str | None, progress: ProgressLine) -> Run:
    """Return the saved run `run_name`, or a new one if settings are given."""
    step = getattr(args, "step", None)
    if not given_settings(args):
        if "at" in args or "train_at" in args:
            raise UserError("--at changes a run that is trained first; add --recipe or a setting")
        return load_checkpoint(run_name, step, progress.update_step)
    settings = settings_from(args)
    last_step = settings.steps if step is None else step
    if not 0 <= last_step <= settings.steps:
        raise UserError(f"the run has steps 0 to {settings.steps:,}, not {last_step:,}")
    run, step_budget = Run(settings, schedule_from(args, settings)), StepBudget(SLICE_SECONDS)
    run.advance(0)  # applies the changes at its start
    while run.step < last_step and not run.halt_reason:
        with step_budget.timed_slice(run):
            run.advance(min(step_budget.steps, last_step - run.step))
        progress.update_step(run.step, last_step)
    return run


def _parse_lengths(texts: Sequence[str]) -> list[int]:
    """Return the lengths of all options, each with one or several separated by commas."""
    return [parse_int(length) for text in texts for length in text.split(",")]


def _title(run: Run) -> str:
    return f"step {run.step:,}: {summary_of(run.settings)}"


def _print_lines(title: str, lines: Iterable[str]) -> None:
    for line in (title, *lines):
        print_line(line)
