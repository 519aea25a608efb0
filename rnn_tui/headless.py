"""`rnn-tui train`: a run without a screen, reported line by line."""

import json
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable
from math import inf, isnan
from time import perf_counter
from types import FrameType
from typing import Any, final

from rnn_tui.engine.gradient_check import SOUND, gradient_check
from rnn_tui.session.example import Example
from rnn_tui.session.run import Applied, Run, Schedule
from rnn_tui.session.scorekeeper import CHECK_EVERY
from rnn_tui.settings import Settings

GOAL_MISSED = GRADIENT_WRONG = 1
INTERRUPTED = 130  # 128 + SIGINT
LAST_EXAM = 0.5  # seconds, at the most, for the score after Ctrl-C
SLICE = 0.05  # seconds of training between two looks at Ctrl-C


def train(
    settings: Settings, *, every: int, until_exact: bool, as_json: bool, schedule: Schedule = ()
) -> int:
    """Train to the last step, or until all results are right, and return the exit status."""
    report: Reporter = JsonReporter() if as_json else TextReporter()
    interrupt = Interrupt()
    run = Run(settings, schedule)
    slice_steps, seconds, reached = 1, 0.0, False
    while run.step < settings.steps and not reached and not interrupt.came:
        before, changes, began = run.step, len(run.log), perf_counter()
        reporting = before % every == 0
        ends = [settings.steps, (before // every + 1) * every, before + slice_steps]
        if until_exact:
            ends.append((before // CHECK_EVERY + 1) * CHECK_EVERY)
        run.advance(1 if reporting else min(ends) - before)
        elapsed = perf_counter() - began
        seconds += elapsed
        slice_steps = max(1, round((run.step - before) * SLICE / elapsed))
        if reporting and run.learnt and (example := run.viewer.example()):
            report.example(before, example)
        for applied in run.log[changes:]:
            report.change(applied)
        if run.halted:
            break
        reached = until_exact and run.scorekeeper.first_exact is not None
    patience = LAST_EXAM if interrupt.came else inf
    run.scorekeeper.examine_within(patience, run.trainer.model, run.step)
    score = run.scorekeeper.score
    reached = reached or (score is not None and score.exact == score.total)
    report.summary(_summary(run, seconds))
    if run.halted:
        print(f"rnn-tui: halted at step {run.step:,}: {run.halted}", file=sys.stderr)
        return GOAL_MISSED
    if interrupt.came:
        return INTERRUPTED
    return GOAL_MISSED if until_exact and not reached else 0


def check(settings: Settings) -> int:
    """Check the gradient of the first weights, print a line a parameter, return the exit status."""
    run = Run(settings)
    model, batch = run.trainer.model, run.trainer.stream.next()
    while not batch.learnt:
        batch = run.trainer.stream.next()
    errors = gradient_check(model, run.trainer.loss, batch)
    for name, error in errors.items():
        shape = " × ".join(map(str, model.parameters.layout[name]))
        verdict = "right" if error < SOUND else "WRONG"
        print(f"{name:<17} {shape:>9}  worst relative error {error:.2e}  {verdict}")
    return 0 if max(errors.values()) < SOUND else GRADIENT_WRONG


def _summary(run: Run, seconds: float) -> dict[str, Any]:
    score, mean = run.scorekeeper.score, run.history.last_hundred
    return {
        "steps": run.step,
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


class Reporter(ABC):
    """Where the news of a run goes, as it comes."""

    @abstractmethod
    def example(self, step: int, example: Example) -> None:
        """Tell the example of step `step` (the first is 0), as answered before the update."""

    @abstractmethod
    def change(self, applied: Applied) -> None: ...

    @abstractmethod
    def summary(self, summary: dict[str, Any]) -> None: ...


@final
class TextReporter(Reporter):
    def example(self, step: int, example: Example) -> None:
        verdict = "right" if example.right else f"wrong, it is {example.true}"
        symbol = "-" if example.symbol == "−" else example.symbol
        print(
            f"step {step}\n"
            f"  error      {example.error:.8f}\n"
            f"  predicted  {digits(example.predicted_bits)}\n"
            f"  true       {digits(example.true_bits)}\n"
            f"  {example.a} {symbol} {example.b} = {example.predicted}  {verdict}",
            flush=True,
        )

    def change(self, applied: Applied) -> None:
        print(f"after step {applied.step}: {applied.text.replace('→', '->')}", flush=True)

    def summary(self, summary: dict[str, Any]) -> None:
        if summary["exact"] is not None:
            pairs = "all" if summary["all_pairs"] else "a sample of"
            first = summary["first_exact"]
            exact = "" if first is None else f"; every one of them first at step {first:,}"
            after = summary["score_after"]
            when = "" if after == summary["steps"] else f" after step {after:,}"
            print(
                f"right results{when}: "
                f"{summary['exact']:,} of {pairs} {summary['pairs']:,}; "
                f"right bits: {summary['bit_accuracy']:.4%}{exact}"
            )
        print(f"{summary['steps']:,} steps, {summary['steps_per_second']:,.0f} steps/s", flush=True)


@final
class JsonReporter(Reporter):
    def example(self, step: int, example: Example) -> None:
        _print_json(
            step=step,
            error=example.error,
            a=example.a,
            b=example.b,
            predicted=example.predicted,
            true=example.true,
            predicted_bits=digits(example.predicted_bits),
            true_bits=digits(example.true_bits),
            right=example.right,
        )

    def change(self, applied: Applied) -> None:
        _print_json(after_step=applied.step, change=applied.change.spec, text=applied.text)

    def summary(self, summary: dict[str, Any]) -> None:
        _print_json(**summary)


def digits(bits: Iterable[bool]) -> str:
    """Return bits, lowest first, as numbers are written: highest first."""
    return "".join("1" if bit else "0" for bit in bits)[::-1]


def _print_json(**values: Any) -> None:
    print(json.dumps(values), flush=True)
