"""The figures of updates, saturation and spectra in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnn_tui.cli.analysis_figures.figure import Figure, attributes, saturation_fields

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.spectra import Spectrum

FIGURES = (
    Figure("update_ratios", "object", "‖Δw‖/‖w‖ by parameter", lambda r: r.update_ratios),
    Figure("n_updates", "integer", "updates they are a mean of", lambda r: r.n_updates),
    Figure("batch_size", "integer", "sequences of an update", lambda r: r.batch_size),
    Figure(
        "gradient_fractions",
        "object",
        "share of the squared gradient by parameter",
        lambda r: r.gradient_fractions,
    ),
    Figure(
        "saturated_errors",
        "number or null",
        "fraction of outputs that are incorrect, and saturated",
        lambda r: r.saturated_errors,
    ),
    Figure(
        "saturation",
        "array",
        "by layer: name, low, high (fraction of each unit), n time steps",
        lambda r: [saturation_fields(layer) for layer in r.saturation],
    ),
    Figure(
        "spectra",
        "object",
        "of W_h, by gate: spectral_radius, largest_singular_value",
        lambda r: {name: _spectrum(each) for name, each in r.spectra.items()},
    ),
    Figure(
        "jacobian",
        "object or null",
        "the same of the mean ∂s_t/∂s_{t-1}",
        lambda r: r.jacobian and _spectrum(r.jacobian),
    ),
)


def _spectrum(spectrum: Spectrum) -> dict[str, Any]:
    return attributes(spectrum, "spectral_radius largest_singular_value")
