"""The figures of the swap test and the probe in JSON."""

from __future__ import annotations

from rnn_tui.cli.analysis_figures.figure import Figure, attributes

FIGURES = (
    Figure(
        "swap_differing",
        "number or null",
        "accuracy after swaps of states whose required states differ",
        lambda r: r.swap.differing_pairs.accuracy,
    ),
    Figure(
        "n_differing",
        "integer",
        "number of these pairs",
        lambda r: int(r.swap.differing_pairs.n.sum()),
    ),
    Figure(
        "swap_all",
        "number or null",
        "accuracy after all swaps",
        lambda r: r.swap.all_pairs.accuracy,
    ),
    Figure("n_pairs", "integer", "number of all pairs", lambda r: int(r.swap.all_pairs.n.sum())),
    Figure(
        "swap_differing_by_t",
        "array",
        "swap_differing by the time step of the swap",
        lambda r: r.swap.differing_pairs.accuracies,
    ),
    Figure("n_differing_by_t", "array", "their numbers", lambda r: r.swap.differing_pairs.n),
    Figure("is_used", "boolean", "swap_differing ≥ 0.99", lambda r: r.is_used),
    Figure(
        "probe_propagate",
        "object",
        "n propagate time steps, probe, majority, present_input",
        lambda r: attributes(r.probe.propagate, "n probe majority present_input"),
    ),
    Figure(
        "probe_everywhere",
        "object",
        "the same on all time steps",
        lambda r: attributes(r.probe.everywhere, "n probe majority present_input"),
    ),
    Figure(
        "r_propagate",
        "array",
        "r of each unit with the required state on propagate time steps, or null",
        lambda r: r.correlations.propagate,
    ),
    Figure(
        "order", "array", "indices of the units, from 0, by |r|", lambda r: r.correlations.order
    ),
    Figure(
        "sequence_accuracy",
        "number",
        "sequences with every output correct",
        lambda r: r.sequence_accuracy,
    ),
    Figure("bit_accuracy", "number", "correct outputs", lambda r: r.bit_accuracy),
)
