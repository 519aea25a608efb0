"""A gradient map as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.gradient_map import OLD_TIME_STEPS, GradientMap
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.text.analyses.values import by_time_step, number
from rnn_tui.text.format import percent
from rnn_tui.text.gradient import gradient_gain_text, gradient_trend
from rnn_tui.text.report import labeled_line


def gradient_map_lines(result: GradientMap, settings: Settings) -> Iterator[str]:
    time, task = len(result.norms), TASKS[settings.task]
    if time == 1:
        yield labeled_line("meaning", "one time step: there is no gradient over time")
        return
    for name, norms in (("∂L_t/∂h_k", result.norms), ("∂L_t/∂c_k", result.cell_norms)):
        if norms is not None:
            last = norms[-1].tolist()
            values = by_time_step("k", 1, (f"{value:.3g}" for value in last), task)
            yield labeled_line(name, f"of the last loss, {values}")
            yield labeled_line("", gradient_gain_text(last[0], last[-1], time - 1))
    gains = (number(result.gain_per_step(t)) for t in range(1, time))
    yield labeled_line("gain", f"per time step back, of loss {by_time_step('t', 2, gains, task)}")
    shares = map(percent, result.loss_fractions.tolist())
    yield labeled_line("share", f"of loss {by_time_step('t', 1, shares, task)}")
    yield labeled_line(
        "old",
        f"{percent(result.old_fraction)} is of states more than {OLD_TIME_STEPS} time steps "
        "before the loss",
    )
    yield labeled_line("n", f"means over {result.n_sequences:,} sequences")
    norms = (result.norms if result.cell_norms is None else result.cell_norms)[-1].tolist()
    place = "state" if result.cell_norms is None else "cell"
    trend = gradient_trend(norms[0], norms[-1], time - 1)
    yield labeled_line("meaning", f"last loss, {place}: {trend}")
    yield labeled_line(
        "caution",
        "a gradient that vanishes does not mean that a state is forgotten: attractors keep one "
        "for any time; and a loss that is solved has almost no gradient at all",
    )
