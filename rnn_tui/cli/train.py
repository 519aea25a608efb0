"""`rnn-tui train` and `check`: a run without a screen, reported line by line."""

import sys
from math import inf, isnan
from time import perf_counter
from typing import Any, final

import numpy as np

from rnn_tui.cli.reporters import JsonReporter, Reporter, TextReporter, score_fields
from rnn_tui.cli.tutorial_figures import few_weights, figures, loss_now, outputs
from rnn_tui.config.deviations import quirks
from rnn_tui.config.settings import MAX_EXAMPLES, Settings, SettingsError
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import FixedExamples, Stream
from rnn_tui.engine.gradient_check import SOUND, gradient_check
from rnn_tui.engine.losses import LOSSES
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.run.changes import Schedule
from rnn_tui.run.evaluator import CHECK_EVERY
from rnn_tui.run.example import Example
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import Stride
from rnn_tui.run.weight_path import Surface
from rnn_tui.session.branch import Branch
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import begin
from rnn_tui.signals import Interrupt
from rnn_tui.text.repeat_command import repeat_command

GOAL_MISSED = GRADIENT_WRONG = 1
LAST_EXAM = 0.5  # seconds, at the most, for the score after Ctrl-C
SLICE = 0.05  # seconds of training between two looks at Ctrl-C
# Seconds for scores along the way: so many, and of the training's time this share.
FIRST_EXAMS, EXAMS = 1.0, 0.05


def train(
    settings: Settings,
    *,
    every: int,
    until_exact: bool,
    as_json: bool,
    schedule: Schedule = (),
    shelf: Shelf | None = None,
) -> int:
    """Train to the last step, or until all results are right, and return the exit status."""
    report: Reporter = JsonReporter() if as_json else TextReporter()
    with Interrupt() as interrupt:
        branch = begin(settings, schedule, shelf)
        training = Training(branch, report, every, until_exact)
        training.go_on(interrupt)
        return training.end(interrupt)
    return interrupt.status


@final
class Training:
    """Drives `run`, tells `report` how it stands every so many steps, and counts the time."""

    def __init__(self, branch: Branch, report: Reporter, every: int, until_exact: bool) -> None:
        self._branch, self._run, self._report, self._every = branch, branch.run, report, every
        self._until_exact = until_exact
        self._stride = Stride(SLICE)
        self._seconds = self._examining = 0.0
        self._first_exact: int | None = None  # that has been told
        self._reported = 0  # the step after the latest report of an example

    @property
    def _reached(self) -> bool:
        return self._until_exact and self._run.scorekeeper.first_exact is not None

    @np.errstate(all="ignore")  # a net that overflows is halted, and that is said
    def go_on(self, interrupt: Interrupt) -> None:
        """Train until the end, or until there is a reason not to."""
        run, every = self._run, self._every
        self._report.begin(quirks(run.settings))
        self._progress()
        while run.step < run.start.steps and not self._reached and not interrupt.came:
            before, changes = run.step, len(run.log)
            reporting = before % every == 0 and not self._learns_fixed_set
            self._advance(1 if reporting else self._until_news())
            if reporting and run.learnt and (example := run.viewer.example()):
                self._report.example(before, example, self._look(example))
                self._reported = run.step
            self._tell_first_exact()
            for applied in run.log[changes:]:
                self._report.change(applied)
            if run.halted:
                return
            if run.step % every == 0 and run.step < run.start.steps:
                self._progress()
        self._progress(whole=False)

    def _until_news(self) -> int:
        """Return how many steps may be taken at once: the same news come whatever the machine."""
        step = self._run.step
        ends = [(step // every + 1) * every for every in (self._every, CHECK_EVERY)]
        return min(self._run.start.steps, *ends, step + self._stride.steps) - step

    def _advance(self, steps: int) -> None:
        run, began, before = self._run, perf_counter(), self._run.step
        self._branch.advance(steps)
        elapsed = perf_counter() - began
        self._seconds += elapsed
        self._stride.took(run.step - before, elapsed)

    @property
    def _learns_fixed_set(self) -> bool:
        return isinstance(self._run.trainer.stream, FixedExamples)

    def _tell_first_exact(self) -> None:
        first = self._run.scorekeeper.first_exact
        if first != self._first_exact:
            self._first_exact = first
            if first is not None:
                self._report.first_exact(first)

    def _progress(self, *, whole: bool = True) -> None:
        """Tell how the net stands, if it learns a fixed set of examples: the `whole`, or less."""
        run = self._run
        if self._learns_fixed_set:
            name = "loss" if LOSSES[run.settings.loss].reports_loss else "error"
            found = [*few_weights(run), *outputs(run)] if whole else []
            self._report.progress(name, loss_now(run), found, self._look(run.viewer.example()))

    def _look(self, example: Example | None) -> Snapshot:
        """Return how the run stands, with a score: a first one, or as new as there is time for."""
        run, began = self._run, perf_counter()
        allowed = FIRST_EXAMS + EXAMS * self._seconds - self._examining
        patience = inf if run.scorekeeper.score is None else allowed
        run.scorekeeper.examine_within(patience, run.trainer.model, run.step)
        self._examining += perf_counter() - began
        return standing(run, example, self._speed)

    @property
    def _speed(self) -> float:
        return self._run.step / self._seconds if self._run.step > 1 else 0.0

    def _close(self) -> None:
        """Tell how the last step was, where that has not been told."""
        run = self._run
        if not (self._learns_fixed_set or run.halted or self._reported == run.step):
            example = run.viewer.example() if run.learnt else None
            self._report.close(standing(run, example, self._speed))

    @np.errstate(all="ignore")
    def end(self, interrupt: Interrupt) -> int:
        """Tell the summary, and return the exit status."""
        run = self._run
        patience = LAST_EXAM if interrupt.came else inf
        step = run.refuge.step if run.halted else run.step
        run.scorekeeper.examine_within(patience, run.trainer.model, step)
        self._branch.leave()
        self._branch.follower.close()
        if self._branch.follower.trouble:
            print(f"rnn-tui: {self._branch.follower.trouble}", file=sys.stderr)
        score = run.scorekeeper.score
        reached = self._reached or (score is not None and score.exact == score.total)
        self._close()
        self._report.summary(self._summary(), list(figures(run)))
        if run.halted:
            back = f"the weights are those of step {run.refuge.step:,} again"
            print(f"rnn-tui: halted at step {run.step:,}: {run.halted}; {back}", file=sys.stderr)
            return GOAL_MISSED
        if interrupt.came:
            return interrupt.status
        return GOAL_MISSED if self._until_exact and not reached else 0

    def _summary(self) -> dict[str, Any]:
        run, mean = self._run, self._run.history.last_hundred
        journal = self._branch.follower.path
        return {
            "steps": run.step,
            "skipped": run.skipped,
            "quirks": quirks(run.settings),
            "mean_error": None if isnan(mean) else mean,
            "best_mean_error": run.history.best_hundred,
            "memoryless_error": run.baseline.error,
            "memoryless_bit_accuracy": run.baseline.bit_accuracy,
            **score_fields(standing(run)),
            "halted": run.halted,
            "steps_per_second": run.step / self._seconds if self._seconds else 0.0,
            "repeat": repeat_command(run.start, run.log, run.step),
            "journal": None if journal is None else str(journal),
        }


def standing(run: Run, example: Example | None = None, speed: float = 0.0) -> Snapshot:
    """Return the part of a snapshot that is told line by line; it has no curves and no maps."""
    surface = None
    if run.cost is not None:
        weights = run.trainer.model.parameters.vector.copy()
        surface = Surface(run.cost, weights.reshape(1, 2))
    return Snapshot(
        course=run.course,
        start=run.start,
        step=run.step,
        measured_speed=speed,
        now=run.history.now,
        last_hundred=run.history.last_hundred,
        best_hundred=run.history.best_hundred,
        baseline=run.baseline,
        example=example,
        score=run.scorekeeper.score,
        score_step=run.scorekeeper.score_step,
        first_exact=run.scorekeeper.first_exact,
        surface=surface,
    )


def check(settings: Settings) -> int:
    """Check the gradient of the first weights, print a line a parameter, return the exit status."""
    run = Run(settings)
    model, batch = run.trainer.model, _first_lesson(run.trainer.stream)
    wrong = False
    for name in model.parameters:  # one at a time: in a large net each takes a while
        error = gradient_check(model, run.trainer.loss, batch, names=[name])[name]
        wrong |= error >= SOUND
        shape = " × ".join(map(str, model.parameters.layout[name]))
        verdict = "WRONG" if error >= SOUND else "right"
        found = f"worst relative error {error:.2e}  {verdict}"
        if isnan(error):
            found = "not compared: every weight stands on a kink of the loss"
        print(f"{name:<17} {shape:>9}  {found}", flush=True)
    return GRADIENT_WRONG if wrong else 0


def _first_lesson(stream: Stream) -> Batch:
    """Return the first batch with something to learn from; raises SettingsError without one."""
    for _ in range(MAX_EXAMPLES):
        batch = stream.next()
        if batch.learnt:
            return batch
    raise SettingsError("there is nothing to learn from these examples: take another seed")
