"""Sentences on the results of analyses, for every front end."""

from collections.abc import Iterator
from math import floor, isfinite

from rnn_tui.analysis.fixed_points import Retention
from rnn_tui.analysis.health import Health
from rnn_tui.analysis.length import IncorrectPair
from rnn_tui.analysis.units import MAX_SATURATED_FRACTION, SATURATION_BOUNDS
from rnn_tui.analysis.update_ratios import TYPICAL_RATIO
from rnn_tui.config.parsing import format_float
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.text.format import format_short

MAX_DIGITS, KEPT_DIGITS = 12, 4  # of a number without an ellipsis, and at both ends of one with
ROUNDING_OFFSET = 1e-9  # so that a rounding error does not lower a percentage
MAX_SATURATED_ERRORS = 0.1  # fraction of outputs above which those saturated and incorrect are
CONSPICUOUS_FACTOR = 100  # above and below the guide, from which an update is named
GUIDE = f"{TYPICAL_RATIO:.0e}".replace("e-0", "e-")
SATURATED = (
    "σ ≤ {} or ≥ {}, |tanh| ≥ {}, ReLU 0".format(
        *SATURATION_BOUNDS["sigmoid"], SATURATION_BOUNDS["tanh"][1]
    )
).replace("0.", ".")


def bits_text(inputs: FloatArray, separator: str = " ") -> str:
    """Return binary `inputs` (features,) as 0 1."""
    return separator.join(f"{value:.0f}" for value in inputs)


def format_time_steps(value: float) -> str:
    """Return a number of time steps; a dash if it is NaN."""
    if value != value:
        return "—"
    if not isfinite(value):
        return "∞"
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def format_share(value: float) -> str:
    """Return a fraction in percent, rounded down: 100 % means all; a dash if it is not finite.

    Percentages below 1 have a decimal.
    """
    if not isfinite(value):
        return "—"
    percent = 100 * value + ROUNDING_OFFSET
    if ROUNDING_OFFSET < percent < 0.1:
        return "<0.1 %"
    return f"{floor(percent)} %" if percent >= 1 or value == 0 else f"{floor(10 * percent) / 10} %"


def retention_sentence(retention: Retention | None, task: Task) -> str:
    """Return how long the state that `task` requires is kept, by the attractors found."""
    if retention is None or not task.state_name:
        return "no input is known to keep the state of this task"
    if retention.verdict == "for ever":
        return f"{task.state_name} kept for ever: attractors of both outputs"
    if retention.verdict == "unknown":
        return f"no attractor was found under an input that keeps the {task.state_name}"
    memory_time = f"memory time about {format_time_steps(retention.time_steps)} time steps"
    return f"{task.state_name} not kept for ever: {memory_time}"


def shorten_number(number: int) -> str:
    """Return a number, with an ellipsis in the middle if it has more than MAX_DIGITS digits."""
    digits = str(number)
    if len(digits) <= MAX_DIGITS:
        return digits
    return f"{digits[:KEPT_DIGITS]}…{digits[-KEPT_DIGITS:]}"


def counterexample_text(counterexample: IncorrectPair, symbol: str) -> str:
    """Return an incorrect calculation and its first incorrect bit, counted from 0."""
    a, b, bit = counterexample
    operands = f"{shorten_number(a)} {symbol} {shorten_number(b)}"
    return f"{operands}, first incorrect at bit {bit:,}"


def health_sentences(health: Health) -> Iterator[str]:
    """Yield what is out of line with the usual figures, without a cause."""
    at_rate = f"at learning rate {format_float(health.learning_rate)}"
    if health.saturated_errors > MAX_SATURATED_ERRORS:
        share = format_share(health.saturated_errors)
        yield f"output: {share} of outputs are incorrect and saturated, {at_rate}"
    for layer in health.saturation:
        if layer.fraction > MAX_SATURATED_FRACTION:
            saturated = f"{format_share(layer.fraction)} of outputs are saturated"
            yield f"{layer.name}: {saturated}, {at_rate}"
        if n_dead := int(layer.dead.sum()):
            yield f"{layer.name}: {n_dead} of {len(layer.dead)} units never leave one bound"
    factors = {name: ratio / TYPICAL_RATIO for name, ratio in health.update_ratios.items()}
    far = [
        f"{parameter_title(name).removesuffix(' weight')} {_times_text(factor)}"
        for name, factor in factors.items()
        if factor > CONSPICUOUS_FACTOR or 0 < factor < 1 / CONSPICUOUS_FACTOR
    ]
    if far:
        yield f"updates are far from the guide of {GUIDE}: {', '.join(far)}, {at_rate}"
    if not all(map(isfinite, health.gradient_fractions.values())):
        yield "the gradient is zero or not finite"


def _times_text(factor: float) -> str:
    """Return a factor, as 200× or 1/127."""
    if factor > 1:
        return f"{factor:,.0f}×"
    return f"1/{1 / factor:,.0f}" if factor > 1e-6 else f"1/{format_short(1 / factor)}"


def parameter_title(name: str) -> str:
    """Return the name of a parameter in words, as recurrent weight."""
    return name.replace("_", " ")
