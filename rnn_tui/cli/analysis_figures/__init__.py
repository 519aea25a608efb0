"""The figures of each analysis in JSON: its keys with their values, a module for each analysis."""

from collections.abc import Callable
from typing import Any

from rnn_tui.cli.analysis_figures import (
    accuracy,
    attractors,
    gradient_map,
    health,
    hidden_states,
    length,
    machine,
    memory,
)
from rnn_tui.cli.analysis_figures.figure import Figure

FIGURES: dict[str, tuple[Figure, ...]] = {
    "hidden-states": hidden_states.FIGURES,
    "memory": memory.FIGURES,
    "machine": machine.FIGURES,
    "attractors": attractors.FIGURES,
    "gradient-map": gradient_map.FIGURES,
    "health": health.FIGURES,
    "accuracy-by": accuracy.FIGURES,
    "length": length.FIGURES,
}
COUNTS: dict[str, Callable[[Any], int | None]] = {
    "hidden-states": lambda r: r.n_sequences,
    "memory": lambda r: r.n_sequences,
    "machine": lambda r: r.fidelity and r.fidelity.n_words,
    "attractors": lambda r: r.n_starts,
    "gradient-map": lambda r: r.n_sequences,
    "health": lambda r: r.n_sequences,
    "accuracy-by": lambda r: r.sequences.n,
    "length": lambda r: sum(each.n for each in r.samples),
}


def analysis_fields(name: str, result: Any) -> dict[str, Any]:
    """Return the keys n and figures of the `result` of the analysis `name`."""
    figures = {figure.name: _plain(figure.value(result)) for figure in FIGURES[name]}
    return {"n": COUNTS[name](result), "figures": figures}


def _plain(value: Any) -> Any:
    """Return arrays as lists, also within objects and lists."""
    if isinstance(value, dict) or hasattr(value, "keys"):
        return {name: _plain(value[name]) for name in value}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value
