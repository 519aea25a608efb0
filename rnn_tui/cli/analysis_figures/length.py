"""The figures of the accuracy on longer sequences in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnn_tui.cli.analysis_figures.figure import Figure, attributes

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.length import IncorrectPair, LengthAccuracy, Ripple

FIGURES = (
    Figure(
        "by_length",
        "array",
        "length, n, n_correct, interval (Wilson 95 %), n_outputs, counterexample, …",
        lambda r: [_accuracy_at_length(each) for each in r.samples],
    ),
    Figure(
        "ripples",
        "array or null",
        "carry, order, max_columns, longest, counterexample (a, b, incorrect_bit)",
        lambda r: [_ripple(each) for each in r.ripples] or None,
    ),
    Figure(
        "longest",
        "integer or null",
        "columns up to which every ripple is correct; null without ripples",
        lambda r: r.longest,
    ),
)


def _accuracy_at_length(result: LengthAccuracy) -> dict[str, Any]:
    return {
        **attributes(result, "length n n_correct n_outputs n_correct_outputs"),
        "interval": list(result.interval),
        "counterexample": _counterexample(result.counterexample),
    }


def _ripple(ripple: Ripple) -> dict[str, Any]:
    return {
        **attributes(ripple, "carry order max_columns longest"),
        "counterexample": _counterexample(ripple.counterexample),
    }


def _counterexample(found: IncorrectPair | None) -> dict[str, Any] | None:
    """Return the operands in decimal digits: they may have more than a JSON number can hold."""
    return found and {"a": str(found.a), "b": str(found.b), "incorrect_bit": found.incorrect_bit}
