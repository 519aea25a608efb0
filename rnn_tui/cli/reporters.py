"""Where the news of a run without a screen goes: lines for people, or JSON for programs."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, final

from rnn_tui.cli.tutorial_figures import Figure
from rnn_tui.engine.tasks.binary_arithmetic import PairTask, gather
from rnn_tui.run.changes import Applied
from rnn_tui.run.example import Example
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.ascii import in_ascii
from rnn_tui.text.report import (
    answer_rows,
    as_written,
    gradient_rows,
    inputs_written,
    memory_rows,
    row,
    said_written,
    shows_bits,
    standing_rows,
    sureness,
    true_written,
)


class Reporter(ABC):
    """Says what happens, as it happens."""

    @abstractmethod
    def begin(self, quirks: Sequence[str]) -> None:
        """Tell in what the run departs from the textbook."""

    @abstractmethod
    def example(self, step: int, example: Example, snapshot: Snapshot) -> None:
        """Tell the example of step `step` (the first is 0), as answered before the update.

        `snapshot` is how the run stands after it.
        """

    @abstractmethod
    def progress(self, name: str, loss: float, found: Sequence[Figure], now: Snapshot) -> None:
        """Tell how a net that learns a fixed set stands."""

    @abstractmethod
    def change(self, applied: Applied) -> None: ...

    @abstractmethod
    def first_exact(self, step: int) -> None:
        """Tell that after `step` every result was right, for the first time."""

    @abstractmethod
    def close(self, now: Snapshot) -> None:
        """Tell how the net stood at the end of a run whose last step was no report."""

    @abstractmethod
    def summary(self, summary: dict[str, Any], found: Sequence[Figure]) -> None: ...


@final
class TextReporter(Reporter):
    def begin(self, quirks: Sequence[str]) -> None:
        for quirk in quirks:
            print(quirk, flush=True)

    def example(self, step: int, example: Example, snapshot: Snapshot) -> None:
        print("\n".join([f"step {step}", *self._answered(example, snapshot)]))
        self._stand(snapshot)

    @staticmethod
    def _answered(example: Example, snapshot: Snapshot) -> Iterator[str]:
        if snapshot.now != example.error:
            yield row("batch", f"{snapshot.now:.8f}")
        yield row("error", f"{example.error:.8f}")
        yield from answer_rows(example)

    def progress(self, name: str, loss: float, found: Sequence[Figure], now: Snapshot) -> None:
        print(f"after step {now.step}\n" + row(name, f"{loss:.12g}"))
        self._print(found)
        if now.example is not None and shows_bits(now):
            print("\n".join(answer_rows(now.example)))
        self._stand(now)

    @staticmethod
    def _stand(snapshot: Snapshot) -> None:
        rows: list[str] = []
        if snapshot.example is not None and shows_bits(snapshot):
            rows += memory_rows(snapshot.example)
        rows += [*gradient_rows(snapshot), *standing_rows(snapshot)]
        print("\n".join(map(in_ascii, rows)), flush=True)

    def change(self, applied: Applied) -> None:
        print(f"after step {applied.step}: {applied.text.replace('→', '->')}", flush=True)

    def close(self, now: Snapshot) -> None:
        answered = self._answered(now.example, now) if now.example else ()
        print("\n".join([f"at the end, after step {now.step}", *answered]))
        self._stand(now)

    def first_exact(self, step: int) -> None:
        print(f"after step {step}: every result is right, for the first time", flush=True)

    def summary(self, summary: dict[str, Any], found: Sequence[Figure]) -> None:
        self._print(found)
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
        taught = f", {skipped:,} of them skipped" if skipped else ""
        speed = f"{summary['steps_per_second']:,.0f} steps/s"
        print(f"{summary['steps']:,} steps{taught}, {speed}", flush=True)

    @staticmethod
    def _print(found: Sequence[Figure]) -> None:
        for figure in found:
            print("\n".join(f"  {line}" for line in figure.lines))


@final
class JsonReporter(Reporter):
    def begin(self, quirks: Sequence[str]) -> None:
        pass  # the summary says them

    def example(self, step: int, example: Example, snapshot: Snapshot) -> None:
        batch = {"batch_error": snapshot.now} if snapshot.now != example.error else {}
        _print_json(
            step=step, error=example.error, **batch, **_answer(example), **_standing(snapshot)
        )

    def progress(self, name: str, loss: float, found: Sequence[Figure], now: Snapshot) -> None:
        shown = now.example if shows_bits(now) else None
        figures = {it.name: it.data for it in found}
        answered = _answer(shown) if shown else {}
        _print_json(after_step=now.step, **{name: loss}, **figures, **answered, **_standing(now))

    def change(self, applied: Applied) -> None:
        _print_json(after_step=applied.step, change=applied.change.spec, text=applied.text)

    def first_exact(self, step: int) -> None:
        pass  # every report says it

    def close(self, now: Snapshot) -> None:
        pass  # the summary says it

    def summary(self, summary: dict[str, Any], found: Sequence[Figure]) -> None:
        _print_json(**summary, **{it.name: it.data for it in found})


def _answer(example: Example) -> dict[str, Any]:
    """Return the example by name; lists, too, are in the order of writing, gradients in time."""
    task, fields = example.task, dict[str, Any]()
    if isinstance(task, PairTask):
        fields["a"], fields["b"] = gather(example.inputs > 0.5)
        fields["predicted"] = int(example.said_answer.replace("−", "-"))
        fields["true"] = int(example.true_answer.replace("−", "-"))
    else:
        fields["inputs"] = inputs_written(example)
    fields |= {
        "predicted_bits": said_written(example),
        "true_bits": true_written(example),
        "right": example.right,
    }
    if task.memory_name:
        fields["memory"] = as_written(example, example.memory.tolist())
    if not task.numeric:
        fields["sure"] = sureness(example)
    if len(example.felt) > 1:
        fields["gradient_norms"] = example.felt.tolist()
        fields["gradient_norms_of_last"] = example.felt_from_last.tolist()
    return fields


def _standing(snapshot: Snapshot) -> dict[str, Any]:
    """Return by name how the net does so far; what there is not yet is null."""
    blind, surface = snapshot.baseline, snapshot.surface
    fields: dict[str, Any] = {
        "mean_error": snapshot.last_hundred,
        "best_mean_error": snapshot.best_hundred,
        "memoryless_error": blind.error if blind else None,
        "memoryless_bit_accuracy": blind.bit_accuracy if blind else None,
        **score_fields(snapshot),
    }
    if surface is not None:  # as the six points: from the answer back to the start
        back = surface.cost.gradient_over_time(*surface.path[-1])[::-1]
        fields["gradient_over_time"] = back.tolist()
    if snapshot.measured_speed:
        fields["steps_per_second"] = snapshot.measured_speed
    return fields


def score_fields(snapshot: Snapshot) -> dict[str, Any]:
    """Return the score by name, null where there is none."""
    score = snapshot.score
    return {
        "score_after": snapshot.score_step if score else None,
        "exact": score.exact if score else None,
        "pairs": score.total if score else None,
        "all_pairs": score.exhaustive if score else None,
        "bit_accuracy": score.bit_accuracy if score else None,
        "first_exact": snapshot.first_exact,
    }


def _print_json(**values: Any) -> None:
    print(json.dumps(_finite(values), allow_nan=False), flush=True)


def _finite(value: Any) -> Any:
    """Return `value` with null for what has overflowed, which JSON has no number for."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value
