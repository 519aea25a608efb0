"""Formatting of numbers and accuracies, for every front end."""

from math import floor, inf, isfinite

from rnn_tui.config.parsing import format_float
from rnn_tui.engine.evaluation import Score


def format_speed(steps_per_second: float) -> str:
    """Return a target speed, as 1,000/s."""
    if steps_per_second == inf:
        return "unlimited"
    is_integral = steps_per_second.is_integer()
    return f"{steps_per_second:,.0f}/s" if is_integral else f"{format_float(steps_per_second)}/s"


def format_loss(value: float) -> str:
    """Return a loss with three decimals or digits, or a dash if it is not finite."""
    if not isfinite(value):
        return "—"
    return f"{value:.3f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else format_scientific(value)


def format_two_digits(value: float) -> str:
    """Return a loss with two decimals or digits, so that borders are seldom redrawn."""
    return f"{value:.2f}" if value == 0 or 0.01 <= abs(value) < 1e4 else format_scientific(value)


def format_correlation(r: float, decimals: int) -> str:
    """Return r with its sign, or a dash where it is not defined."""
    return f"{r:+.{decimals}f}" if isfinite(r) else "—"


def format_short(value: float) -> str:
    """Return a number with three to five digits, in at most 9 characters below 1e100."""
    size = abs(value)
    if not isfinite(value):
        return "overflow"
    if size == 0 or 0.01 <= size < 1000:
        return f"{value:.4g}"
    if 1000 <= size < 99_999.5:
        return f"{value:,.0f}"
    return format_scientific(value)


def format_scientific(value: float) -> str:
    """Return a number as 1.80e-6."""
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def format_percent(n_correct: int, total: int) -> str:
    """Return a percentage with two decimals, rounded down: 100.00 % means all."""
    hundredths = 10_000 * n_correct // total
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def format_accuracy(n_correct: int, n_sequences: int, score_step: int, step: int) -> str:
    """Return a run's accuracy for a table; with its step, unless that is the last one, `step`."""
    accuracy = format_percent(n_correct, max(1, n_sequences))
    return accuracy if score_step == step else f"{accuracy} at {score_step:,}"


def format_sequence_accuracy(score: Score) -> str:
    """Return the accuracy over sequences and its counts, as 29.57 % (4,845 of 16,384)."""
    sampled = "" if score.exhaustive else " sampled"
    accuracy = format_percent(score.n_correct, score.n_sequences)
    return f"{accuracy} ({score.n_correct:,} of {score.n_sequences:,}{sampled})"


def format_exact(score: Score | None) -> str:
    """Return a sequence accuracy of 100 % with what `score` was evaluated on."""
    if score is None:
        return "sequence accuracy 100 %"
    evaluated = "all" if score.exhaustive else "a sample of"
    return f"sequence accuracy 100 % of {evaluated} {score.n_sequences:,} sequences"


def format_exact_step(step: int | None) -> str:
    """Return by when sequence accuracy was 100 %, perhaps at a step before that was not evaluated.

    `step` is None before.
    """
    return "not yet 100 %" if step is None else f"100 % by step {step:,}"


def format_ratio(value: float) -> str:
    """Return 0.0055 as 1/182 and 2.5 as ×2.5."""
    if value <= 0:
        return "×0"
    return f"×{_format_digits(value)}" if value >= 1 else f"1/{_format_digits(1 / value)}"


def _format_digits(value: float) -> str:
    if value >= 1e6:
        mantissa, _, exponent = f"{value:.1e}".partition("e+")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percent(fraction: float) -> str:
    """Return a percentage with one decimal, rounded down: only all is 100 %, and only none 0 %.

    A dash for NaN.
    """
    if not isfinite(fraction):
        return "—"
    tenths = floor(1000 * fraction + 1e-9)
    if fraction > 0 and tenths == 0:
        return "< 0.1 %"
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"
