"""`rnn-tui train` and `check`: a run without a screen, reported line by line."""

import sys
from math import inf, isnan
from time import perf_counter
from typing import Any, final

import numpy as np

from rnn_tui.cli.reporters import JsonReporter, Reporter, TextReporter, score_fields
from rnn_tui.cli.tutorial_figures import (
    current_loss,
    output_values,
    published_values,
    weight_values,
)
from rnn_tui.config.deviations import deviations
from rnn_tui.config.settings import MAX_DATASET_SIZE, Settings, UserError
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import DataStream, FixedDataset
from rnn_tui.engine.gradient_check import TOLERANCE, gradient_check
from rnn_tui.engine.losses import LOSSES
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Schedule
from rnn_tui.run.evaluator import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.run.example import Example
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import start_run
from rnn_tui.signals import GracefulExit
from rnn_tui.text.repeat_command import repeat_command

EXIT_GOAL_MISSED = EXIT_GRADIENT_MISMATCH = 1
FINAL_EVALUATION_SECONDS = 0.5  # seconds, at the most, for the score after Ctrl-C
SLICE_SECONDS = 0.05  # seconds of training between two looks at Ctrl-C
# Seconds for scores along the way: so many, and of the training's time this share.
INITIAL_EVALUATION_SECONDS, EVALUATION_TIME_SHARE = 1.0, 0.05


def train(
    settings: Settings,
    *,
    report_every: int,
    until_exact: bool,
    as_json: bool,
    schedule: Schedule = (),
    journal_target: JournalTarget | None = None,
) -> int:
    """Train to the last step, or until all results are right, and return the exit status."""
    reporter: Reporter = JsonReporter() if as_json else TextReporter()
    with GracefulExit() as interrupt:
        branch = start_run(settings, schedule, journal_target)
        loop = TrainLoop(branch, reporter, report_every, until_exact)
        loop.run(interrupt)
        return loop.finish(interrupt)
    return interrupt.exit_status


@final
class TrainLoop:
    """Drives `run`, tells `report` how it stands every so many steps, and counts the time."""

    def __init__(
        self, branch: Branch, reporter: Reporter, report_every: int, until_exact: bool
    ) -> None:
        self._branch, self._run, self._reporter, self._report_every = (
            branch,
            branch.run,
            reporter,
            report_every,
        )
        self._until_exact = until_exact
        self._step_budget = StepBudget(SLICE_SECONDS)
        self._training_seconds = self._evaluation_seconds = 0.0
        self._reported_first_exact: int | None = None  # that has been told
        self._reported_step = 0  # the step after the latest report of an example

    @property
    def _goal_reached(self) -> bool:
        return self._until_exact and self._run.evaluation_tracker.first_exact is not None

    @np.errstate(all="ignore")  # a net that overflows is halted, and that is said
    def run(self, interrupt: GracefulExit) -> None:
        """Train until the end, or until there is a reason not to."""
        run, report_every = self._run, self._report_every
        self._reporter.begin(deviations(run.settings))
        self._report_progress()
        while (
            run.step < run.initial_settings.steps
            and not self._goal_reached
            and not interrupt.received
        ):
            before, n_changes = run.step, len(run.log)
            is_report_due = before % report_every == 0 and not self._has_fixed_dataset
            self._advance(1 if is_report_due else self._steps_to_next_report())
            if is_report_due and run.last_step_valid and (example := run.inspector.example()):
                self._reporter.example(before, example, self._snapshot(example))
                self._reported_step = run.step
            self._report_first_exact()
            for applied in run.log[n_changes:]:
                self._reporter.change(applied)
            if run.halt_reason:
                return
            if run.step % report_every == 0 and run.step < run.initial_settings.steps:
                self._report_progress()
        self._report_progress(full=False)

    def _steps_to_next_report(self) -> int:
        """Return how many steps may be taken at once: the same news come whatever the machine."""
        step = self._run.step
        ends = [
            (step // every + 1) * every
            for every in (self._report_every, EXACT_CHECK_INTERVAL_STEPS)
        ]
        return min(self._run.initial_settings.steps, *ends, step + self._step_budget.steps) - step

    def _advance(self, steps: int) -> None:
        run, started, before = self._run, perf_counter(), self._run.step
        self._branch.advance(steps)
        elapsed = perf_counter() - started
        self._training_seconds += elapsed
        self._step_budget.record(run.step - before, elapsed)

    @property
    def _has_fixed_dataset(self) -> bool:
        return isinstance(self._run.trainer.stream, FixedDataset)

    def _report_first_exact(self) -> None:
        first = self._run.evaluation_tracker.first_exact
        if first != self._reported_first_exact:
            self._reported_first_exact = first
            if first is not None:
                self._reporter.first_exact(first)

    def _report_progress(self, *, full: bool = True) -> None:
        """Tell how the net stands, if it learns a fixed set of examples: the `whole`, or less."""
        run = self._run
        if self._has_fixed_dataset:
            name = "loss" if LOSSES[run.settings.loss].metric_is_loss else "error"
            values = [*weight_values(run), *output_values(run)] if full else []
            self._reporter.progress(
                name, current_loss(run), values, self._snapshot(run.inspector.example())
            )

    def _snapshot(self, example: Example | None) -> Snapshot:
        """Return how the run stands, with a score: a first one, or as new as there is time for."""
        run, started = self._run, perf_counter()
        time_budget = (
            INITIAL_EVALUATION_SECONDS
            + EVALUATION_TIME_SHARE * self._training_seconds
            - self._evaluation_seconds
        )
        time_limit = inf if run.evaluation_tracker.score is None else time_budget
        run.evaluation_tracker.evaluate_within(time_limit, run.trainer.model, run.step)
        self._evaluation_seconds += perf_counter() - started
        return text_snapshot(run, example, self._steps_per_second)

    @property
    def _steps_per_second(self) -> float:
        return self._run.step / self._training_seconds if self._run.step > 1 else 0.0

    def _report_last_step(self) -> None:
        """Tell how the last step was, where that has not been told."""
        run = self._run
        if not (self._has_fixed_dataset or run.halt_reason or self._reported_step == run.step):
            example = run.inspector.example() if run.last_step_valid else None
            self._reporter.close(text_snapshot(run, example, self._steps_per_second))

    @np.errstate(all="ignore")
    def finish(self, interrupt: GracefulExit) -> int:
        """Tell the summary, and return the exit status."""
        run = self._run
        time_limit = FINAL_EVALUATION_SECONDS if interrupt.received else inf
        step = run.rollback_point.step if run.halt_reason else run.step
        run.evaluation_tracker.evaluate_within(time_limit, run.trainer.model, step)
        self._branch.deactivate()
        self._branch.observer.close()
        if self._branch.observer.warning:
            print(f"rnn-tui: {self._branch.observer.warning}", file=sys.stderr)
        score = run.evaluation_tracker.score
        goal_reached = self._goal_reached or (
            score is not None and score.n_correct == score.n_sequences
        )
        self._report_last_step()
        self._reporter.summary(self._summary_fields(), list(published_values(run)))
        if run.halt_reason:
            restored = f"the weights are those of step {run.rollback_point.step:,} again"
            print(
                f"rnn-tui: halted at step {run.step:,}: {run.halt_reason}; {restored}",
                file=sys.stderr,
            )
            return EXIT_GOAL_MISSED
        if interrupt.received:
            return interrupt.exit_status
        return EXIT_GOAL_MISSED if self._until_exact and not goal_reached else 0

    def _summary_fields(self) -> dict[str, Any]:
        run, mean = self._run, self._run.history.last_hundred
        journal = self._branch.observer.path
        return {
            "steps": run.step,
            "skipped": run.skipped_steps,
            "quirks": deviations(run.settings),
            "mean_error": None if isnan(mean) else mean,
            "best_mean_error": run.history.best_hundred,
            "memoryless_error": run.baseline.metric,
            "memoryless_bit_accuracy": run.baseline.bit_accuracy,
            **score_fields(text_snapshot(run)),
            "halted": run.halt_reason,
            "steps_per_second": run.step / self._training_seconds
            if self._training_seconds
            else 0.0,
            "repeat": repeat_command(run.initial_settings, run.log, run.step),
            "journal": None if journal is None else str(journal),
        }


def text_snapshot(
    run: Run, example: Example | None = None, steps_per_second: float = 0.0
) -> Snapshot:
    """Return the part of a snapshot that is told line by line; it has no curves and no maps."""
    surface = None
    if run.cost_surface is not None:
        weights = run.trainer.model.parameters.vector.copy()
        surface = CostMapData(run.cost_surface, weights.reshape(1, 2))
    return Snapshot(
        settings_track=run.settings_track,
        initial_settings=run.initial_settings,
        step=run.step,
        measured_speed=steps_per_second,
        loss=run.history.last,
        last_hundred=run.history.last_hundred,
        best_hundred=run.history.best_hundred,
        baseline=run.baseline,
        example=example,
        score=run.evaluation_tracker.score,
        score_step=run.evaluation_tracker.score_step,
        first_exact=run.evaluation_tracker.first_exact,
        cost_map=surface,
    )


def check(settings: Settings) -> int:
    """Check the gradient of the first weights, print a line a parameter, return the exit status."""
    run = Run(settings)
    model, batch = run.trainer.model, _first_trainable_batch(run.trainer.stream)
    has_mismatch = False
    for name in model.parameters:  # one at a time: in a large net each takes a while
        error = gradient_check(model, run.trainer.loss, batch, names=[name])[name]
        has_mismatch |= error >= TOLERANCE
        shape = " × ".join(map(str, model.parameters.layout[name]))
        verdict = "WRONG" if error >= TOLERANCE else "right"
        found = f"worst relative error {error:.2e}  {verdict}"
        if isnan(error):
            found = "not compared: every weight stands on a kink of the loss"
        print(f"{name:<17} {shape:>9}  {found}", flush=True)
    return EXIT_GRADIENT_MISMATCH if has_mismatch else 0


def _first_trainable_batch(stream: DataStream) -> Batch:
    """Return the first batch with something to learn from; raises SettingsError without one."""
    for _ in range(MAX_DATASET_SIZE):
        batch = stream.next()
        if batch.n_valid:
            return batch
    raise UserError("there is nothing to learn from these examples: take another seed")
