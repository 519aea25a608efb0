"""The stops of the update: gradient transforms and optimizers, in rules of one line a quantity.

The numbers before and after are the engine's; only bias-corrected moments, which it does not keep,
are computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import final

import numpy as np

from rnn_tui.analysis.step_trace.equations import Assignment
from rnn_tui.analysis.step_trace.recorded_step import RecordedStep, TransformRecord
from rnn_tui.engine.gradient_transforms import ClipNorm, ClipValue, GradientTransform, WeightDecay
from rnn_tui.engine.optimizers import Optimizer
from rnn_tui.engine.optimizers.adaptive import (
    Adagrad,
    Adam,
    AdamW,
    RMSprop,
    RMSpropDrift,
    RMSpropLookAhead,
)
from rnn_tui.engine.optimizers.rprop import Rprop, TutorialRprop
from rnn_tui.engine.optimizers.sgd import SGD, Momentum, Nesterov, NesterovLookAhead
from rnn_tui.engine.parameters import FloatArray, inner_product

Numbers = Mapping[str, float]


@final
@dataclass(frozen=True)
class Line:
    """symbol ← expression, of numbers so far; `value` where it is no state of the engine."""

    symbol: str
    expression: str | Callable[[Numbers], str]
    value: Callable[[Numbers], float] | None = None


@final
@dataclass(frozen=True)
class Rule:
    """The lines of an optimizer, of which the last is the weight w, and the symbols of its states.

    `text` is the formula where lines depend on numbers.
    """

    lines: tuple[Line, ...]
    states: Mapping[str, str]
    text: str = ""

    @property
    def formula(self) -> str:
        """The lines in one."""
        return self.text or ";  ".join(f"{line.symbol} ← {line.expression}" for line in self.lines)


VELOCITY = {"velocity": "v"}
SECOND_MOMENT = Line("s", "ρ·s + (1 − ρ)·g^2")


def _step_factor(numbers: Numbers) -> str:
    return {1.0: "η⁺", -1.0: "η⁻"}.get(numbers["a"], "1")


AGREEMENT = Line("a", "sign(g·g′)", lambda n: float(np.sign(n["g"] * n["g′"])))
ADAM_LINES = (
    Line("t", "t + 1"),
    Line("m", "β₁·m + (1 − β₁)·g"),
    Line("v", "β₂·v + (1 − β₂)·g^2"),
    Line("m̂", "m / (1 − β₁^t)", lambda n: n["m"] / (1 - n["β₁"] ** n["t"])),
    Line("v̂", "v / (1 − β₂^t)", lambda n: n["v"] / (1 - n["β₂"] ** n["t"])),
)
ADAM_STATES = {"first_moment": "m", "second_moment": "v", "steps": "t"}
RMS_STATES = {"second_moment": "s", "velocity": "v"}
RPROP_STATES = {"step": "d", "previous": "g′"}

RULES: dict[type[Optimizer], Rule] = {
    SGD: Rule((Line("w", "w − η·g"),), {}),
    Momentum: Rule((Line("v", "μ·v + g"), Line("w", "w − η·v")), VELOCITY),
    Nesterov: Rule((Line("v", "μ·v + g"), Line("w", "w − η·(g + μ·v)")), VELOCITY),
    NesterovLookAhead: Rule((Line("v", "μ·v − η·g"), Line("w", "w − η·g")), VELOCITY),
    RMSprop: Rule(
        (SECOND_MOMENT, Line("v", "μ·v + g / (√(s) + ε)"), Line("w", "w − η·v")), RMS_STATES
    ),
    RMSpropLookAhead: Rule(
        (
            SECOND_MOMENT,
            Line("n", "η·g / √(s + ε)", lambda n: -n["Δw"]),
            Line("v", "μ·v − n"),
            Line("w", "w − n"),
        ),
        RMS_STATES,
    ),
    RMSpropDrift: Rule(
        (
            SECOND_MOMENT,
            Line("n", lambda n: "η·g / √(s) + ε" if n["s"] > 0 else "0 + ε", lambda n: -n["Δw"]),
            Line("v", "μ·v − n"),
            Line("w", "w − n"),
        ),
        RMS_STATES,
        "s ← ρ·s + (1 − ρ)·g^2;  n ← η·g / √(s) + ε;  v ← μ·v − n;  w ← w − n",
    ),
    Adagrad: Rule(
        (Line("s", "s + g^2"), Line("w", "w − η·g / (√(s) + ε)")), {"second_moment": "s"}
    ),
    Adam: Rule((*ADAM_LINES, Line("w", "w − η·m̂ / (√(v̂) + ε)")), ADAM_STATES),
    AdamW: Rule((*ADAM_LINES, Line("w", "w − η·m̂ / (√(v̂) + ε) − η·λ·w")), ADAM_STATES),
    Rprop: Rule(
        (
            AGREEMENT,
            Line("d", lambda n: f"min(Δ≤, max(Δ≥, d·{_step_factor(n)}))"),
            Line("w", lambda n: "w" if n["a"] < 0 else "w − d·sign(g)"),
        ),
        RPROP_STATES,
        "d ← clip(d·η⁺) if g has the sign of g′, the gradient before, else clip(d·η⁻) and w ← w;  "
        "w ← w − d·sign(g)",
    ),
    TutorialRprop: Rule(
        (
            AGREEMENT,
            Line("d", lambda n: f"d·{'η⁺' if np.sign(n['g']) == n['g′'] else 'η⁻'}"),
            Line("w", "w − d·sign(g)"),
        ),
        RPROP_STATES,
        "d ← d·η⁺ if g has the sign g′ of the gradient before, else d·η⁻;  w ← w − d·sign(g)",
    ),
}


def rule_of(optimizer: Optimizer) -> Rule:
    """Return the rule of `optimizer`; one that has none in RULES is a change of the weight."""
    return RULES.get(type(optimizer)) or Rule((Line("w", "w + Δw"),), {})


def update_rows(step: RecordedStep, index: int) -> tuple[Assignment, ...]:
    """Return the lines of the optimizer's rule for weight `index`, with the numbers of the step."""
    optimizer, rule = step.optimizer, rule_of(step.optimizer)
    before, after = step.state_before(index), step.state_after(index)
    numbers = {
        row.symbol: float(getattr(optimizer, name))
        for name, row in optimizer.hyperparameters().items()
    }
    numbers |= {rule.states[name]: before[name] for name in rule.states}
    if before.get("rate", step.learning_rate) != step.learning_rate:  # as Rprop starts anew
        numbers["d"] = step.learning_rate
    numbers |= {
        "η": step.learning_rate,
        "g": float(step.update_gradient[index]),
        "w": float(step.forward_weights[index]),
        "Δw": float(step.update[index]),
    }
    engine = {symbol: after[name] for name, symbol in rule.states.items()}
    engine["w"] = float(step.weights_after[index])
    rows = []
    for line in rule.lines:
        text = line.expression if isinstance(line.expression, str) else line.expression(numbers)
        value = line.value(numbers) if line.value else engine[line.symbol]
        rows.append(Assignment(line.symbol, text, dict(numbers), value))
        numbers[line.symbol] = value
    return tuple(rows)


def lookahead_row(step: RecordedStep, index: int) -> Assignment:
    """Return w ← w + μ v, which moves weight `index` before its gradient is computed."""
    velocity = step.state_before(index)["velocity"]
    numbers = {
        "w": float(step.weights_before[index]),
        "μ": float(getattr(step.optimizer, "momentum")),  # noqa: B009 - of optimizers with one
        "v": velocity,
    }
    return Assignment("w", "w + μ·v", numbers, float(step.forward_weights[index]))


@final
@dataclass(frozen=True)
class TransformFormula:
    """The formula of a transform, and the numbers of its symbols besides g and w."""

    formula: str
    numbers: Callable[[GradientTransform, FloatArray], Numbers]


def _strength(transform: GradientTransform, _gradient: FloatArray) -> Numbers:
    assert isinstance(transform, WeightDecay)
    return {"λ": transform.strength}


def _limit(transform: GradientTransform, _gradient: FloatArray) -> Numbers:
    assert isinstance(transform, ClipValue)
    return {"limit": transform.limit}


def _limit_and_norm(transform: GradientTransform, gradient: FloatArray) -> Numbers:
    assert isinstance(transform, ClipNorm)
    return {"limit": transform.limit, "‖g‖": sqrt(inner_product(gradient, gradient))}


TRANSFORM_FORMULAS: dict[type[GradientTransform], TransformFormula] = {
    WeightDecay: TransformFormula("g + λ·w", _strength),
    ClipValue: TransformFormula("max(−limit, min(limit, g))", _limit),
    ClipNorm: TransformFormula("g·min(1, limit / (‖g‖ + 1e−6))", _limit_and_norm),
}
TRANSFORM_TITLES: dict[type[GradientTransform], str] = {
    WeightDecay: "weight decay",
    ClipValue: "clipping by value",
    ClipNorm: "clipping by norm",
}


def transform_row(step: RecordedStep, record: TransformRecord, index: int) -> Assignment:
    """Return the change of g, the gradient with respect to weight `index`, by a transform."""
    formula = TRANSFORM_FORMULAS[type(record.transform)]
    numbers = {
        "g": float(record.before[index]),
        "w": float(step.forward_weights[index]),
        **formula.numbers(record.transform, record.before[step.slice_of(index)]),
    }
    return Assignment("g", formula.formula, numbers, float(record.after[index]))
