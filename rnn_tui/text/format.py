"""Numbers, said in a few words."""

from math import inf, isfinite

from rnn_tui.config.settings import format_float

VANISHING_RATIO, EXPLODING_RATIO = 0.1, 10.0  # the norm at the first step over that at the last


def format_speed(steps_per_second: float) -> str:
    """Return a wanted speed, as 1,000/s."""
    if steps_per_second == inf:
        return "unlimited"
    is_integral = steps_per_second.is_integer()
    return f"{steps_per_second:,.0f}/s" if is_integral else f"{format_float(steps_per_second)}/s"


def format_loss(value: float) -> str:
    """Return a loss with three digits, or a dash where there is none yet."""
    if not isfinite(value):
        return "—"
    return f"{value:.3f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else format_scientific(value)


def format_scientific(value: float) -> str:
    """Return a number as 1.80e-6."""
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def format_percent(n_correct: int, total: int) -> str:
    """Return a share with two decimals, cut and not rounded: 100 % means all."""
    hundredths = 10_000 * n_correct // total
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def format_ratio(value: float) -> str:
    """Return 0.0055 as 1/182 and 2.5 as ×2.5."""
    if value <= 0:
        return "nothing"
    return f"×{_format_digits(value)}" if value >= 1 else f"1/{_format_digits(1 / value)}"


def _format_digits(value: float) -> str:
    if value >= 1e6:
        mantissa, _, exponent = f"{value:.1e}".partition("e+")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def gradient_trend(first_norm: float, last_norm: float) -> str:
    """Return whether a gradient that is `last` at the last step survives to be `first`."""
    if last_norm == 0:
        return "nothing to carry back"
    norm_ratio = first_norm / last_norm
    trend = (
        "vanishes"
        if norm_ratio < VANISHING_RATIO
        else "explodes"
        if norm_ratio > EXPLODING_RATIO
        else "holds"
    )
    return f"{trend}, {format_ratio(norm_ratio)} from last step to first"
