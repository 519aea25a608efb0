"""Values in the lines of analyses as text."""

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

import numpy as np

from rnn_tui.analysis.machine import IntArray
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.text.format import format_scientific

MAX_VALUES = 32  # in a line, of a series over time
MAX_DIGITS = 20  # of a number that is printed in full; others are hexadecimal


def number(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else "—"


def scientific(value: float) -> str:
    return format_scientific(value) if isfinite(value) else "—"


def integer(value: int) -> str:
    text = str(value)
    return text if len(text) <= MAX_DIGITS else hex(value)


def count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def series(values: Iterator[str], count: int) -> str:
    """Return values separated by blanks, without the middle ones where there are too many."""
    texts = list(values)
    if count <= MAX_VALUES:
        return " ".join(texts)
    half = MAX_VALUES // 2
    return " ".join([*texts[:half], "…", *texts[-half:]])


def by_time_step(symbol: str, first: int, texts: Iterable[str], task: Task | type[Task]) -> str:
    """Return `t 1 to 8: …`, of numbers `t 8 to 1: …`, with the highest bit first."""
    values = list(texts)
    ends = [first, first + len(values) - 1]
    if task.lsb_first:
        values, ends = values[::-1], ends[::-1]
    return f"{symbol} {ends[0]} to {ends[1]}: {series(iter(values), len(values))}"


def in_display_order(values: Any, task: Task) -> list[Any]:
    """Return the values of the time steps: of numbers the highest bit first."""
    items = list(values.tolist())
    return items[::-1] if task.lsb_first else items


def digits(values: FloatArray | IntArray, task: Task) -> str:
    """Return integers by time step, with a . for NaN."""
    texts = ["." if value != value else f"{value:.0f}" for value in in_display_order(values, task)]
    return series(iter(texts), len(texts)) if max(map(len, texts)) > 1 else "".join(texts)


def operands(a: int, b: int, task: Task) -> str:
    """Return a calculation as text, with the symbol of the arithmetic `task`."""
    symbol = task.format_input(np.zeros((1, task.inputs))).strip("0 ")
    return f"{integer(a)} {symbol} {integer(b)}"
