"""Layer by layer, or all at once: weights change in the order that an update names."""

from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import FixedDataset
from rnn_tui.engine.gradient_transforms import ClipNorm, make_gradient_transforms
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import MODELS, ModelSpec
from rnn_tui.engine.models.base import LayeredModel, Model
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import Trainer, TrainingHalted
from rnn_tui.engine.update_rules import UPDATE_RULES, AfterBackward, Layerwise
from tests.engine.makers import random_batch, random_model

RATE = 0.3


def xor() -> Batch:
    whole = TASKS["xor"]().all_examples()
    assert whole is not None
    return whole


def xor_trainer(
    model: Model, order: str, optimizer: str = "sgd", rate: float = RATE, **wanted: Any
) -> Trainer:
    """Return a trainer of `model` on the four rows of XOR, all at every step."""
    stream = FixedDataset(TASKS["xor"](), 4, np.random.RandomState(0), xor())
    loss = LOSSES["half-squared-error"]("sum")
    chosen = make_gradient_transforms(
        wanted.get("clip_value", inf), wanted.get("clip_norm", inf), 0.0
    )
    return Trainer(model, loss, OPTIMIZERS[optimizer], rate, stream, chosen, order)


def layers_of(model: Model, depth: int) -> list[tuple[FloatArray, FloatArray]]:
    """Return copies of each layer's weight and bias, the lowest first."""
    weights = model.parameters
    return [(weights[f"weight_{n}"].copy(), weights[f"bias_{n}"].copy()) for n in range(1, depth)]


def squash(values: FloatArray) -> FloatArray:
    squashed: FloatArray = 1 / (1 + np.exp(-values))
    return squashed


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    hidden=st.integers(1, 6),
    layers=st.integers(1, 4),
    layerwise=st.booleans(),
)
def test_each_order_is_that_of_a_plain_program(
    seed: int, hidden: int, layers: int, layerwise: bool
) -> None:
    model = random_model(seed, (2, hidden, 1), kind="feed-forward", biases=1, layers=layers)
    plain = layers_of(model, layers + 2)
    trainer = xor_trainer(model, "layerwise" if layerwise else "backpropagation")
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
    for _ in range(5):
        trainer.step()
        outputs = [x.astype(float)]
        for weight, bias in plain:
            outputs.append(squash(outputs[-1] @ weight + bias))
        error = outputs[-1] - y
        for above in range(len(plain) - 1, -1, -1):
            weight, bias = plain[above]
            delta = error * outputs[above + 1] * (1 - outputs[above + 1])
            changed = weight - RATE * outputs[above].T @ delta, bias - RATE * delta.sum(axis=0)
            error = delta @ (changed[0] if layerwise else weight).T
            plain[above] = changed
    for (weight, bias), expected in zip(layers_of(model, layers + 2), plain, strict=True):
        np.testing.assert_allclose(weight, expected[0], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(bias, expected[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_with_a_single_layer_both_orders_are_one(optimizer: str) -> None:
    """A net without hidden layers has no layer below for an error to pass through to."""
    weights = []
    for order in UPDATE_RULES:
        model = FeedForward(ModelSpec(2, 1, 1, biases=1, layers=0))
        model.parameters.vector[:] = 0.5, -0.3, 0.2
        trainer = xor_trainer(model, order, optimizer, OPTIMIZERS[optimizer].default_lr)
        for _ in range(30):
            trainer.step()
        weights.append(model.parameters.vector.copy())
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], [0.5, -0.3, 0.2])


def test_the_orders_agree_on_the_highest_layer_and_differ_below() -> None:
    after = []
    for order in UPDATE_RULES:
        model = random_model(1, (2, 5, 1), kind="feed-forward", biases=1, layers=2)
        xor_trainer(model, order).step()
        after.append(layers_of(model, 4))
    for part in (0, 1):
        np.testing.assert_allclose(after[0][2][part], after[1][2][part], rtol=1e-12)
        assert not np.allclose(after[0][1][part], after[1][1][part], rtol=1e-6)
        assert not np.allclose(after[0][0][part], after[1][0][part], rtol=1e-6)


@pytest.mark.parametrize("order", UPDATE_RULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_in_every_order(optimizer: str, order: str) -> None:
    model = random_model(3, (2, 16, 1), kind="feed-forward", biases=1)
    trainer = xor_trainer(model, order, optimizer, OPTIMIZERS[optimizer].default_lr)
    losses = []
    for _ in range(60):
        taken = trainer.step()
        assert taken is not None
        losses.append(taken.loss_result.loss)
    assert losses[-1] < 0.85 * losses[0]
    assert np.isfinite(model.parameters.vector).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_layers_remember_is_what_an_optimizer_would_of_each(optimizer: str) -> None:
    model = random_model(3, (2, 4, 1), kind="feed-forward", biases=1, layers=2)
    assert isinstance(model, LayeredModel)
    update = Layerwise(model, OPTIMIZERS[optimizer], ())
    sizes = [place.stop - place.start for place in model.layer_slices()]
    assert sum(sizes) == model.parameters.vector.size
    one = [OPTIMIZERS[optimizer].init(size) for size in sizes]
    assert len(update.state) == sum(map(len, one))
    assert sum(it.size for it in update.state.values()) == sum(
        it.size for state in one for it in state.values()
    )


def test_a_norm_is_clipped_layer_by_layer_in_layerwise_order() -> None:
    limit = 0.05
    model = random_model(2, (2, 5, 1), kind="feed-forward", biases=1, layers=2)
    assert isinstance(model, LayeredModel)
    before = model.parameters.vector.copy()
    xor_trainer(model, "layerwise", clip_norm=limit).step()
    step = before - model.parameters.vector
    norms = [float(np.linalg.norm(step[place])) for place in model.layer_slices()]
    assert max(norms) == pytest.approx(RATE * limit, rel=1e-4)

    unclipped = random_model(2, (2, 5, 1), kind="feed-forward", biases=1, layers=2)
    xor_trainer(unclipped, "backpropagation", clip_norm=limit).step()
    whole = float(np.linalg.norm(before - unclipped.parameters.vector))
    assert whole == pytest.approx(RATE * limit, rel=1e-4)
    assert np.linalg.norm(norms) > 1.1 * whole


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("order", UPDATE_RULES)
def test_a_gradient_that_is_not_finite_halts_in_every_order(order: str, optimizer: str) -> None:
    model = random_model(3, (2, 4, 1), kind="feed-forward", biases=1, layers=2)
    trainer = xor_trainer(model, order, optimizer)
    trainer.step()
    model.parameters["weight_2"][1, 1] = nan
    weights = model.parameters.vector.copy()
    with np.errstate(all="ignore"), pytest.raises(TrainingHalted, match="overflowed"):
        trainer.step()
    assert np.array_equal(model.parameters.vector, weights, equal_nan=True)


@pytest.mark.parametrize(
    "kind", [kind for kind in MODELS if issubclass(MODELS[kind], LayeredModel)]
)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_both_orders_report_what_backpropagation_finds_at_the_top(
    kind: str, loss: str, reduction: str
) -> None:
    """The squared norm is of the gradient that was used; the top layer's is the same for both."""
    batch, judge = random_batch(1, 1, 4, 2, 1), LOSSES[loss](reduction).compute
    norms = []
    for order in (AfterBackward, Layerwise):
        model = random_model(3, (2, 4, 1), kind=kind, biases=1)
        trace = model.forward(batch.inputs)
        gradient = judge(trace.logits, batch).gradient
        update = order(model, OPTIMIZERS["sgd"], (ClipNorm(1e-3),))
        norms.append(update.step(trace, gradient, 1e-12))
    assert norms[0] == pytest.approx(norms[1], rel=1e-9)
