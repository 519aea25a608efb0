"""The verdict on a gradient that is backpropagated through time: vanishing, stable, exploding."""

from math import isfinite

from rnn_tui.analysis.gradient_map import gain_per_step
from rnn_tui.text.format import format_ratio

# The verdict is by the gain per time step, whatever the length of the sequence: below 0.8 or above
# 1.25 the gradient changes tenfold within about ten time steps.
GAIN_LIMITS = ((0.8, "vanishes"), (0.95, "decays"), (1 / 0.95, "is stable"), (1.25, "grows"))


def gradient_trend(first_norm: float, last_norm: float, n_steps: int) -> str:
    """Return how the gradient of one loss changes over `n_steps` back in time.

    Only for the loss of a single time step: the norm for a sum of losses also depends on how the
    losses differ.
    """
    gain = gain_per_step(first_norm, last_norm, n_steps)
    if not isfinite(gain):
        return gradient_gain_text(first_norm, last_norm, n_steps)
    trend = next((trend for limit, trend in GAIN_LIMITS if gain < limit), "explodes")
    return f"{trend}, {gradient_gain_text(first_norm, last_norm, n_steps)}"


def gradient_gain_text(first_norm: float, last_norm: float, n_steps: int) -> str:
    """Return the factor by which a gradient changes per time step, and over all `n_steps`."""
    if not (isfinite(first_norm) and isfinite(last_norm)):
        return "not finite"
    if last_norm == 0:
        return "zero at the last t"
    if not n_steps:
        return "a single time step"
    gain = gain_per_step(first_norm, last_norm, n_steps)
    ratio = format_ratio(first_norm / last_norm)
    return f"×{gain:.3g} per time step, {ratio} over {n_steps}"
