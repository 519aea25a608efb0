"""Spectra and principal components equal reference values at every step."""

import numpy as np
import pytest

from rnn_tui.analysis.spectra import (
    mean_jacobian_spectrum,
    principal_components,
    weight_spectra,
)
from rnn_tui.analysis.transition import transition_of
from tests.analysis.trained import Trained
from tests.engine.makers import random_batch, random_model
from tests.support.reference import load

REFERENCE = load("inside")["steps"]


@pytest.mark.parametrize("step", REFERENCE)
def test_spectra_of_default_recipe_equal_reference(step: str, trained: Trained) -> None:
    expected, model = REFERENCE[step], trained.model(int(step))
    (weights,) = weight_spectra(model).values()
    jacobian = mean_jacobian_spectrum(model, trained.examples.batch.inputs)
    components = principal_components(trained.forward(int(step)).hidden_states)
    assert weights.spectral_radius == pytest.approx(expected["W_h"]["spectral_radius"])
    assert weights.largest_singular_value == pytest.approx(
        expected["W_h"]["largest_singular_value"]
    )
    of_mean = expected["jacobian"]
    assert jacobian.spectral_radius == pytest.approx(of_mean["spectral_radius_of_mean"])
    assert jacobian.largest_singular_value == pytest.approx(
        of_mean["largest_singular_value_of_mean"]
    )
    pca = expected["pca"]
    assert components.participation_ratio == pytest.approx(pca["participation_ratio"])
    np.testing.assert_allclose(
        components.explained_variance_ratios, pca["variance_shares"], atol=1e-10
    )
    assert components.variances.sum() == pytest.approx(pca["total_variance"])
    assert components.n_states == 131_072


@pytest.mark.parametrize(("kind", "n_gates"), [("gru", 3), ("lstm", 4)])
def test_gated_model_has_a_spectrum_for_each_gate(kind: str, n_gates: int) -> None:
    model = random_model(2, (2, 3, 1), kind=kind)
    spectra = weight_spectra(model)
    assert len(spectra) == n_gates
    last = model.parameters["recurrent_weight"][:, -3:]
    assert list(spectra.values())[-1].largest_singular_value == pytest.approx(
        np.linalg.norm(last, 2)
    )


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_mean_jacobian_of_gated_model_equals_mean_of_jacobians(kind: str) -> None:
    model, inputs = random_model(2, (2, 3, 1), kind=kind), random_batch(1, 4, 3, 2, 1).inputs
    transition = transition_of(model)
    states = transition.trajectory(inputs)[:-1]
    flat = states.reshape(-1, transition.size), inputs.reshape(-1, 2)
    mean = transition.jacobians(*flat).mean(axis=0)
    spectrum = mean_jacobian_spectrum(model, inputs)
    assert spectrum.spectral_radius == pytest.approx(abs(np.linalg.eigvals(mean)).max())


def test_principal_components_are_orthonormal_and_project_the_variance() -> None:
    states = np.random.RandomState(0).standard_normal((200, 3)) * [3, 1, 0.1]
    components = principal_components(states)
    np.testing.assert_allclose(
        components.directions @ components.directions.T, np.eye(3), atol=1e-12
    )
    np.testing.assert_allclose(components.project(states, 3).var(axis=0), components.variances)


def test_weight_spectra_reject_model_without_recurrent_weights() -> None:
    with pytest.raises(ValueError, match="no recurrent state"):
        weight_spectra(random_model(0, (2, 4, 1), kind="feed-forward"))


def test_spectra_of_overflowed_values_are_nan() -> None:
    model = random_model(0, (2, 4, 1))
    model.parameters.vector[:] = np.inf
    (spectrum,) = weight_spectra(model).values()
    assert np.isnan(spectrum.spectral_radius)
    assert np.isnan(principal_components(np.full((5, 3), np.inf)).participation_ratio)
