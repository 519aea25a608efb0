"""`rnn-tui train` and `check`: a run without a screen, reported line by line."""

import signal
import sys
from math import inf, isnan
from time import perf_counter
from types import FrameType
from typing import Any, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.gradient_check import SOUND, gradient_check
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.stream import FixedExamples, Stream
from rnn_tui.figures import few_weights, figures, loss_now
from rnn_tui.quirks import quirks
from rnn_tui.reporting import JsonReporter, Reporter, TextReporter
from rnn_tui.session.run import Run, Schedule
from rnn_tui.session.scorekeeper import CHECK_EVERY
from rnn_tui.settings import MAX_EXAMPLES, Settings, SettingsError

GOAL_MISSED = GRADIENT_WRONG = 1
INTERRUPTED = 130  # 128 + SIGINT
LAST_EXAM = 0.5  # seconds, at the most, for the score after Ctrl-C
SLICE = 0.05  # seconds of training between two looks at Ctrl-C


@np.errstate(all="ignore")  # a net that overflows is halted, and that is said
def train(
    settings: Settings, *, every: int, until_exact: bool, as_json: bool, schedule: Schedule = ()
) -> int:
    """Train to the last step, or until all results are right, and return the exit status."""
    report: Reporter = JsonReporter() if as_json else TextReporter()
    interrupt = Interrupt()
    run = Run(settings, schedule)
    slice_steps, seconds, reached = 1, 0.0, False
    report.begin(quirks(settings))
    _progress(run, report)
    while run.step < settings.steps and not reached and not interrupt.came:
        before, changes, began = run.step, len(run.log), perf_counter()
        fixed = isinstance(run.trainer.stream, FixedExamples)
        reporting = before % every == 0 and not fixed
        ends = [settings.steps, (before // every + 1) * every, before + slice_steps]
        if until_exact:
            ends.append((before // CHECK_EVERY + 1) * CHECK_EVERY)
        run.advance(1 if reporting else min(ends) - before)
        elapsed = perf_counter() - began
        seconds += elapsed
        slice_steps = max(1, round((run.step - before) * SLICE / elapsed))
        if reporting and run.learnt and (example := run.viewer.example()):
            report.example(before, example, run.history.now)
        for applied in run.log[changes:]:
            report.change(applied)
        if run.halted:
            break
        if run.step % every == 0 and run.step < settings.steps:
            _progress(run, report)
        reached = until_exact and run.scorekeeper.first_exact is not None
    if not run.halted:
        _progress(run, report, whole=False)
    patience = LAST_EXAM if interrupt.came else inf
    standing = run.restored_step if run.halted else run.step
    run.scorekeeper.examine_within(patience, run.trainer.model, standing)
    score = run.scorekeeper.score
    reached = reached or (score is not None and score.exact == score.total)
    report.summary(_summary(run, seconds), list(figures(run)))
    if run.halted:
        back = f"the weights are those of step {run.restored_step:,} again"
        print(f"rnn-tui: halted at step {run.step:,}: {run.halted}; {back}", file=sys.stderr)
        return GOAL_MISSED
    if interrupt.came:
        return INTERRUPTED
    return GOAL_MISSED if until_exact and not reached else 0


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


def _progress(run: Run, report: Reporter, *, whole: bool = True) -> None:
    """Tell how the net stands, if it learns a fixed set of examples: the `whole`, or the loss."""
    if isinstance(run.trainer.stream, FixedExamples):
        found = list(few_weights(run)) if whole else []
        name = "loss" if LOSSES[run.settings.loss].reports_loss else "error"
        report.progress(run.step, name, loss_now(run), found)


def _summary(run: Run, seconds: float) -> dict[str, Any]:
    score, mean = run.scorekeeper.score, run.history.last_hundred
    return {
        "steps": run.step,
        "skipped": run.skipped,
        "quirks": quirks(run.settings),
        "mean_error": None if isnan(mean) else mean,
        "score_after": run.scorekeeper.score_step if score else None,
        "exact": score.exact if score else None,
        "pairs": score.total if score else None,
        "all_pairs": score.exhaustive if score else None,
        "bit_accuracy": score.bit_accuracy if score else None,
        "first_exact": run.scorekeeper.first_exact,
        "halted": run.halted,
        "steps_per_second": run.step / seconds if seconds else 0.0,
    }


@final
class Interrupt:
    """Turns Ctrl-C into a flag, so that no step is cut in two; a second one ends at once."""

    def __init__(self) -> None:
        self.came = False
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
        signal.signal(signal.SIGINT, self._before)
