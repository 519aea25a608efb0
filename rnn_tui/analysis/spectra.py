"""Spectra of the recurrent weights, of the mean Jacobian, and of the hidden states' covariance."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import final

import numpy as np

from rnn_tui.analysis.transition import transition_of
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.lstm import LSTM
from rnn_tui.engine.parameters import FloatArray

GATES: dict[type[Model], tuple[str, ...]] = {
    GRU: ("reset gate", "update gate", "candidate"),
    LSTM: ("input gate", "forget gate", "candidate", "output gate"),
}


@final
@dataclass(frozen=True, slots=True)
class Spectrum:
    """The spectral radius max|λ| and the largest singular value of a square matrix."""

    spectral_radius: float
    largest_singular_value: float

    @classmethod
    def from_matrix(cls, matrix: FloatArray) -> Spectrum:
        """Return the spectrum of `matrix` (n, n); NaN where it is not finite."""
        if not np.isfinite(matrix).all():
            return cls(nan, nan)
        return cls(
            float(abs(np.linalg.eigvals(matrix)).max()),
            float(np.linalg.svd(matrix, compute_uv=False)[0]),
        )


def weight_spectra(model: Model) -> dict[str, Spectrum]:
    """Return the spectrum of W_h, for a gated model of the block of each gate, by name.

    Raises ValueError for a model without recurrent weights.
    """
    transition_of(model)
    names = GATES.get(type(model), ("recurrent weight",))
    blocks = np.split(model.parameters["recurrent_weight"], len(names), axis=1)
    return {name: Spectrum.from_matrix(block) for name, block in zip(names, blocks, strict=True)}


@np.errstate(all="ignore")
def mean_jacobian_spectrum(model: Model, inputs: FloatArray) -> Spectrum:
    """Return the spectrum of the mean of ∂s_t/∂s_{t-1} over `inputs` (time, n, features).

    The mean is over all time steps and sequences; the state s is [h, c] for an LSTM. Raises
    ValueError for a model without a recurrent state.
    """
    transition = transition_of(model)
    before = transition.trajectory(inputs)[:-1]
    flat = before.reshape(-1, transition.size), inputs.reshape(-1, transition.inputs)
    return Spectrum.from_matrix(transition.mean_jacobian(*flat))


@final
@dataclass(frozen=True, slots=True, eq=False)
class PrincipalComponents:
    """The principal components of states.

    mean        (size,)
    variances   eigenvalues λ of the covariance (divided by n), largest first, (size,)
    directions  orthonormal rows, (size, size)
    n_states    number of states
    """

    mean: FloatArray
    variances: FloatArray
    directions: FloatArray
    n_states: int

    @property
    def participation_ratio(self) -> float:
        """(Σλ)² / Σλ², the effective number of dimensions; NaN if all states are equal."""
        squares = float(np.square(self.variances).sum())
        return float(self.variances.sum()) ** 2 / squares if squares else nan

    @property
    def explained_variance_ratios(self) -> FloatArray:
        """λ / Σλ, the fraction of the variance by component, (size,)."""
        with np.errstate(invalid="ignore"):
            ratios: FloatArray = self.variances / self.variances.sum()
        return ratios

    def project(self, states: FloatArray, count: int = 2) -> FloatArray:
        """Return the first `count` coordinates of `states` (…, size), (…, count)."""
        return (states - self.mean) @ self.directions[:count].T


@np.errstate(all="ignore")
def principal_components(states: FloatArray) -> PrincipalComponents:
    """Return the principal components of `states` (…, size), such as (time, n, hidden).

    The element of largest magnitude of each direction is positive. Variances and directions are NaN
    where states are not finite.
    """
    flat = states.reshape(-1, states.shape[-1])
    mean = flat.mean(axis=0)
    centered = flat - mean
    covariance = centered.T @ centered / len(flat)
    if not np.isfinite(covariance).all():
        return PrincipalComponents(mean, np.full_like(mean, nan), covariance * nan, len(flat))
    variances, columns = np.linalg.eigh(covariance)
    directions = columns.T[::-1]
    largest = np.take_along_axis(
        directions, np.abs(directions).argmax(axis=1)[:, np.newaxis], axis=1
    )
    return PrincipalComponents(
        mean, np.maximum(variances[::-1], 0.0), directions * np.sign(largest), len(flat)
    )
