"""Weights change after the backward pass or layer by layer, as the update rule specifies."""

from math import inf, nan

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
from rnn_tui.engine.trainer import StepResult, Trainer, TrainingHalted
from rnn_tui.engine.update_rules import UPDATE_RULES, AfterBackward, Layerwise
from tests.engine.makers import Check, check_name, random_batch, random_model

LEARNING_RATE = 0.3


def xor_examples() -> Batch:
    examples = TASKS["xor"]().all_examples()
    assert examples is not None
    return examples


def xor_trainer(
    model: Model,
    update_rule: str,
    optimizer: str = "sgd",
    learning_rate: float = LEARNING_RATE,
    clip_norm: float = inf,
) -> Trainer:
    """Return a trainer of `model` on the four examples of XOR, all in one batch."""
    stream = FixedDataset(TASKS["xor"](), 4, np.random.RandomState(0), xor_examples())
    loss = LOSSES["half-squared-error"]("sum")
    transforms = make_gradient_transforms(inf, clip_norm, 0.0)
    return Trainer(
        model, loss, OPTIMIZERS[optimizer], learning_rate, stream, transforms, update_rule
    )


def layers_of(model: Model, depth: int) -> list[tuple[FloatArray, FloatArray]]:
    """Return copies of each layer's weight and bias, the lowest first."""
    weights = model.parameters
    return [(weights[f"weight_{n}"].copy(), weights[f"bias_{n}"].copy()) for n in range(1, depth)]


def squash(values: FloatArray) -> FloatArray:
    squashed: FloatArray = 1 / (1 + np.exp(-values))
    return squashed


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    hidden=st.integers(1, 6),
    layers=st.integers(1, 4),
    layerwise=st.booleans(),
)
def test_each_update_rule_matches_a_plain_program(
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
            changed = (
                weight - LEARNING_RATE * outputs[above].T @ delta,
                bias - LEARNING_RATE * delta.sum(axis=0),
            )
            error = delta @ (changed[0] if layerwise else weight).T
            plain[above] = changed
    for (weight, bias), expected in zip(layers_of(model, layers + 2), plain, strict=True):
        np.testing.assert_allclose(weight, expected[0], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(bias, expected[1], rtol=1e-9, atol=1e-12)


def check_update_rules_are_equal_for_a_single_layer(optimizer: str) -> None:
    weights = []
    for update_rule in UPDATE_RULES:
        model = FeedForward(ModelSpec(2, 1, 1, biases=1, layers=0))
        model.parameters.vector[:] = 0.5, -0.3, 0.2
        trainer = xor_trainer(model, update_rule, optimizer, OPTIMIZERS[optimizer].default_lr)
        for _ in range(30):
            trainer.step()
        weights.append(model.parameters.vector.copy())
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], [0.5, -0.3, 0.2])


def test_update_rules_agree_on_the_output_layer_and_differ_below() -> None:
    after = []
    for update_rule in UPDATE_RULES:
        model = random_model(1, (2, 5, 1), kind="feed-forward", biases=1, layers=2)
        xor_trainer(model, update_rule).step()
        after.append(layers_of(model, 4))
    for part in (0, 1):
        np.testing.assert_allclose(after[0][2][part], after[1][2][part], rtol=1e-12)
        assert not np.allclose(after[0][1][part], after[1][1][part], rtol=1e-6)
        assert not np.allclose(after[0][0][part], after[1][0][part], rtol=1e-6)


def check_loss_decreases_with_every_update_rule(optimizer: str) -> None:
    for update_rule in UPDATE_RULES:
        model = random_model(3, (2, 16, 1), kind="feed-forward", biases=1)
        trainer = xor_trainer(model, update_rule, optimizer, OPTIMIZERS[optimizer].default_lr)
        losses: list[float] = []

        def record(result: StepResult | None, losses: list[float] = losses) -> None:
            losses.append(result.loss_result.loss if result else nan)

        trainer.train(60, record)
        assert losses[-1] < 0.85 * losses[0]
        assert np.isfinite(model.parameters.vector).all()


def check_layerwise_state_is_one_state_per_layer(optimizer: str) -> None:
    model = random_model(3, (2, 4, 1), kind="feed-forward", biases=1, layers=2)
    assert isinstance(model, LayeredModel)
    update_rule = Layerwise(model, OPTIMIZERS[optimizer], ())
    sizes = [layer.stop - layer.start for layer in model.layer_slices()]
    assert sum(sizes) == model.parameters.vector.size
    states = [OPTIMIZERS[optimizer].init_state(size) for size in sizes]
    assert len(update_rule.state) == sum(map(len, states))
    assert sum(values.size for values in update_rule.state.values()) == sum(
        values.size for state in states for values in state.values()
    )


def test_layerwise_clips_the_norm_of_each_layer() -> None:
    limit = 0.05
    model = random_model(2, (2, 5, 1), kind="feed-forward", biases=1, layers=2)
    assert isinstance(model, LayeredModel)
    before = model.parameters.vector.copy()
    xor_trainer(model, "layerwise", clip_norm=limit).step()
    step = before - model.parameters.vector
    norms = [float(np.linalg.norm(step[layer])) for layer in model.layer_slices()]
    assert max(norms) == pytest.approx(LEARNING_RATE * limit, rel=1e-4)

    unclipped = random_model(2, (2, 5, 1), kind="feed-forward", biases=1, layers=2)
    xor_trainer(unclipped, "backpropagation", clip_norm=limit).step()
    total = float(np.linalg.norm(before - unclipped.parameters.vector))
    assert total == pytest.approx(LEARNING_RATE * limit, rel=1e-4)
    assert np.linalg.norm(norms) > 1.1 * total


def check_non_finite_gradient_halts_with_weights_unchanged(optimizer: str) -> None:
    for update_rule in UPDATE_RULES:
        model = random_model(3, (2, 4, 1), kind="feed-forward", biases=1, layers=2)
        trainer = xor_trainer(model, update_rule, optimizer)
        trainer.step()
        model.parameters["weight_2"][1, 1] = nan
        weights = model.parameters.vector.copy()
        with np.errstate(all="ignore"), pytest.raises(TrainingHalted, match="overflowed"):
            trainer.step()
        assert np.array_equal(model.parameters.vector, weights, equal_nan=True)


CHECKS: list[Check] = [
    check_update_rules_are_equal_for_a_single_layer,
    check_loss_decreases_with_every_update_rule,
    check_layerwise_state_is_one_state_per_layer,
    check_non_finite_gradient_halts_with_weights_unchanged,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str, check: Check) -> None:
    check(name)


@pytest.mark.parametrize("kind", [kind for kind in MODELS if MODELS[kind].supports_layerwise])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_update_rules_return_the_same_squared_norm_for_tiny_steps(
    kind: str, loss: str, reduction: str
) -> None:
    batch, made_loss = random_batch(1, 1, 4, 2, 1), LOSSES[loss](reduction)
    norms = []
    for rule_class in (AfterBackward, Layerwise):
        model = random_model(3, (2, 4, 1), kind=kind, biases=1)
        cache = model.forward(batch.inputs)
        gradient = made_loss.compute(cache.logits, batch).gradient
        update_rule = rule_class(model, OPTIMIZERS["sgd"], (ClipNorm(1e-3),))
        norms.append(update_rule.step(cache, gradient, 1e-12))
    assert norms[0] == pytest.approx(norms[1], rel=1e-9)
