"""`rnn-tui train` and `resume --headless`: train at full speed and report progress."""

from collections.abc import Sequence
from math import inf, nan
from time import perf_counter
from typing import final

import numpy as np

from rnn_tui.cli.output import print_notice
from rnn_tui.cli.reporters import JsonReporter, Report, Reporter, Summary, TextReporter
from rnn_tui.cli.tutorial_figures import (
    current_loss_result,
    l1_error,
    output_values,
    published_values,
    weight_values,
)
from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS, Settings
from rnn_tui.engine.data import FixedDataset
from rnn_tui.error_text import error_text
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalContents, JournalError
from rnn_tui.recording.resume import Cancelled, resume_opened
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.breakpoints import BreakpointAction, Breakpoints
from rnn_tui.run.changes import Schedule
from rnn_tui.run.conditions import Condition
from rnn_tui.run.example import Example
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import set_breakpoints, start_run
from rnn_tui.signals import GracefulExit
from rnn_tui.text.repeat_command import repeat_command

INTERRUPTED_EVALUATION_SECONDS = 0.5  # limit of the last evaluation after Ctrl-C
SLICE_SECONDS = 0.05  # training between two checks for Ctrl-C
# Evaluations along the way take this long at first, and then this share of the training time.
INITIAL_EVALUATION_SECONDS, EVALUATION_TIME_SHARE = 1.0, 0.05


def train(
    settings: Settings,
    *,
    report_every: int,
    until_exact: bool,
    as_json: bool,
    schedule: Schedule = (),
    journal_target: JournalTarget | None = None,
    breakpoints: Sequence[Condition] = (),
) -> int:
    """Train to the last step, to a breakpoint, or until the score is perfect.

    Return the exit status.
    """
    with GracefulExit() as graceful_exit:
        branch = start_run(settings, schedule, journal_target, breakpoints, headless=True)
        loop = TrainLoop(
            branch,
            _reporter(as_json=as_json),
            report_every,
            last_step=settings.steps,
            until_exact=until_exact,
        )
        return loop.run(graceful_exit)
    return graceful_exit.exit_status


def resume_headless(
    journal: Journal,
    contents: JournalContents,
    *,
    last_step: int,
    report_every: int,
    as_json: bool,
    breakpoints: Sequence[Condition] = (),
) -> int:
    """Resume the run of `journal` and train to `last_step` or a breakpoint.

    Return the exit status.

    Raises UserError where it cannot be resumed.
    """
    with GracefulExit() as graceful_exit:
        try:
            branch, message = resume_opened(
                journal, contents, lambda _step, _last: not graceful_exit.received
            )
        except Cancelled:
            return graceful_exit.exit_status
        except (JournalError, OSError) as reason:
            raise UserError(error_text(reason)) from None
        print_notice("; ".join([message, *set_breakpoints(branch, breakpoints)]))
        step = branch.run.step
        if step >= last_step:
            _restore_last_result(branch)
            print_notice(
                f"the run is finished at step {step:,}; add --steps {step + last_step} to train on"
            )
        loop = TrainLoop(
            branch, _reporter(as_json=as_json), report_every, last_step=max(step, last_step)
        )
        return loop.run(graceful_exit)
    return graceful_exit.exit_status


def _restore_last_result(branch: Branch) -> None:
    """Compute the result of the last step again, from the keyframe before it."""
    run = branch.run
    earlier = branch.run_at(branch.keyframes.latest_before(run.step))
    earlier.breakpoints = Breakpoints()
    earlier.advance(run.step - earlier.step)
    run.trainer.last_result = earlier.trainer.last_result


def _reporter(*, as_json: bool) -> Reporter:
    return JsonReporter() if as_json else TextReporter()


@final
class TrainLoop:
    """Trains the run of `branch` to `last_step` and reports every `report_every` steps."""

    def __init__(
        self,
        branch: Branch,
        reporter: Reporter,
        report_every: int,
        *,
        last_step: int,
        until_exact: bool = False,
    ) -> None:
        self._branch, self._run, self._reporter = branch, branch.run, reporter
        self._last_step = last_step
        self._report_every, self._until_exact = report_every, until_exact
        self._step_budget = StepBudget(SLICE_SECONDS)
        self._training_seconds = self._evaluation_seconds = 0.0
        self._first_step, self._n_earlier_hits = self._run.step, len(self._run.breakpoints.hits)
        self._reported_exact_step = self._run.evaluation_tracker.first_exact_step
        self._reported_step = -1  # the step after the latest report of an example

    @np.errstate(all="ignore")  # reports compute with weights that may overflow
    def run(self, graceful_exit: GracefulExit) -> int:
        """Train until the end, a halt, the goal or a signal; return the exit status."""
        self._train(graceful_exit)
        return self._finish(graceful_exit)

    @property
    def _goal_reached(self) -> bool:
        """Whether --until-exact ends the run: at a check, not where a slice happens to end."""
        is_exact = self._run.evaluation_tracker.first_exact_step is not None
        is_check = self._run.step % EXACT_CHECK_INTERVAL_STEPS == 0
        return self._until_exact and is_exact and is_check

    @property
    def _hits(self) -> Sequence[BreakpointAction]:
        """The breakpoints that were hit, which ends the loop."""
        return self._run.breakpoints.hits[self._n_earlier_hits :]

    @property
    def _has_fixed_dataset(self) -> bool:
        return isinstance(self._run.trainer.stream, FixedDataset)

    @property
    def _steps_per_second(self) -> float:
        steps = self._run.step - self._first_step
        return steps / self._training_seconds if self._training_seconds and steps > 1 else 0.0

    def _train(self, graceful_exit: GracefulExit) -> None:
        run, report_every = self._run, self._report_every
        self._reporter.begin(run)
        self._report_fixed()
        while run.step < self._last_step and not (
            self._goal_reached or self._hits or graceful_exit.received
        ):
            step, n_changes = run.step, len(run.log)
            report_due = step % report_every == 0 and not self._has_fixed_dataset
            self._advance(1 if report_due else self._steps_to_next_report())
            if report_due and run.last_step_valid:
                self._report_sampled(step)
            self._report_exact_step()
            for applied in run.log[n_changes:]:
                self._reporter.change(applied)
            for hit in self._hits:
                self._reporter.breakpoint(hit)
            if run.halt_reason:
                return
            if run.step % report_every == 0 and run.step < self._last_step:
                self._report_fixed()
        self._report_fixed(with_values=False)

    def _steps_to_next_report(self) -> int:
        """Return how many steps to take at once: reports do not depend on the machine's speed."""
        step = self._run.step
        ends = [
            (step // every + 1) * every
            for every in (self._report_every, EXACT_CHECK_INTERVAL_STEPS)
        ]
        return min(self._last_step, *ends, step + self._step_budget.steps) - step

    def _advance(self, steps: int) -> None:
        run, started, before = self._run, perf_counter(), self._run.step
        self._branch.advance(steps)
        elapsed = perf_counter() - started
        self._training_seconds += elapsed
        self._step_budget.record(run.step - before, elapsed)

    def _report_sampled(self, step: int) -> None:
        example = self._run.inspector.example()
        if example is not None:
            self._reporter.sampled(self._latest_report(step, self._evaluated_snapshot(example)))
            self._reported_step = self._run.step

    def _report_fixed(self, *, with_values: bool = True) -> None:
        run = self._run
        if self._has_fixed_dataset:
            result, batch = current_loss_result(run)
            loss, error = result.loss, l1_error(result, batch)
            values = [*weight_values(run), *output_values(run)] if with_values else []
            snapshot = self._evaluated_snapshot(run.inspector.example())
            self._reporter.fixed(Report(run.step, loss, error, snapshot, values))

    def _report_exact_step(self) -> None:
        first = self._run.evaluation_tracker.first_exact_step
        if first != self._reported_exact_step:
            self._reported_exact_step = first
            if first is not None:
                self._reporter.first_exact(first, self._run.evaluation_tracker.score)

    def _latest_report(self, step: int, snapshot: Snapshot) -> Report:
        """Return a report with the loss of the batch last trained on."""
        latest, loss, error = self._run.trainer.last_result, nan, nan
        if latest is not None:
            loss = latest.loss_result.loss
            error = l1_error(latest.loss_result, latest.batch)
        return Report(step, loss, error, snapshot)

    def _evaluated_snapshot(self, example: Example | None) -> Snapshot:
        """Return a snapshot, evaluated at first and as often as there is time for."""
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

    def _finish(self, graceful_exit: GracefulExit) -> int:
        run = self._run
        time_limit = INTERRUPTED_EVALUATION_SECONDS if graceful_exit.received else inf
        run.evaluation_tracker.evaluate_within(time_limit, run.trainer.model, run.weights_step)
        self._branch.deactivate()
        self._branch.observer.close()
        if self._branch.observer.warning:
            print_notice(self._branch.observer.warning)
        example = run.inspector.example() if run.last_step_valid else None
        snapshot = text_snapshot(run, example, self._steps_per_second)
        if not (self._has_fixed_dataset or run.halt_reason or self._reported_step == run.step):
            self._reporter.last_step(snapshot)
        self._reporter.summary(self._summary(snapshot))
        if run.halt_reason:
            print_notice(
                f"halted at step {run.step:,}: {run.halt_reason}; "
                f"weights of step {run.weights_step:,} restored"
            )
            return EXIT_FAILURE
        if graceful_exit.received:
            return graceful_exit.exit_status
        score = run.evaluation_tracker.score
        is_exact = score is not None and score.is_exact
        return EXIT_FAILURE if self._until_exact and not (is_exact or self._hits) else 0

    def _summary(self, snapshot: Snapshot) -> Summary:
        run, journal = self._run, self._branch.observer.path
        report = self._latest_report(run.step, snapshot)
        return Summary(
            Report(run.step, report.loss, report.l1_error, snapshot, list(published_values(run))),
            skipped_steps=run.skipped_steps,
            halt_reason=run.halt_reason,
            breakpoints=[hit.condition.text for hit in self._hits],
            events=run.events.events,
            repeat_command=repeat_command(run.initial_settings, run.log, run.step),
            journal=None if journal is None else str(journal),
        )


def text_snapshot(
    run: Run, example: Example | None = None, steps_per_second: float = 0.0
) -> Snapshot:
    """Return the part of a snapshot that reports print, without curves and maps."""
    surface = None
    if run.cost_surface is not None:
        weights = run.trainer.model.parameters.vector.copy()
        surface = CostMapData(run.cost_surface, weights.reshape(1, 2))
    return Snapshot(
        settings_state=run.settings_state,
        initial_settings=run.initial_settings,
        latest_settings=run.settings,
        step=run.step,
        restored_step=run.weights_step if run.halt_reason else None,
        measured_speed=steps_per_second,
        metric=run.history.last,
        mean_metric=run.history.mean_metric,
        mean_steps=run.history.mean_steps,
        best_mean_metric=run.history.best_mean_metric,
        baseline=run.baseline,
        example=example,
        score=run.evaluation_tracker.score,
        score_step=run.evaluation_tracker.score_step,
        known_exact_step=run.evaluation_tracker.known_exact_step,
        first_exact_step=run.evaluation_tracker.first_exact_step,
        cost_map=surface,
    )
