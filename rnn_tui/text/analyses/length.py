"""Accuracies of longer sequences as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.length import IncorrectPair, LengthResult
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import Task
from rnn_tui.text.analyses.values import count, operands
from rnn_tui.text.format import format_percent
from rnn_tui.text.report import labeled_line


def length_lines(result: LengthResult, settings: Settings) -> Iterator[str]:
    if result.ripples:
        yield from _arithmetic_length_lines(result, settings.make_task())
        return
    for sample in result.samples:
        sequences = _interval_text(sample.n_correct, sample.n, sample.interval)
        outputs = format_percent(sample.n_correct_outputs, sample.n_outputs)
        yield labeled_line(
            f"length {sample.length:,}",
            f"{sequences} sequences; {outputs} of {sample.n_outputs:,} outputs",
        )


def _arithmetic_length_lines(result: LengthResult, task: Task) -> Iterator[str]:
    for pairs in result.samples:
        incorrect = ""
        if pairs.counterexample:
            incorrect = f"; {_counterexample_text(pairs.counterexample, task)}"
        yield labeled_line(
            f"{pairs.length} bits",
            f"{_interval_text(pairs.n_correct, pairs.n, pairs.interval)} random pairs{incorrect}",
        )
    for ripple in result.ripples:
        end = f"correct to {ripple.longest:,} columns, the longest tried"
        if ripple.counterexample:
            end = f"correct to {count(ripple.longest, 'column')}; "
            end += _counterexample_text(ripple.counterexample, task)
        columns = ripple.order
        if columns.isdigit():
            columns = f"({columns[0]}, {columns[1]})"
        kept = f"{task.state_name} {ripple.carry} kept by {columns} columns"
        yield labeled_line("ripple", f"{kept}: {end}")
    longest, max_columns = result.longest, result.ripples[0].max_columns
    meaning = f"every ripple of up to {max_columns:,} columns is correct"
    if result.counterexample is not None:
        meaning = f"the shortest incorrect ripple has {count((longest or 0) + 1, 'column')}"
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution",
        "random pairs seldom have a long carry: 100 % of them does not show that longer ones are "
        "correct",
    )


def _interval_text(n_correct: int, n: int, interval: tuple[float, float]) -> str:
    """Return a percentage with its Wilson interval, as "99.80 % (99.28 to 99.95 %) of 1,024"."""
    low, high = (100 * bound for bound in interval)
    return f"{format_percent(n_correct, n)} (95 %: {low:.2f} to {high:.2f} %) of {n:,}"


def _counterexample_text(counterexample: IncorrectPair, task: Task) -> str:
    """Return an incorrect calculation of an arithmetic `task`, and its first incorrect bit."""
    a, b, bit = counterexample
    return f"{operands(a, b, task)} is incorrect, first at bit {bit}"
