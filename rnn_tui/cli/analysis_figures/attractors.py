"""The figures of fixed points and visited states in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnn_tui.cli.analysis_figures.figure import Figure, attributes

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.fixed_points import FixedPoint

FIGURES = (
    Figure(
        "fixed_points",
        "array",
        "by inputs: points: kind, state, logits, eigenvalues [re, im], …",
        lambda r: [
            {"inputs": entry.inputs, "points": [_point(point) for point in entry.points]}
            for entry in r.by_input
        ],
    ),
    Figure(
        "retention",
        "string or null",
        "whether the required state is kept: for ever, limited, not, or unknown",
        lambda r: r.retention and r.retention.verdict,
    ),
    Figure(
        "retention_time_steps",
        "number or null",
        "for how many time steps; null for ever, and if unknown",
        lambda r: r.retention and r.retention.time_steps,
    ),
    Figure(
        "participation_ratio",
        "number or null",
        "effective dimensions of the states visited",
        lambda r: r.components.participation_ratio,
    ),
    Figure(
        "explained_variance",
        "array",
        "fraction of their variance by principal component",
        lambda r: r.components.explained_variance_ratios,
    ),
    Figure("n_states", "integer", "number of these states", lambda r: r.components.n_states),
    Figure("path", "array", "states of the example on two components", lambda r: r.path),
)


def _point(point: FixedPoint) -> dict[str, Any]:
    eigenvalues = [[value.real, value.imag] for value in point.eigenvalues.tolist()]
    return {
        **attributes(point, "kind state logits spectral_radius memory_time"),
        "eigenvalues": eigenvalues,
    }
