"""Update sizes, saturation and spectra as lines of text."""

from collections.abc import Iterator

from rnn_tui.analysis.health import Health
from rnn_tui.analysis.units import MAX_SATURATED_FRACTION
from rnn_tui.analysis.update_ratios import TYPICAL_RATIO
from rnn_tui.config.settings import Settings
from rnn_tui.text.analyses.values import count, number, scientific
from rnn_tui.text.analysis_sentences import (
    CONSPICUOUS_FACTOR,
    MAX_SATURATED_ERRORS,
    health_sentences,
    parameter_title,
)
from rnn_tui.text.format import percent
from rnn_tui.text.report import labeled_line


def health_lines(result: Health, _settings: Settings) -> Iterator[str]:
    for name, ratio in result.update_ratios.items():
        share = percent(result.gradient_fractions[name])
        title = parameter_title(name)
        size = f"‖Δw‖/‖w‖ {scientific(ratio)}, {share} of the squared gradient"
        yield labeled_line("update", f"{title}: {size}")
    batches = f"{count(result.n_updates, 'update')} of batches of {result.batch_size}"
    yield labeled_line(
        "n", f"{batches}; gradient, units and Jacobian over {result.n_sequences:,} sequences"
    )
    for layer in result.saturation:
        low, high = (
            percent(float(layer.low.mean())),
            percent(float(layer.high.mean())),
        )
        yield labeled_line(
            "saturation",
            f"{layer.name}: {percent(layer.fraction)} of {layer.n * len(layer.dead):,} outputs, "
            f"low {low}, high {high}; {int(layer.dead.sum())} of "
            f"{count(len(layer.dead), 'unit')} always at one bound",
        )
    for name, spectrum in result.spectra.items():
        yield labeled_line(
            "spectrum",
            f"{name}: spectral radius {number(spectrum.spectral_radius)}, largest singular value "
            f"{number(spectrum.largest_singular_value)}",
        )
    if result.jacobian is not None:
        radius = number(result.jacobian.spectral_radius)
        yield labeled_line("spectrum", f"mean Jacobian ∂s_t/∂s_t-1: spectral radius {radius}")
    for text in list(health_sentences(result)) or [_inconspicuous_text()]:
        yield labeled_line("meaning", text)
    yield labeled_line(
        "caution",
        f"{TYPICAL_RATIO:g} is a guide for ‖Δw‖/‖w‖, not a limit, and a unit that is used as a "
        "switch is saturated as well",
    )


def _inconspicuous_text() -> str:
    return (
        f"nothing conspicuous: every update is within {CONSPICUOUS_FACTOR} times its guide, no "
        f"layer more than {percent(MAX_SATURATED_FRACTION)} saturated, no unit always at one bound"
        f", at most {percent(MAX_SATURATED_ERRORS)} of outputs incorrect and saturated"
    )
