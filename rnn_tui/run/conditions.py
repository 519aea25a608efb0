"""Conditions on a run, such as "loss<1 and exact": one table, and their parser.

It loads no numpy, since help prints the table; `condition_values` evaluates conditions.
"""

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, lcm
from typing import NamedTuple, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice, format_float, parse_float, parse_int
from rnn_tui.config.settings import (
    ANALYSIS_INTERVAL_STEPS,
    EXACT_CHECK_INTERVAL_STEPS,
    MAX_LEARNING_RATE,
    MAX_STEPS,
)
from rnn_tui.engine.optimizers import OPTIMIZERS

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TERM_PATTERN = re.compile(r"([^\s<>=]*)\s*([<>]=?|=)?\s*(.*)")
AND_PATTERN = re.compile(r"\s+and\s+", re.IGNORECASE)


@final
class Term(NamedTuple):
    """A condition of CONDITIONS with its operator and its value or choice, if it has them."""

    name: str
    operator: str = ""
    value: float = 0.0
    choice: str = ""

    @property
    def text(self) -> str:
        """The term as the parser takes it."""
        value = self.choice or (format_float(self.value) if self.operator else "")
        return f"{self.name}{self.operator}{value}"

    def compares(self, value: float) -> bool:
        """Return whether the comparison holds for `value`; never for NaN."""
        return COMPARISONS[self.operator](value, self.value)


@final
@dataclass(frozen=True, slots=True)
class ConditionKind:
    """A row of CONDITIONS.

    example    as it is entered, the name first
    help       when it holds
    interval   the steps between two evaluations, at multiples of it; 0 for a moment
    operators  that may follow the name
    parse      the value after the operator; raises UserError
    choices    of names, of which one follows the operator instead of a value
    first_step  at which it can hold
    is_event   whether it holds at multiples of `interval` only, also joined with a step
    highest    bound of the value that is compared, of which the lowest is 0
    """

    example: str
    help: str
    interval: int = 0
    operators: tuple[str, ...] = ()
    parse: Callable[[str], float] = parse_float
    choices: Collection[str] = ()
    first_step: int = 0
    is_event: bool = False
    highest: float = inf

    @property
    def explanation(self) -> str:
        """When it holds, and at which steps it is evaluated."""
        return self.help + (f", every {self.interval:,} steps" if self.interval else "")

    def holds_at(self, step: float) -> bool:
        """Return whether it can hold at `step`."""
        return step >= self.first_step and not (self.is_event and step % self.interval)

    def can_satisfy(self, terms: Sequence[Term]) -> bool:
        """Return whether a value from 0 to `highest`, or a choice, satisfies all of `terms`."""
        if self.choices:
            return len({term.choice for term in terms}) == 1
        bounds = (0.0, self.highest, *(term.value for term in terms))
        ends = sorted({bound for bound in bounds if 0 <= bound <= self.highest})
        values = [*ends, *((low + high) / 2 for low, high in pairwise(ends))]
        return any(all(term.compares(value) for term in terms) for value in values)


def _parse_fraction(text: str) -> float:
    value = parse_float(text)
    if not 0 <= value <= 1:
        raise UserError(f"an accuracy is a fraction from 0 to 1, not {text}")
    return value


def _parse_loss(text: str) -> float:
    value = parse_float(text)
    if not isfinite(value):
        raise UserError(f"a loss must be finite, not {text}")
    return value


def _parse_learning_rate(text: str) -> float:
    value = parse_float(text)
    if not value > 0:
        raise UserError(f"a learning rate is above 0, not {text}")
    return value


def _parse_step(text: str) -> float:
    step = parse_int(text.replace(",", ""))
    if not 1 <= step <= MAX_STEPS:
        raise UserError(f"a step must be from 1 to {MAX_STEPS:,}, not {text}")
    return step


CONDITIONS = {
    "exact": ConditionKind("exact", "every sequence is correct", EXACT_CHECK_INTERVAL_STEPS),
    "loss": ConditionKind(
        "loss<1",
        "the mean loss, or L1 error, of the last 100 steps; also >, <= and >=",
        EXACT_CHECK_INTERVAL_STEPS,
        tuple(COMPARISONS),
        _parse_loss,
        first_step=100,
    ),
    "accuracy": ConditionKind(
        "accuracy>=0.5",
        "the fraction of 512 fixed sequences that are correct; also <, > and <=",
        ANALYSIS_INTERVAL_STEPS,
        tuple(COMPARISONS),
        _parse_fraction,
        highest=1.0,
    ),
    "plateau": ConditionKind(
        "plateau",
        "the loss stays at that of a model without memory",
        EXACT_CHECK_INTERVAL_STEPS,
        first_step=1000,
    ),
    "plateau-end": ConditionKind(
        "plateau-end",
        "such a plateau has ended",
        EXACT_CHECK_INTERVAL_STEPS,
        first_step=1000 + EXACT_CHECK_INTERVAL_STEPS,
        is_event=True,
    ),
    "memory-used": ConditionKind(
        "memory-used",
        "the swap test is correct in 99 % of the pairs",
        ANALYSIS_INTERVAL_STEPS,
    ),
    "saturated": ConditionKind(
        "saturated",
        "more than 40 % of the hidden outputs are saturated",
        ANALYSIS_INTERVAL_STEPS,
    ),
    "lr": ConditionKind(
        "lr>=1",
        "the learning rate; also <, > and <=",
        EXACT_CHECK_INTERVAL_STEPS,
        tuple(COMPARISONS),
        _parse_learning_rate,
        highest=MAX_LEARNING_RATE,
    ),
    "optimizer": ConditionKind(
        "optimizer=adam",
        "the optimizer",
        EXACT_CHECK_INTERVAL_STEPS,
        ("=",),
        choices=OPTIMIZERS,
    ),
    "step": ConditionKind("step=5000", "the step is reached", operators=("=",), parse=_parse_step),
    "change": ConditionKind("change", "a setting or the weights were changed"),
}


@final
@dataclass(frozen=True, slots=True)
class Condition:
    """`terms` that must all hold, at the steps at which all of them are evaluated."""

    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        """The canonical text, which `parse_condition` reads back."""
        return " and ".join(term.text for term in self.terms)

    @property
    def is_momentary(self) -> bool:
        """Whether it can hold at single steps only."""
        return any(not CONDITIONS[term.name].interval for term in self.terms)

    @property
    def on_change(self) -> bool:
        """Whether it is evaluated after changes."""
        return any(term.name == "change" for term in self.terms)

    @property
    def evaluated(self) -> str:
        """At which steps it is evaluated."""
        if self.on_change:
            return "after each change"
        return "at that step" if self.is_momentary else f"every {self._interval:,} steps"

    @property
    def _interval(self) -> int:
        return lcm(*(CONDITIONS[term.name].interval or 1 for term in self.terms))

    def next_due_step(self, step: int) -> float:
        """Return the next step after `step` at which it is evaluated; infinity if unknown."""
        if self.on_change:
            return inf
        steps = {term.value for term in self.terms if term.name == "step"}
        if steps:
            return min(steps) if step < min(steps) == max(steps) else inf
        return (step // self._interval + 1) * self._interval

    def check_satisfiable(self) -> None:
        """Raise UserError if it cannot hold in any run."""
        self._refuse_unreachable_steps()
        for term in self.terms:
            kind = CONDITIONS[term.name]
            terms = [other for other in self.terms if other.name == term.name]
            is_bounded = kind.choices or term.operator in COMPARISONS
            if is_bounded and not kind.can_satisfy(terms):
                compared = " and ".join(each.text for each in terms)
                raise UserError(f"{self.text} can never hold: no {term.name} satisfies {compared}")

    def _refuse_unreachable_steps(self) -> None:
        """Raise UserError where two terms cannot hold at the same step."""
        steps = [term.value for term in self.terms if term.name == "step"]
        if len(steps) > 1:
            raise UserError(f"{self.text} can never hold: enter one step, not several")
        for step in steps:
            for kind in (CONDITIONS[term.name] for term in self.terms):
                if not kind.holds_at(step):
                    needed = f"from step {kind.first_step:,} on"
                    if kind.is_event:
                        needed += f", at multiples of {kind.interval:,}"
                    raise UserError(f"{self.text} can never hold: {kind.example} can hold {needed}")


def parse_condition(text: str) -> Condition:
    """Return the condition of `text`, such as "loss<1 and exact"; raises UserError."""
    if not text.strip():
        examples = ", ".join(kind.example for kind in CONDITIONS.values())
        raise UserError(f"enter a condition, or several joined by and: {examples}")
    return Condition(tuple(dict.fromkeys(map(_parse_term, AND_PATTERN.split(text.strip())))))


def _parse_term(text: str) -> Term:
    match = TERM_PATTERN.fullmatch(text.strip())
    assert match  # every text matches
    name, comparison, value = match[1].lower(), match[2] or "", match[3].strip()
    kind = CONDITIONS[check_choice("condition", name, CONDITIONS)]
    if not kind.operators:
        if comparison or value:
            raise UserError(f"{name} takes no value, not {text!r}: enter {kind.example}")
        return Term(name)
    if comparison not in kind.operators or not value:
        needed, value_kind = ", ".join(kind.operators), "a name" if kind.choices else "a number"
        raise UserError(f"{name} needs {needed} and {value_kind}, as in {kind.example}")
    if kind.choices:
        return Term(name, comparison, choice=check_choice(name, value.lower(), kind.choices))
    try:
        return Term(name, comparison, kind.parse(value))
    except UserError as reason:
        raise UserError(f"{name}: {reason}") from None
