"""The equations of a step trace: stops, sums of products, and assignments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import fsum, isfinite
from typing import NamedTuple, final

EXAMPLE = "example"  # the axis of the sequences of the batch


class Phase(Enum):
    """A phase of a training step."""

    LOOK_AHEAD = "look-ahead"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    GRADIENT = "gradient"
    UPDATE = "update"


@final
class Place(NamedTuple):
    """Where a value is displayed in the panes; all are counted from 0, and None is nowhere.

    time     the column of the bit grid, of the hidden states and of the gradient map
    feature  the row of an input feature
    unit     the row of a hidden unit
    loss     the row of the gradient map: the time step of the loss
    """

    time: int | None = None
    feature: int | None = None
    unit: int | None = None
    loss: int | None = None


NOWHERE = Place()


@final
class Axis(NamedTuple):
    """An index of the quantity of a stop: a name, and a label for each value."""

    name: str
    labels: Sequence[str]


@final
@dataclass(frozen=True, slots=True)
class Term:
    """A product of `factors`, with their `symbols`; `value` is that of the engine where it has one.

    `partial_sum` is that of the terms so far, of those of a gradient.
    """

    symbols: tuple[str, ...]
    factors: tuple[float, ...]
    value: float
    place: Place = NOWHERE
    partial_sum: float | None = None


@final
@dataclass(frozen=True, slots=True)
class Sum:
    """A quantity `symbol` with the `value` of the engine, and the terms that add up to it.

    Those of a gradient are in the order of the time steps, with partial sums: `is_over_time`.
    """

    symbol: str
    value: float
    terms: Sequence[Term]
    is_over_time: bool = False

    @property
    def rounding(self) -> float:
        """The value less the sum of the terms: the engine's product over time rounds otherwise."""
        return fsum_or_nan([self.value, *(-term.value for term in self.terms)])


@final
@dataclass(frozen=True, slots=True)
class Assignment:
    """A quantity `symbol` with the `value` of the engine, and the `expression` that computes it.

    `numbers` are those of the symbols in the expression.
    """

    symbol: str
    expression: str
    numbers: Mapping[str, float]
    value: float
    place: Place = NOWHERE

    def substituted(self, write: Callable[[float], str]) -> str:
        """Return the expression with the numbers of its symbols, written by `write`."""
        if not self.numbers:
            return self.expression
        longest_first = sorted(self.numbers, key=len, reverse=True)
        symbols = "|".join(map(re.escape, longest_first))
        pattern = rf"(?<![A-Za-z\u0302])(?:{symbols})(?![A-Za-z\u0302′\[])"
        return re.sub(pattern, lambda match: write(self.numbers[match[0]]), self.expression)


Equation = Sum | tuple[Assignment, ...]
Index = Mapping[str, int]  # of each axis, from 0


@final
@dataclass(frozen=True, slots=True)
class Stop:
    """One formula of a step; its equation is that of the index on each of the `axes`.

    `time` is the time step, from 0, of stops that have one, and `is_of_example` whether there is an
    equation for each example of the batch.
    """

    phase: Phase
    title: str
    formula: str
    axes: tuple[Axis, ...]
    equation: Callable[[Index], Equation]
    time: int | None = None
    is_of_example: bool = True


def numbered(name: str, count: int) -> Axis:
    """Return an axis whose values are numbered from 1."""
    return Axis(name, [str(number) for number in range(1, count + 1)])


def fsum_or_nan(values: Sequence[float]) -> float:
    """Return the sum of `values`, rounded once, as far as they are finite."""
    return fsum(values) if all(map(isfinite, values)) else sum(values)
