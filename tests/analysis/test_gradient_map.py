"""The gradient map equals reference values, closed forms and the engine's gradients."""

import numpy as np
import pytest

from rnn_tui.analysis.gradient_map import gradient_map, norms
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES, HalfSquaredError, MeanSquaredError
from rnn_tui.engine.models import MODELS, ModelSpec
from rnn_tui.engine.tasks import TASKS, take
from rnn_tui.run.example import inspect_example
from tests.analysis.trained import Trained
from tests.engine.makers import random_batch, random_model
from tests.support.reference import load

REFERENCE = load("inside")["steps"]


@pytest.mark.parametrize("step", REFERENCE)
def test_map_of_default_recipe_equals_reference(step: str, trained: Trained) -> None:
    task, model = trained.task, trained.model(int(step))
    for batch, name in [
        (trained.examples.batch, "gradient_map_mean"),
        (task.batch_from_inputs(task.parse_input("37+101")), "gradient_map_37_plus_101"),
    ]:
        computed = gradient_map(model, trained.loss, batch)
        np.testing.assert_allclose(computed.norms, REFERENCE[step][name], atol=1e-11)
        assert computed.n_sequences == batch.inputs.shape[1]
        assert computed.cell_norms is None


def test_losses_of_few_sequences_at_once_have_the_map_of_each_alone(trained: Trained) -> None:
    model, batch = trained.model(4000), take(trained.examples.batch, slice(100))
    many = take(trained.examples.batch, np.tile(np.arange(100), 3))
    computed, expected = (gradient_map(model, trained.loss, each).norms for each in (batch, many))
    np.testing.assert_allclose(computed, expected, rtol=1e-12, atol=1e-15)


def test_linear_model_has_powers_of_its_weight() -> None:
    model, time = MODELS["linear"](ModelSpec(1, 1, 1)), 6
    model.parameters.vector[:] = 1.0, 0.7
    inputs = np.ones((time, 1, 1))
    targets = model.forward(inputs).logits.copy() - 0.5  # so that 2 (ŷ - y) = 1
    computed = gradient_map(model, MeanSquaredError(), Batch.uniform(inputs, targets))
    lags = np.subtract.outer(np.arange(time), np.arange(time))
    np.testing.assert_allclose(computed.norms, np.where(lags >= 0, 0.7**lags, 0), rtol=1e-12)
    assert computed.gain_per_step(5) == pytest.approx(0.7)
    assert np.isnan(computed.gain_per_step(0))
    rows = np.array([sum(0.7**lag for lag in range(t + 1)) for t in range(time)])
    np.testing.assert_allclose(computed.loss_fractions, rows / rows.sum())
    old = 2 * 0.7**4 + 0.7**5
    assert computed.old_fraction == pytest.approx(old / rows.sum())


@pytest.mark.parametrize("kind", ["elman", "gru", "lstm", "feed-forward"])
def test_gradients_of_single_losses_add_up_to_the_engines(kind: str) -> None:
    model, batch = random_model(5, (2, 4, 1), kind=kind), random_batch(6, 5, 1, 2, 1)
    loss = HalfSquaredError()
    cache = model.forward(batch.inputs)
    gradient = loss.compute(cache.logits, batch).gradient.copy()
    model.backward(cache, gradient)
    total = cache.state_gradients.copy()
    summed, rows = np.zeros_like(total), []
    for t in range(len(gradient)):
        alone = np.zeros_like(gradient)
        alone[t] = gradient[t]
        model.backward(cache, alone)
        summed += cache.state_gradients
        rows.append(norms(cache.state_gradients)[:, 0])
    np.testing.assert_allclose(summed, total, atol=1e-14)
    np.testing.assert_allclose(gradient_map(model, loss, batch).norms, rows, rtol=1e-12)


@pytest.mark.parametrize("loss_name", LOSSES)
@pytest.mark.parametrize("kind", ["elman", "gru", "lstm"])
def test_last_row_equals_last_step_gradient_norms_of_example(kind: str, loss_name: str) -> None:
    task, model, loss = (
        TASKS["addition"](8),
        random_model(7, (2, 4, 1), kind=kind),
        LOSSES[loss_name](),
    )
    batch = task.fixed_sample(1, 3)
    computed = gradient_map(model, loss, batch)
    example = inspect_example(task, model, loss, batch)
    np.testing.assert_allclose(computed.norms[-1], example.last_step_gradient_norms, rtol=1e-12)
    if kind == "lstm":
        assert computed.cell_norms is not None
        assert example.cell_gradient_norms is not None
        np.testing.assert_allclose(computed.cell_norms[-1], example.cell_gradient_norms, rtol=1e-12)


def test_steps_without_target_have_no_gradient() -> None:
    batch = TASKS["echo"](6, lag=2).fixed_sample(20, 1)
    computed = gradient_map(random_model(1, (1, 4, 1)), HalfSquaredError(), batch)
    assert not computed.norms[:2].any()
    assert computed.norms[2:].any(axis=1).all()


def test_lstm_cell_keeps_a_gradient_that_its_states_do_not() -> None:
    model, time = MODELS["lstm"](ModelSpec(1, 1, 1, biases=1)), 20
    weights = model.parameters
    # Without input all cells are 0, so that ∂L/∂c = ½ w_o ∂L/∂o, with ∂L/∂o = ⅛, at the last step.
    weights["output_weight"][...] = 16 * 0.1293
    weights["hidden_bias"][...] = 0.0, 10.0, 0.0, 0.0
    batch = Batch.uniform(np.zeros((time, 1, 1)), np.zeros((time, 1, 1)))
    computed = gradient_map(model, HalfSquaredError(), batch)
    assert computed.cell_norms is not None
    forget = 1 / (1 + np.exp(-10.0))
    expected = 0.1293 * forget ** np.arange(time)[::-1]
    np.testing.assert_allclose(computed.cell_norms[-1], expected, rtol=1e-12)
    assert computed.cell_norms[-1, [0, -1]].round(4).tolist() == [0.1292, 0.1293]
    assert not computed.norms[-1, :-1].any()
