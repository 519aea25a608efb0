"""Where the news of a run without a screen goes: lines for people, or JSON for programs."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, final

from rnn_tui.cli.tutorial_figures import PublishedValue
from rnn_tui.engine.tasks.binary_arithmetic import from_bits
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.example import Example
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.ascii import to_ascii
from rnn_tui.text.report import (
    confidence,
    gradient_lines,
    has_bit_grid,
    in_display_order,
    input_texts,
    labeled_line,
    predicted_text,
    prediction_lines,
    progress_lines,
    target_text,
    time_step_lines,
)


class Reporter(ABC):
    """Says what happens, as it happens."""

    @abstractmethod
    def begin(self, deviations: Sequence[str]) -> None:
        """Tell in what the run departs from the textbook."""

    @abstractmethod
    def example(self, step: int, example: Example, snapshot: Snapshot) -> None:
        """Tell the example of step `step` (the first is 0), as answered before the update.

        `snapshot` is how the run stands after it.
        """

    @abstractmethod
    def progress(
        self, metric_name: str, loss: float, values: Sequence[PublishedValue], snapshot: Snapshot
    ) -> None:
        """Tell how a net that learns a fixed set stands."""

    @abstractmethod
    def change(self, applied: AppliedChange) -> None: ...

    @abstractmethod
    def first_exact(self, step: int) -> None:
        """Tell that after `step` every result was right, for the first time."""

    @abstractmethod
    def close(self, snapshot: Snapshot) -> None:
        """Tell how the net stood at the end of a run whose last step was no report."""

    @abstractmethod
    def summary(self, summary: dict[str, Any], values: Sequence[PublishedValue]) -> None: ...


@final
class TextReporter(Reporter):
    def begin(self, deviations: Sequence[str]) -> None:
        for deviation in deviations:
            print(deviation, flush=True)

    def example(self, step: int, example: Example, snapshot: Snapshot) -> None:
        print("\n".join([f"step {step}", *self._example_lines(example, snapshot)]))
        self._print_progress(snapshot)

    @staticmethod
    def _example_lines(example: Example, snapshot: Snapshot) -> Iterator[str]:
        if snapshot.loss != example.metric:
            yield labeled_line("batch", f"{snapshot.loss:.8f}")
        yield labeled_line("error", f"{example.metric:.8f}")
        yield from prediction_lines(example)

    def progress(
        self, metric_name: str, loss: float, values: Sequence[PublishedValue], snapshot: Snapshot
    ) -> None:
        print(f"after step {snapshot.step}\n" + labeled_line(metric_name, f"{loss:.12g}"))
        self._print_values(values)
        if snapshot.example is not None and has_bit_grid(snapshot):
            print("\n".join(prediction_lines(snapshot.example)))
        self._print_progress(snapshot)

    @staticmethod
    def _print_progress(snapshot: Snapshot) -> None:
        lines: list[str] = []
        if snapshot.example is not None and has_bit_grid(snapshot):
            lines += time_step_lines(snapshot.example)
        lines += [*gradient_lines(snapshot), *progress_lines(snapshot)]
        print("\n".join(map(to_ascii, lines)), flush=True)

    def change(self, applied: AppliedChange) -> None:
        print(f"after step {applied.step}: {applied.text.replace('→', '->')}", flush=True)

    def close(self, snapshot: Snapshot) -> None:
        example_lines = self._example_lines(snapshot.example, snapshot) if snapshot.example else ()
        print("\n".join([f"at the end, after step {snapshot.step}", *example_lines]))
        self._print_progress(snapshot)

    def first_exact(self, step: int) -> None:
        print(f"after step {step}: every result is right, for the first time", flush=True)

    def summary(self, summary: dict[str, Any], values: Sequence[PublishedValue]) -> None:
        self._print_values(values)
        if summary["steps"]:
            print(f"to repeat it: {summary['repeat']}")
        if summary["journal"]:
            print(f"its journal: {summary['journal']}")
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
        skipped = summary["skipped"]
        skipped_text = f", {skipped:,} of them skipped" if skipped else ""
        speed = f"{summary['steps_per_second']:,.0f} steps/s"
        print(f"{summary['steps']:,} steps{skipped_text}, {speed}", flush=True)

    @staticmethod
    def _print_values(values: Sequence[PublishedValue]) -> None:
        for value in values:
            print("\n".join(f"  {line}" for line in value.lines))


@final
class JsonReporter(Reporter):
    def begin(self, deviations: Sequence[str]) -> None:
        pass  # the summary says them

    def example(self, step: int, example: Example, snapshot: Snapshot) -> None:
        batch = {"batch_error": snapshot.loss} if snapshot.loss != example.metric else {}
        _print_json(
            step=step,
            error=example.metric,
            **batch,
            **_example_fields(example),
            **_progress_fields(snapshot),
        )

    def progress(
        self, metric_name: str, loss: float, values: Sequence[PublishedValue], snapshot: Snapshot
    ) -> None:
        shown = snapshot.example if has_bit_grid(snapshot) else None
        value_fields = {it.name: it.data for it in values}
        example_fields = _example_fields(shown) if shown else {}
        _print_json(
            after_step=snapshot.step,
            **{metric_name: loss},
            **value_fields,
            **example_fields,
            **_progress_fields(snapshot),
        )

    def change(self, applied: AppliedChange) -> None:
        _print_json(after_step=applied.step, change=applied.change.spec, text=applied.text)

    def first_exact(self, step: int) -> None:
        pass  # every report says it

    def close(self, snapshot: Snapshot) -> None:
        pass  # the summary says it

    def summary(self, summary: dict[str, Any], values: Sequence[PublishedValue]) -> None:
        _print_json(**summary, **{it.name: it.data for it in values})


def _example_fields(example: Example) -> dict[str, Any]:
    """Return the example by name; lists, too, are in the order of writing, gradients in time."""
    task, fields = example.task, dict[str, Any]()
    if task.is_arithmetic:
        fields["a"], fields["b"] = from_bits(example.inputs > 0.5)
        fields["predicted"] = int(example.predicted_text.replace("−", "-"))
        fields["true"] = int(example.target_text.replace("−", "-"))
    else:
        fields["inputs"] = input_texts(example)
    fields |= {
        "predicted_bits": predicted_text(example),
        "true_bits": target_text(example),
        "right": example.is_correct,
    }
    if task.memory_name:
        fields["memory"] = in_display_order(example, example.required_memory.tolist())
    if not task.is_regression:
        fields["sure"] = confidence(example)
    if len(example.gradient_norms) > 1:
        fields["gradient_norms"] = example.gradient_norms.tolist()
        fields["gradient_norms_of_last"] = example.last_step_gradient_norms.tolist()
    return fields


def _progress_fields(snapshot: Snapshot) -> dict[str, Any]:
    """Return by name how the net does so far; what there is not yet is null."""
    baseline, surface = snapshot.baseline, snapshot.cost_map
    fields: dict[str, Any] = {
        "mean_error": snapshot.last_hundred,
        "best_mean_error": snapshot.best_hundred,
        "memoryless_error": baseline.metric if baseline else None,
        "memoryless_bit_accuracy": baseline.bit_accuracy if baseline else None,
        **score_fields(snapshot),
    }
    if surface is not None:  # as the six points: from the answer back to the start
        back = surface.cost_surface.gradient_over_time(*surface.weight_path[-1])[::-1]
        fields["gradient_over_time"] = back.tolist()
    if snapshot.measured_speed:
        fields["steps_per_second"] = snapshot.measured_speed
    return fields


def score_fields(snapshot: Snapshot) -> dict[str, Any]:
    """Return the score by name, null where there is none."""
    score = snapshot.score
    return {
        "score_after": snapshot.score_step if score else None,
        "exact": score.n_correct if score else None,
        "pairs": score.n_sequences if score else None,
        "all_pairs": score.exhaustive if score else None,
        "bit_accuracy": score.bit_accuracy if score else None,
        "first_exact": snapshot.first_exact,
    }


def _print_json(**values: Any) -> None:
    print(json.dumps(_finite_or_null(values), allow_nan=False), flush=True)


def _finite_or_null(value: Any) -> Any:
    """Return `value` with null for what has overflowed, which JSON has no number for."""
    if isinstance(value, dict):
        return {name: _finite_or_null(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite_or_null(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value
