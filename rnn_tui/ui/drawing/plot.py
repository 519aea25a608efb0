"""The gradient-over-time plot: the one place where plotext is touched.

plotext draws a gap for NaN but refuses infinities, and has one global figure: call from one thread.
"""

from math import ceil, floor

import numpy as np
import plotext
from rich.text import Text

from rnn_tui.engine.parameters import FloatArray

LEGEND = "⠒ all columns  ⠒•⠒ last column alone"
FLOOR = 1e-300  # norms below this are drawn as this
MAX_TICKS = 7


def gradient_plot(felt: FloatArray, felt_from_last: FloatArray, width: int, height: int) -> Text:
    """Plot two series of norms, (time,), over the time step 1…time on a logarithmic scale."""
    every, last = (_logarithm(values) for values in (felt, felt_from_last))
    finite = np.concatenate([every, last])
    finite = finite[np.isfinite(finite)]
    low, high = (floor(finite.min()), ceil(finite.max())) if len(finite) else (-1, 0)
    high = max(high, low + 1)
    steps = list(range(1, len(felt) + 1))
    stride = max(1, ceil((high - low) / (MAX_TICKS - 1)))
    decades = list(range(low, high + 1, stride))
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, height)
    plotext.plot(steps, every.tolist(), marker="braille", color="cyan+")
    plotext.plot(steps, last.tolist(), marker="braille", color="orange+")
    plotext.scatter(steps, last.tolist(), marker="dot", color="orange+")
    plotext.ylim(low, high)
    plotext.yticks(decades, [f"1e{decade}" if decade else "1" for decade in decades])
    ticks = steps[:: max(1, ceil(len(steps) / max(1, width // 6)))]
    plotext.xticks(ticks, [str(step) for step in ticks])
    return Text.from_ansi(plotext.build().rstrip("\n"), no_wrap=True)


def _logarithm(values: FloatArray) -> FloatArray:
    """Return log10, with a gap where a value is not finite."""
    with np.errstate(all="ignore"):
        logs = np.log10(np.maximum(values, FLOOR))
    return np.where(np.isfinite(logs), logs, np.nan)
