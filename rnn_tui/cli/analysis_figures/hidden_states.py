"""The figures of hidden states over an example, and of single units, in JSON."""

from __future__ import annotations

from rnn_tui.cli.analysis_figures.figure import Figure, saturation_fields

FIGURES = (
    Figure("inputs", "array", "of the example, by time step", lambda r: r.inputs),
    Figure("targets", "array", "by time step", lambda r: r.targets),
    Figure("outputs", "array", "ŷ by time step", lambda r: r.predictions),
    Figure("is_scored", "array", "whether the time step is scored", lambda r: r.mask),
    Figure(
        "required_state",
        "array",
        "after each time step, such as a carry",
        lambda r: r.required_state,
    ),
    Figure(
        "layers",
        "object",
        "h_t and gates by name: an array of units by time step",
        lambda r: {layer.name: layer.values for layer in r.layers},
    ),
    Figure("order", "array", "indices of the units, from 0, by |r|", lambda r: r.order),
    Figure(
        "r_propagate",
        "array or null",
        "r of each unit with the required state on propagate time steps, or null",
        lambda r: r.correlations and r.correlations.propagate,
    ),
    Figure(
        "r_everywhere",
        "array or null",
        "the same on all time steps",
        lambda r: r.correlations and r.correlations.everywhere,
    ),
    Figure(
        "n_propagate",
        "integer or null",
        "number of propagate time steps, whose inputs do not determine that state",
        lambda r: r.correlations and r.correlations.n_propagate,
    ),
    Figure(
        "ablated_units",
        "array or null",
        "indices of the units that are clamped, of a large model some only",
        lambda r: r.ablations and r.ablations.units,
    ),
    Figure(
        "ablated_accuracies",
        "array or null",
        "sequence accuracy with each of them clamped to its mean",
        lambda r: r.ablations and r.ablations.accuracies,
    ),
    Figure(
        "intact_accuracy",
        "number or null",
        "sequence accuracy without an ablation",
        lambda r: r.ablations and r.ablations.intact,
    ),
    Figure(
        "n_ablation_sequences",
        "integer or null",
        "sequences of both",
        lambda r: r.ablations and r.ablations.n_sequences,
    ),
    Figure(
        "saturation",
        "array",
        "by layer: name, low, high (fraction of each unit), n time steps",
        lambda r: [saturation_fields(layer) for layer in r.saturation],
    ),
    Figure("weights", "object", "parameters by name", lambda r: r.weights),
)
