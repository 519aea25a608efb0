"""Conditions on a run, such as "loss<1 and exact": one table, and their parser."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, lcm
from typing import NamedTuple, final

from rnn_tui.analysis.evaluation_set import require_memory
from rnn_tui.analysis.memory import MEMORY_USED
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.swap import swap
from rnn_tui.analysis.transition import TRANSITIONS
from rnn_tui.analysis.units import MAX_SATURATED_FRACTION, saturation
from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice, format_float, parse_float, parse_int
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS, MAX_STEPS, Settings
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.run.events import ObservedRun, exact_text, plateau_text
from rnn_tui.run.history import SMOOTHING_STEPS

LOSS_INTERVAL_STEPS = 50
ANALYSIS_INTERVAL_STEPS = 1000  # of what takes as long as tens of steps
ANALYZED_SEQUENCES, ACCURACY_SEQUENCES = 64, 512
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
    """A condition of CONDITIONS with its operator and value, if it has them."""

    name: str
    operator: str = ""
    value: float = 0.0

    @property
    def text(self) -> str:
        """The term as the parser takes it."""
        return f"{self.name}{self.operator}{format_float(self.value) if self.operator else ''}"

    def compares(self, value: float) -> bool:
        """Return whether the comparison holds for `value`; never for NaN."""
        return COMPARISONS[self.operator](value, self.value)


@final
@dataclass(frozen=True, slots=True)
class ConditionKind:
    """A row of CONDITIONS.

    example    as it is entered, the name first
    help       when it holds
    evaluate   returns why the term holds in a run, with figures; "" where it does not
    interval   the steps between two evaluations, at multiples of it; 0 for a moment
    operators  that may follow the name
    parse      the value after the operator; raises UserError
    check      raises ValueError where the condition cannot hold with the settings
    """

    example: str
    help: str
    evaluate: Callable[[ObservedRun, Term], str]
    interval: int = 0
    operators: tuple[str, ...] = ()
    parse: Callable[[str], float] = parse_float
    check: Callable[[Settings], None] = lambda _: None

    @property
    def evaluated(self) -> str:
        """At which steps it is evaluated."""
        return f"every {self.interval:,} steps" if self.interval else "at that step"


def _exact(run: ObservedRun, _: Term) -> str:
    tracker = run.evaluation_tracker
    return "" if tracker.first_exact_step is None else exact_text(tracker, run.step)


def _loss(run: ObservedRun, term: Term) -> str:
    mean = run.history.mean_metric
    if run.history.mean_steps < SMOOTHING_STEPS or not term.compares(mean):
        return ""
    name = LOSSES[run.settings.loss].metric_name
    return f"the mean {name} of the last {SMOOTHING_STEPS} steps is {mean:.4g}"


def _accuracy(run: ObservedRun, term: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ACCURACY_SEQUENCES)
    accuracy = subject.forward.sequence_accuracy
    if not term.compares(accuracy):
        return ""
    return f"the accuracy is {accuracy:.4g} over {subject.examples.n:,} sequences"


def _plateau(run: ObservedRun, _: Term) -> str:
    return "" if run.events.plateau_start is None else plateau_text(run)


def _plateau_end(run: ObservedRun, _: Term) -> str:
    ends = (event.text for event in run.events.events if event[:2] == (run.step, "plateau-end"))
    return next(ends, "")


def _memory_used(run: ObservedRun, _: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ANALYZED_SEQUENCES)
    pairs = swap(subject.model, subject.task, subject.loss, subject.swap_pairs).differing_pairs
    if not pairs.accuracy >= MEMORY_USED:
        return ""
    accuracy = f"{100 * pairs.accuracy:.4g} % of {pairs.n.sum():,} pairs"
    return f"{run.task.state_name} used: the swap test is correct in {accuracy}"


def _check_memory(settings: Settings) -> None:
    require_memory(settings.make_task())
    if MODELS[settings.model] not in TRANSITIONS:
        raise ValueError(f"model {settings.model} has no recurrent state")


def _saturated(run: ObservedRun, _: Term) -> str:
    subject = Subject(run.task, run.trainer, max_sequences=ANALYZED_SEQUENCES)
    layers = saturation(subject.model, subject.examples)
    if not layers or layers[0].fraction <= MAX_SATURATED_FRACTION:
        return ""
    return saturated_text(layers[0].name, layers[0].fraction, run.settings)


def saturated_text(layer: str, fraction: float, settings: Settings) -> str:
    """Return the fraction of the outputs of `layer` that are saturated, with the learning rate."""
    rate = format_float(settings.learning_rate)
    return f"learning rate {rate}: {100 * fraction:.0f} % of {layer} outputs are saturated"


def _step(run: ObservedRun, term: Term) -> str:
    return "the step is reached" if run.step == term.value else ""


def _change(run: ObservedRun, _: Term) -> str:
    return run.log[-1].text if run.log and run.log[-1].step == run.step else ""


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


def _parse_step(text: str) -> float:
    step = parse_int(text.replace(",", ""))
    if not 1 <= step <= MAX_STEPS:
        raise UserError(f"a step must be from 1 to {MAX_STEPS:,}, not {text}")
    return step


CONDITIONS = {
    "exact": ConditionKind(
        "exact", "every sequence is correct", _exact, EXACT_CHECK_INTERVAL_STEPS
    ),
    "loss": ConditionKind(
        "loss<1",
        f"the mean loss, or L1 error, of the last {SMOOTHING_STEPS} steps; also >, <= and >=",
        _loss,
        LOSS_INTERVAL_STEPS,
        tuple(COMPARISONS),
        _parse_loss,
    ),
    "accuracy": ConditionKind(
        "accuracy>=0.5",
        f"the fraction of {ACCURACY_SEQUENCES} fixed sequences that are correct; also <, > and <=",
        _accuracy,
        ANALYSIS_INTERVAL_STEPS,
        tuple(COMPARISONS),
        _parse_fraction,
    ),
    "plateau": ConditionKind(
        "plateau",
        "the loss stays at that of a model without memory",
        _plateau,
        EXACT_CHECK_INTERVAL_STEPS,
    ),
    "plateau-end": ConditionKind(
        "plateau-end", "such a plateau has ended", _plateau_end, EXACT_CHECK_INTERVAL_STEPS
    ),
    "memory-used": ConditionKind(
        "memory-used",
        f"the swap test is correct in {100 * MEMORY_USED:g} % of the pairs",
        _memory_used,
        ANALYSIS_INTERVAL_STEPS,
        check=_check_memory,
    ),
    "saturated": ConditionKind(
        "saturated",
        f"more than {100 * MAX_SATURATED_FRACTION:g} % of the hidden outputs are saturated",
        _saturated,
        ANALYSIS_INTERVAL_STEPS,
    ),
    "step": ConditionKind(
        "step=5000", "the step is reached", _step, operators=("=",), parse=_parse_step
    ),
    "change": ConditionKind("change", "a setting or the weights were changed", _change),
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
    def is_moment(self) -> bool:
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
        return "at that step" if self.is_moment else f"every {self._interval:,} steps"

    @property
    def _interval(self) -> int:
        return lcm(*(CONDITIONS[term.name].interval or 1 for term in self.terms))

    def next_step(self, step: int) -> float:
        """Return the next step after `step` at which it is evaluated; infinity if unknown."""
        if self.on_change:
            return inf
        steps = {term.value for term in self.terms if term.name == "step"}
        if steps:
            return min(steps) if step < min(steps) == max(steps) else inf
        return (step // self._interval + 1) * self._interval

    def evaluate(self, run: ObservedRun) -> str:
        """Return why the condition holds in `run`, "" where it does not, or has no meaning."""
        reasons = []
        for term in self.terms:
            try:
                reason = CONDITIONS[term.name].evaluate(run, term)
            except ValueError:  # of an analysis, after a change of the task or model
                reason = ""
            if not reason:
                return ""
            reasons.append(reason)
        return "; ".join(reasons)

    def check(self, settings: Settings) -> None:
        """Raise UserError if it cannot hold with `settings`."""
        for term in self.terms:
            try:
                CONDITIONS[term.name].check(settings)
            except ValueError as reason:
                raise UserError(f"{term.name}: {reason}") from None


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
        needed = ", ".join(kind.operators)
        raise UserError(f"{name} needs {needed} and a number, as in {kind.example}")
    try:
        return Term(name, comparison, kind.parse(value))
    except UserError as reason:
        raise UserError(f"{name}: {reason}") from None
