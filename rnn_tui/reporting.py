"""Where the news of a run without a screen goes: lines for people, or JSON for programs."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import isfinite
from typing import Any, final

from rnn_tui.engine.tasks.pairs import PairTask, gather
from rnn_tui.figures import Figure
from rnn_tui.session.example import BoolArray, Example
from rnn_tui.session.run import Applied


class Reporter(ABC):
    """Says what happens, as it happens."""

    @abstractmethod
    def begin(self, quirks: Sequence[str]) -> None:
        """Tell in what the run departs from the textbook."""

    @abstractmethod
    def example(self, step: int, example: Example, batch_error: float) -> None:
        """Tell the example of step `step` (the first is 0), as answered before the update.

        `batch_error` is the reported figure of the whole batch.
        """

    @abstractmethod
    def progress(self, step: int, name: str, loss: float, found: Sequence[Figure]) -> None:
        """Tell how a net that learns a fixed set stands after `step` steps."""

    @abstractmethod
    def change(self, applied: Applied) -> None: ...

    @abstractmethod
    def summary(self, summary: dict[str, Any], found: Sequence[Figure]) -> None: ...


@final
class TextReporter(Reporter):
    def begin(self, quirks: Sequence[str]) -> None:
        for quirk in quirks:
            print(quirk, flush=True)

    def example(self, step: int, example: Example, batch_error: float) -> None:
        rows = [f"step {step}"]
        if batch_error != example.error:
            rows.append(f"  batch      {batch_error:.8f}")
        rows.append(f"  error      {example.error:.8f}")
        if not isinstance(example.task, PairTask):
            rows += [f"  {name:<10} {bits}" for name, bits in _inputs(example).items()]
        rows += [
            f"  predicted  {_said(example)}",
            f"  true       {_true(example)}",
            f"  {self._verdict(example)}",
        ]
        print("\n".join(rows), flush=True)

    @staticmethod
    def _verdict(example: Example) -> str:
        if not example.question:
            return "right" if example.right else "wrong"
        asked = example.question.replace("−", "-")
        said, true = (
            answer.replace("−", "-") for answer in (example.said_answer, example.true_answer)
        )
        return f"{asked} = {said}  " + ("right" if example.right else f"wrong, it is {true}")

    def progress(self, step: int, name: str, loss: float, found: Sequence[Figure]) -> None:
        print(f"after step {step}\n  {name:<10} {loss:.12g}", flush=True)
        self._print(found)

    def change(self, applied: Applied) -> None:
        print(f"after step {applied.step}: {applied.text.replace('→', '->')}", flush=True)

    def summary(self, summary: dict[str, Any], found: Sequence[Figure]) -> None:
        self._print(found)
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

    def example(self, step: int, example: Example, batch_error: float) -> None:
        if isinstance(example.task, PairTask):
            a, b = gather(example.inputs > 0.5)
            said, true = (
                int(answer.replace("−", "-"))
                for answer in (example.said_answer, example.true_answer)
            )
            asked: dict[str, Any] = {"a": a, "b": b, "predicted": said, "true": true}
        else:
            asked = {"inputs": _inputs(example)}
        if batch_error != example.error:
            asked["batch_error"] = batch_error
        _print_json(
            step=step,
            error=example.error,
            **asked,
            predicted_bits=_said(example),
            true_bits=_true(example),
            right=example.right,
        )

    def progress(self, step: int, name: str, loss: float, found: Sequence[Figure]) -> None:
        _print_json(after_step=step, **{name: loss}, **{it.name: it.data for it in found})

    def change(self, applied: Applied) -> None:
        _print_json(after_step=applied.step, change=applied.change.spec, text=applied.text)

    def summary(self, summary: dict[str, Any], found: Sequence[Figure]) -> None:
        _print_json(**summary, **{it.name: it.data for it in found})


def _inputs(example: Example) -> dict[str, str]:
    """Return the rows of inputs by name, as they are written."""
    names, values = example.task.input_names, example.inputs.T
    return {name: _written(example, row > 0.5) for name, row in zip(names, values, strict=True)}


def _said(example: Example) -> str:
    if example.task.numeric:
        return example.said_answer
    return _written(example, example.said_bits, asked=example.asked)


def _true(example: Example) -> str:
    if example.task.numeric:
        return example.true_answer
    return _written(example, example.targets > 0.5, asked=example.asked)


def _written(example: Example, bits: BoolArray, asked: BoolArray | None = None) -> str:
    """Return bits as they are written, a number's highest first, with a . where none is asked."""
    digits = ["1" if bit else "0" for bit in bits]
    if asked is not None:
        digits = [digit if it else "." for digit, it in zip(digits, asked, strict=True)]
    text = "".join(digits)
    return text[::-1] if example.task.lowest_first else text


def _print_json(**values: Any) -> None:
    print(json.dumps(_finite(values), allow_nan=False), flush=True)


def _finite(value: Any) -> Any:
    """Return `value` with null for what has overflowed, which JSON has no number for."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value
