"""Hidden states as lines of text."""

from collections.abc import Iterator
from math import nan

import numpy as np

from rnn_tui.analysis.hidden_states import HiddenStates
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import Task
from rnn_tui.text.analyses.values import digits, in_display_order, series
from rnn_tui.text.format import format_correlation, percent
from rnn_tui.text.report import labeled_line

MAX_UNITS = 32  # lines of units


def hidden_states_lines(result: HiddenStates, settings: Settings) -> Iterator[str]:
    task = settings.make_task()
    for name, row in zip(task.input_names, result.inputs.T, strict=True):
        yield labeled_line(name, digits(row, task))
    target, predicted = result.targets, result.predictions
    if not task.is_regression:
        predicted = (predicted > 0.5).astype(float)
    yield labeled_line("target", digits(np.where(result.mask, target, nan), task))
    yield labeled_line("predicted", digits(np.where(result.mask, predicted, nan), task))
    if task.state_name:
        yield labeled_line(
            task.state_name, f"{digits(result.required_state, task)}  after the time step"
        )
    order = "the highest bit first, as above" if task.lsb_first else "in the order of time"
    yield labeled_line("h", f"of this example by unit, {order}")
    for unit in result.order[:MAX_UNITS]:
        states = in_display_order(result.states[:, unit], task)
        values = series((f"{value:.2f}" for value in states), len(states))
        yield labeled_line(f"unit {unit + 1}", f"{values}{_unit_figures(result, int(unit))}")
    if len(result.order) > MAX_UNITS:
        yield labeled_line("", f"… {len(result.order) - MAX_UNITS} more units")
    yield labeled_line("figures", _figures_of_units(result, task))
    if result.correlations is None:
        return
    best, n = int(result.order[0]), result.correlations.n_propagate
    meaning = f"the present input determines the {task.state_name} at every time step"
    if n:
        r = format_correlation(result.correlations.propagate[best], 3)
        meaning = (
            f"unit {best + 1} correlates most with the {task.state_name} that must be remembered: "
            f"r {r} over {n:,} propagate time steps"
        )
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution",
        "a correlation does not show that a unit is used; its ablation and the swap test do",
    )


def _unit_figures(result: HiddenStates, unit: int) -> str:
    figures = []
    if result.correlations is not None:
        figures.append(f"r {format_correlation(result.correlations.propagate[unit], 3)}")
    if result.ablations is not None and unit in result.ablations.units:
        index = int(np.flatnonzero(result.ablations.units == unit)[0])
        figures.append(f"ablated {percent(float(result.ablations.accuracies[index]))}")
    if result.saturation:
        saturation = result.saturation[0]
        figures.append(f"saturated {percent(float((saturation.low + saturation.high)[unit]))}")
    return "".join(f"  {figure}" for figure in figures)


def _figures_of_units(result: HiddenStates, task: Task) -> str:
    texts = []
    if result.correlations is not None:
        n = result.correlations.n_propagate
        texts.append(f"r with the {task.state_name} over {n:,} propagate time steps")
    if result.ablations is not None:
        ablations = result.ablations
        texts.append(
            f"ablated: sequence accuracy with the unit at its mean, {percent(ablations.intact)} "
            f"without, of {ablations.n_sequences:,} sequences"
        )
    if result.saturation:
        texts.append(f"saturated: share of {result.saturation[0].n:,} time steps")
    return "; ".join(texts) or f"{result.n_sequences:,} sequences"
