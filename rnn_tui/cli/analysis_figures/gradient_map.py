"""The figures of a gradient map in JSON."""

from __future__ import annotations

from rnn_tui.cli.analysis_figures.figure import Figure

FIGURES = (
    Figure("norms", "array", "‖∂L_t/∂h_k‖ by loss t, then state k", lambda r: r.norms),
    Figure("cell_norms", "array or null", "‖∂L_t/∂c_k‖ (lstm)", lambda r: r.cell_norms),
    Figure("loss_fractions", "array", "share of each loss in the sum", lambda r: r.loss_fractions),
    Figure(
        "old_fraction",
        "number or null",
        "share of states more than 3 time steps before the loss",
        lambda r: r.old_fraction,
    ),
    Figure(
        "gains_per_step",
        "array",
        "mean factor of loss t's gradient in a time step back",
        lambda r: [r.gain_per_step(t) for t in range(len(r.norms))],
    ),
)
