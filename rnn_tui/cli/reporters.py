"""Reports of a run without a screen: lines of text, or JSON."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from rnn_tui.cli.json_lines import print_json, settings_fields
from rnn_tui.cli.tutorial_figures import PublishedValue
from rnn_tui.config.deviations import deviations
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.engine.evaluation import Score
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.binary_arithmetic import from_bits
from rnn_tui.run.breakpoints import BreakpointAction
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.events import Event
from rnn_tui.run.example import Example
from rnn_tui.run.run import Run
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.ascii import printable, to_ascii
from rnn_tui.text.format import (
    format_exact,
    format_exact_step,
    format_percent,
    format_sequence_accuracy,
)
from rnn_tui.text.report import (
    gradient_lines,
    labeled_line,
    prediction_lines,
    progress_lines,
    time_step_lines,
    weights_text,
)

TUTORIAL_VALUES = ("test", "six_points", "gradient_check")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A prediction of the model after `step` updates.

    loss      of the batch, by the loss function; NaN before the first
    l1_error  Σ|y−ŷ| a sequence, mean over the batch
    values    what the tutorials print besides
    snapshot  the run after it: for a fixed dataset at the same step, else after the next update
    """

    step: int
    loss: float
    l1_error: float
    snapshot: Snapshot
    values: Sequence[PublishedValue] = ()


@final
@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """The end of a run."""

    report: Report
    skipped_steps: int
    halt_reason: str | None
    breakpoints: Sequence[str]  # that ended it
    events: Sequence[Event]
    repeat_command: str
    journal: str | None


class Reporter(ABC):
    """Prints the events of a run as they happen."""

    @abstractmethod
    def begin(self, run: Run) -> None: ...

    @abstractmethod
    def sampled(self, report: Report) -> None:
        """Print a prediction on a new sample, made before the update."""

    @abstractmethod
    def fixed(self, report: Report) -> None:
        """Print the progress on a fixed dataset."""

    @abstractmethod
    def change(self, applied: AppliedChange) -> None: ...

    @abstractmethod
    def breakpoint(self, hit: BreakpointAction) -> None:
        """Print the breakpoint at which training ends."""

    @abstractmethod
    def first_exact(self, step: int, score: Score | None) -> None:
        """Print the first checked step after which every evaluated sequence was correct."""

    @abstractmethod
    def last_step(self, snapshot: Snapshot) -> None:
        """Print the last step of a run that trains on new samples, where it had no report."""

    @abstractmethod
    def summary(self, summary: Summary) -> None: ...


@final
class TextReporter(Reporter):
    def begin(self, run: Run) -> None:
        for deviation in deviations(run.settings):
            print(deviation, flush=True)

    def sampled(self, report: Report) -> None:
        assert report.snapshot.example is not None
        print("\n".join([f"after step {report.step}", *_example_lines(report.snapshot)]))
        _print_progress(report.snapshot)

    def fixed(self, report: Report) -> None:
        snapshot = report.snapshot
        loss = LOSSES[snapshot.settings.loss]
        metric = report.loss if loss.metric_is_loss else report.l1_error
        print(f"after step {report.step}")
        print(labeled_line(loss.metric_name, f"{metric:.12g}"))
        _print_values(report.values)
        if snapshot.example is not None and snapshot.settings.has_bit_grid:
            print("\n".join(prediction_lines(snapshot.example)))
        _print_progress(snapshot)

    def change(self, applied: AppliedChange) -> None:
        print(f"after step {applied.step}: {to_ascii(applied.text)}", flush=True)

    def breakpoint(self, hit: BreakpointAction) -> None:
        reason = to_ascii(f"breakpoint {hit.condition.text}: {hit.text}")
        print(f"after step {hit.step}: {reason}", flush=True)

    def first_exact(self, step: int, score: Score | None) -> None:
        every = f"checked every {EXACT_CHECK_INTERVAL_STEPS} steps"
        print(f"after step {step}: {format_exact(score)}, {every}", flush=True)

    def last_step(self, snapshot: Snapshot) -> None:
        lines = [f"end of training, after step {snapshot.step}"]
        if snapshot.example:
            lines[0] += f"; last example, predicted {weights_text(snapshot.example)}"
            lines += _example_lines(snapshot)
        print("\n".join(lines))
        _print_progress(snapshot)

    def summary(self, summary: Summary) -> None:
        snapshot, score = summary.report.snapshot, summary.report.snapshot.score
        _print_values(summary.report.values)
        for condition in summary.breakpoints:
            print(f"training ended at breakpoint {condition}")
        if snapshot.step:
            print(f"to repeat the run: {summary.repeat_command}")
        if summary.journal:
            print(f"journal: {printable(summary.journal)}")
        if score is not None:
            unit = "count" if TASKS[snapshot.settings.task].is_regression else "bit"
            when, exact_step = f" after step {snapshot.score_step:,}", snapshot.known_exact_step
            print(
                f"sequence accuracy {format_sequence_accuracy(score)}"
                f"{when if snapshot.score_step != snapshot.step else ''}; "
                f"{unit} accuracy {format_percent(score.n_correct_bits, score.n_bits)}"
                + ("" if exact_step is None else f"; {format_exact_step(exact_step)}")
            )
        skipped = f", {summary.skipped_steps:,} of them skipped" if summary.skipped_steps else ""
        speed = f", {snapshot.measured_speed:,.0f} steps/s" if snapshot.measured_speed else ""
        steps = "1 step" if snapshot.step == 1 else f"{snapshot.step:,} steps"
        print(f"{snapshot.settings.task}: {steps}{skipped}{speed}", flush=True)


def _example_lines(snapshot: Snapshot) -> Iterator[str]:
    example, label = snapshot.example, LOSSES[snapshot.settings.loss].metric_name
    assert example is not None
    if snapshot.metric != example.metric:
        yield labeled_line("batch", f"{snapshot.metric:.8f}")
    yield labeled_line(label, f"{example.metric:.8f}")
    yield from prediction_lines(example)


def _print_progress(snapshot: Snapshot) -> None:
    lines: list[str] = []
    if snapshot.example is not None and snapshot.settings.has_bit_grid:
        lines += time_step_lines(snapshot.example)
    lines += [*gradient_lines(snapshot), *progress_lines(snapshot)]
    print("\n".join(map(to_ascii, lines)), flush=True)


def _print_values(values: Sequence[PublishedValue]) -> None:
    for value in values:
        print("\n".join(f"  {line}" for line in value.lines))


@final
class JsonReporter(Reporter):
    """Prints objects of json_lines.SCHEMA."""

    def begin(self, run: Run) -> None:
        print_run(run)

    def sampled(self, report: Report) -> None:
        snapshot, surface = report.snapshot, report.snapshot.cost_map
        over_time = None
        if surface is not None:
            over_time = surface.cost_surface.gradient_over_time(*surface.weight_path[-1])
        print_json(
            "progress",
            **_progress_fields(report),
            gradient_over_time=None if over_time is None else over_time.tolist(),
            example=_example_fields(snapshot.example) if snapshot.example else None,
        )

    fixed = sampled

    def change(self, applied: AppliedChange) -> None:
        print_json("change", step=applied.step, change=applied.change.spec, text=applied.text)

    def breakpoint(self, hit: BreakpointAction) -> None:
        print_json("breakpoint", step=hit.step, condition=hit.condition.text, text=hit.text)

    def first_exact(self, step: int, score: Score | None) -> None:
        pass  # first_exact_step of the next object

    def last_step(self, snapshot: Snapshot) -> None:
        pass  # the summary has all of it

    def summary(self, summary: Summary) -> None:
        values = {value.name: value.data for value in summary.report.values}
        print_json(
            "summary",
            **_progress_fields(summary.report),
            skipped_steps=summary.skipped_steps,
            halt_reason=summary.halt_reason,
            breakpoints=list(summary.breakpoints),
            events=[event._asdict() for event in summary.events],
            tutorial={name: values[name] for name in TUTORIAL_VALUES if name in values} or None,
            repeat_command=summary.repeat_command,
            journal=summary.journal,
        )


def print_run(run: Run) -> None:
    """Print the object that describes `run`."""
    settings = run.settings
    print_json(
        "run",
        **settings_fields(settings),
        metric=LOSSES[settings.loss].metric_key,
        step=run.step,
        lsb_first=run.task.lsb_first,
    )


def _progress_fields(report: Report) -> dict[str, Any]:
    snapshot, baseline, score = report.snapshot, report.snapshot.baseline, report.snapshot.score
    values = {value.name: value.data for value in report.values}
    metrics = {
        "mean_{}_100": snapshot.mean_metric,
        "best_mean_{}_100": snapshot.best_mean_metric,
        "baseline_{}": baseline.metric if baseline else None,
    }
    recorded = LOSSES[snapshot.settings.loss].metric_key
    return {
        "step": report.step,
        "loss": report.loss,
        "l1_error": report.l1_error,
        **{
            key.format(name): value if name == recorded else None
            for key, value in metrics.items()
            for name in ("loss", "l1_error")
        },
        "baseline_bit_accuracy": baseline.bit_accuracy if baseline else None,
        "evaluated_step": snapshot.score_step if score else None,
        "n_correct": score.n_correct if score else None,
        "n_sequences": score.n_sequences if score else None,
        "sequence_accuracy": score.n_correct / score.n_sequences if score else None,
        "exhaustive": score.exhaustive if score else None,
        "bit_accuracy": score.bit_accuracy if score else None,
        "first_exact_step": snapshot.first_exact_step,
        "steps_per_second": snapshot.measured_speed or None,
        "weights": values.get("weights"),
        "outputs": values.get("outputs"),
    }


def _example_fields(example: Example) -> dict[str, Any]:
    task, scored = example.task, example.mask.tolist()
    operands: list[int] | None = None
    target = prediction = None
    if task.is_arithmetic:
        operands = [int(operand) for operand in from_bits(example.inputs > 0.5)]
        target = int(example.target_text.replace("−", "-"))
        prediction = int(example.predicted_text.replace("−", "-"))

    def where_scored(values: Any) -> list[Any]:
        return [
            value if is_scored else None
            for value, is_scored in zip(values.tolist(), scored, strict=True)
        ]

    bits = None if task.is_regression else where_scored(example.predicted_bits.astype(int))
    has_gradients, cells = len(example.gradient_norms) > 1, example.cell_gradient_norms
    return {
        "inputs": dict(zip(task.input_names, example.inputs.T.tolist(), strict=True)),
        "targets": where_scored(example.targets),
        "outputs": where_scored(example.outputs),
        "predicted_bits": bits,
        "correct": example.is_correct,
        "l1_error": float(np.abs(example.targets - example.outputs)[example.mask].sum()),
        "operands": operands,
        "target": target,
        "prediction": prediction,
        "required_state": example.required_state.tolist() if task.state_name else None,
        "gradient_norms": example.gradient_norms.tolist() if has_gradients else None,
        "last_step_gradient_norms": example.last_step_gradient_norms.tolist()
        if has_gradients
        else None,
        "cell_gradient_norms": None if cells is None else cells.tolist(),
    }
