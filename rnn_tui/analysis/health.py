"""The state of the weights and units of a model in training, one figure a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import final

import numpy as np

from rnn_tui.analysis.spectra import Spectrum, mean_jacobian_spectrum, weight_spectra
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.units import SATURATION_BOUNDS, Saturation, saturation
from rnn_tui.analysis.update_ratios import update_ratios
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import take

N_UPDATES = 16  # over which update ratios are averaged


@final
@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """Figures by parameter, by layer of units, and of the recurrent weights.

    update_ratios       ‖Δw‖ / ‖w‖, the mean over steps on `n_updates` batches of `batch_size`
    gradient_fractions  of the squared norm of the gradient over `n_sequences` sequences
    saturated_errors    fraction of scored outputs that are incorrect, and saturated; NaN for
                        outputs without bounds
    saturation          of the hidden state and of gates; empty for units that cannot saturate
    spectra             of W_h, by gate; empty without a recurrent state
    jacobian            of the mean ∂s_t/∂s_{t-1}; None without a recurrent state
    """

    update_ratios: Mapping[str, float]
    gradient_fractions: Mapping[str, float]
    saturated_errors: float
    saturation: tuple[Saturation, ...]
    spectra: Mapping[str, Spectrum]
    jacobian: Spectrum | None
    n_updates: int
    batch_size: int
    n_sequences: int
    learning_rate: float


def health(subject: Subject) -> Health:
    """Return the figures of `subject`; raises ValueError if hidden states are not finite."""
    model, batch = subject.model, subject.examples.batch
    size = min(subject.trainer.stream.batch_size, subject.examples.n)
    starts = range(0, min(N_UPDATES, subject.examples.n // size) * size, size)
    ratios = [update_ratios(subject.trainer, take(batch, slice(i, i + size))) for i in starts]
    recurrent = subject.is_recurrent
    return Health(
        {name: float(np.mean([each[name] for each in ratios])) for name in model.parameters},
        gradient_fractions(subject, batch),
        saturated_errors(subject),
        tuple(saturation(model, subject.examples, subject.forward)),
        weight_spectra(model) if recurrent else {},
        mean_jacobian_spectrum(model, batch.inputs) if recurrent else None,
        len(ratios),
        size,
        subject.examples.n,
        subject.trainer.learning_rate,
    )


def saturated_errors(subject: Subject) -> float:
    """Return the fraction of scored outputs that are incorrect, and saturated.

    With a squared error these have almost no gradient, (ŷ - y) ŷ (1 - ŷ). NaN for outputs without
    bounds; raises ValueError if hidden states are not finite.
    """
    if subject.loss.linear_output:
        return nan
    low, high = SATURATION_BOUNDS["sigmoid"]
    outputs, incorrect = subject.forward.outputs, ~subject.forward.correct
    saturated = ((outputs <= low) | (outputs >= high)).all(axis=2)
    return float((saturated & incorrect)[subject.examples.mask].mean())


def gradient_fractions(subject: Subject, batch: Batch) -> dict[str, float]:
    """Return each parameter's fraction of ‖∂L/∂w‖², L the loss of `batch`; NaN if it is 0."""
    model = subject.model.copy()
    cache = model.forward(batch.inputs)
    model.backward(cache, subject.loss.compute(cache.logits, batch).gradient)
    squares = {name: float(np.square(model.gradient[name]).sum()) for name in model.gradient}
    total = sum(squares.values())
    return {name: square / total if total else nan for name, square in squares.items()}
