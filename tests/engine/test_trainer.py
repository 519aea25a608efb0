"""Training matches the tutorials' program and halts before it harms the weights."""

import copy
from dataclasses import replace
from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import FixedDataset, SampledStream
from rnn_tui.engine.gradient_transforms import ClipNorm, WeightDecay
from rnn_tui.engine.losses import LOSSES, HalfSquaredError
from rnn_tui.engine.models import MODELS, ForwardCache, ModelSpec
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.optimizers import OPTIMIZERS, Optimizer
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import (
    MAX_VANISHED_STEPS,
    SOLVED_LOSS,
    StepResult,
    Trainer,
    TrainingHalted,
)
from rnn_tui.engine.update_rules import UPDATE_RULES
from rnn_tui.run.run import Run
from tests.engine.makers import Check, check_name, make_trainer
from tests.support.reference import load

overflowing = np.errstate(over="ignore")  # for tests of `Trainer.step`, which does not ignore it
BITS, LEARNING_RATE = 8, 0.1


class PlainProgram:
    """The tutorials' model of 16 units, one pair, one column and one matrix at a time."""

    def __init__(self, subtract: bool) -> None:
        self.subtract = subtract
        self.random = np.random.RandomState(0)
        drawn = 2 * self.random.random_sample(32 + 256 + 16) - 1
        self.into = drawn[:32].reshape(2, 16)
        self.around = drawn[32:288].reshape(16, 16)
        self.out = drawn[288:].reshape(16, 1)

    def step(self) -> float:
        """Train on one pair and return its L1 error, NaN for a skipped pair."""
        a, b = int(self.random.randint(128)), int(self.random.randint(128))
        if self.subtract and a < b:
            return nan
        answer = a - b if self.subtract else a + b
        columns = [np.array([[a >> t & 1, b >> t & 1]]) for t in range(BITS)]
        targets = [answer >> t & 1 for t in range(BITS)]

        hidden, outputs = [np.zeros((1, 16))], []
        for column in columns:
            hidden.append(squash(column @ self.into + hidden[-1] @ self.around))
            outputs.append(squash(hidden[-1] @ self.out))

        into, around, out = (np.zeros_like(w) for w in (self.into, self.around, self.out))
        later = np.zeros((1, 16))
        for t in reversed(range(BITS)):
            h, y = hidden[t + 1], outputs[t]
            output_delta = (targets[t] - y) * y * (1 - y)
            delta = (later @ self.around.T + output_delta @ self.out.T) * h * (1 - h)
            out += h.T @ output_delta
            around += hidden[t].T @ delta
            into += columns[t].T @ delta
            later = delta
        self.into += LEARNING_RATE * into
        self.around += LEARNING_RATE * around
        self.out += LEARNING_RATE * out
        return sum(abs(targets[t] - float(outputs[t][0, 0])) for t in range(BITS))


def squash(values: FloatArray) -> FloatArray:
    squashed: FloatArray = 1 / (1 + np.exp(-values))
    return squashed


@pytest.mark.parametrize("task", ["addition", "subtraction"])
def test_training_matches_the_plain_program(task: str) -> None:
    trainer, plain = make_trainer(task, BITS, LEARNING_RATE), PlainProgram(task == "subtraction")
    skipped = 0
    for _ in range(200):
        expected, result = plain.step(), trainer.step()
        if result is None:
            assert isnan(expected)
            skipped += 1
        else:
            assert result.loss_result.metric == pytest.approx(expected, rel=1e-9)
    assert (skipped > 0) == (task == "subtraction")
    for name, weights in (
        ("input_weight", plain.into),
        ("recurrent_weight", plain.around),
        ("output_weight", plain.out),
    ):
        np.testing.assert_allclose(trainer.model.parameters[name], weights, rtol=1e-9)


def test_rprop_follows_torch_with_saturated_units() -> None:
    """From step 867 on, the signs of gradients as small as 4e-20 decide."""
    settings = RECIPES[DEFAULT_RECIPE].settings
    run = Run(replace(settings, optimizer="rprop", learning_rate=0.01, batch_size=16))
    run.advance(1000)
    weights = run.trainer.model.parameters.vector
    np.testing.assert_allclose(weights, load("rprop")["weights"], rtol=1e-9, atol=1e-9)


def test_skipped_batch_changes_nothing() -> None:
    trainer = make_trainer("subtraction", BITS, 0.01, optimizer=OPTIMIZERS["adam"])
    skipped = 0
    for _ in range(60):
        weights, latest = trainer.model.parameters.vector.copy(), trainer.last_result
        state = {name: values.copy() for name, values in trainer.optimizer_state.items()}
        if trainer.step() is None:
            skipped += 1
            assert trainer.last_result is latest
            assert np.array_equal(trainer.model.parameters.vector, weights)
            assert all(np.array_equal(trainer.optimizer_state[name], state[name]) for name in state)
    assert 0 < skipped < 60


def test_only_batches_without_valid_sequences_are_skipped() -> None:
    trainer = make_trainer("subtraction", BITS, 0.01, batch_size=3)
    results = [trainer.step() for _ in range(60)]
    assert {0 if result is None else result.batch.n_valid for result in results} == {0, 1, 2, 3}


def test_non_finite_gradient_halts_with_weights_unchanged() -> None:
    trainer = make_trainer("addition", BITS, LEARNING_RATE)
    trainer.model.parameters["output_weight"][3] = nan
    weights = trainer.model.parameters.vector.copy()
    with pytest.raises(TrainingHalted, match="overflowed"):
        trainer.step()
    assert np.array_equal(trainer.model.parameters.vector, weights, equal_nan=True)


def saturated_trainer(**options: Any) -> Trainer:
    """Return a trainer whose units are all saturated and whose outputs are incorrect."""
    trainer = make_trainer("addition", BITS, LEARNING_RATE, **options)
    trainer.model.parameters.vector[:] = 1e6
    trainer.model.parameters["output_weight"][...] = 0.0
    trainer.model.parameters["output_weight"][0] = -1e6
    return trainer


def moves_without_gradient(optimizer: Optimizer) -> bool:
    """Return whether weight decay or drift changes weights whose gradient is 0."""
    update = optimizer.update(optimizer.init_state(1), np.zeros(1), np.ones(1), LEARNING_RATE)
    return bool(update.any())


@overflowing
def check_saturated_model_halts_unless_the_optimizer_moves_it(name: str) -> None:
    trainer = saturated_trainer(optimizer=OPTIMIZERS[name])
    if moves_without_gradient(OPTIMIZERS[name]):
        for _ in range(3 * MAX_VANISHED_STEPS):
            assert trainer.step()
        return
    for _ in range(2):  # the count starts again when training is resumed
        for _ in range(MAX_VANISHED_STEPS - 1):
            result = trainer.step()
            assert result is not None
            assert result is trainer.last_result
            assert result.squared_norm == 0.0
        with pytest.raises(TrainingHalted, match="saturated"):
            trainer.step()


def check_zero_gradient_is_a_step_of_the_optimizer(name: str) -> None:
    """As in PyTorch, velocities and moments decay and Adam counts the step."""
    for update_rule in UPDATE_RULES:
        _check_zero_gradient_step(name, update_rule)


def _check_zero_gradient_step(name: str, update_rule: str) -> None:
    optimizer, random = OPTIMIZERS[name], np.random.RandomState(3)
    model = FeedForward(ModelSpec(2, 3, 1, activation="relu"))
    model.parameters.vector[:] = random.standard_normal(model.parameters.vector.size)
    task = TASKS["xor"]()
    inputs = np.array([[[1.0, 0.0], [0.0, 0.0]]])  # the second has no gradient
    examples = task.batch_from_inputs(inputs)
    stream = FixedDataset(task, 1, random, examples)
    trainer = Trainer(model, HalfSquaredError(), optimizer, 0.01, stream, (), update_rule)
    assert trainer.step()
    layers = model.layer_slices() if update_rule == "layerwise" else [slice(None)]
    before, state = model.parameters.vector.copy(), copy.deepcopy(trainer.optimizer_state)
    result = trainer.step()
    assert result is not None
    assert result.squared_norm == 0.0
    for index, layer in enumerate(layers):
        names = list(optimizer.init_state(1))
        keys = dict(zip(names, list(state)[index * len(names) :], strict=False))
        layer_state = {name: state[key] for name, key in keys.items()}
        weights = before[layer].copy()
        lookahead = optimizer.lookahead_step(layer_state)
        weights += 0.0 if lookahead is None else lookahead
        weights -= optimizer.update(layer_state, np.zeros(weights.size), weights, 0.01)
        np.testing.assert_array_equal(model.parameters.vector[layer], weights)


@overflowing
def test_a_step_with_a_gradient_resets_the_vanished_steps() -> None:
    trainer = saturated_trainer()
    saturated_weights = trainer.model.parameters.vector.copy()
    for _ in range(3):
        for _ in range(MAX_VANISHED_STEPS - 1):
            trainer.step()
        trainer.model.parameters.vector[:] = 0.1
        result = trainer.step()
        assert result is not None
        assert result.squared_norm > 0
        trainer.model.parameters.vector[:] = saturated_weights


def test_train_emits_no_warnings_and_records_each_step() -> None:
    trainer, results = saturated_trainer(), list[StepResult | None]()
    trainer.model.parameters.vector *= -1.0
    with pytest.warns(RuntimeWarning, match="overflow"):
        trainer.step()
    trainer.train(3, results.append)
    assert [result is not None and result.squared_norm for result in results] == [0.0] * 3


@overflowing
def test_solved_task_never_halts() -> None:
    trainer = saturated_trainer()
    trainer.model.parameters["output_weight"][...] = 0.0
    examples = Batch.uniform(np.ones((BITS, 1, 2)), np.full((BITS, 1, 1), 0.5))
    random = np.random.RandomState(0)
    trainer.stream = FixedDataset(TASKS["addition"](BITS), 1, random, examples)
    for _ in range(3 * MAX_VANISHED_STEPS):
        result = trainer.step()
        assert result is not None
        assert (result.loss_result.loss, result.squared_norm) == (0.0, 0.0)


def test_single_examples_without_a_gradient_do_not_halt() -> None:
    """ReLU units without a bias stay at 0 for inputs of zeros."""
    trainer, n_vanished = make_trainer("parity", 2, 0.01, activation="relu"), 0
    for _ in range(400):
        result = trainer.step()
        assert result is not None
        if result.squared_norm == 0:
            n_vanished += 1
            assert not result.batch.inputs.any()
    assert n_vanished > 50


@overflowing
@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "nesterov-ahead", "adam"])
def test_huge_learning_rate_saturates_units(name: str) -> None:
    trainer = make_trainer("addition", BITS, 1e6, optimizer=OPTIMIZERS[name])
    with pytest.raises(TrainingHalted, match="saturated"):  # noqa: PT012 - whichever step it is
        for _ in range(1000):
            trainer.step()
    assert np.isfinite(trainer.model.parameters.vector).all()


@overflowing
def check_small_gradient_that_the_optimizer_amplifies_does_not_halt(name: str) -> None:
    """Gradients of 5e-11 are lost in the weights of SGD, but move those of Adam by 1e-3."""
    trainer = saturated_trainer(optimizer=OPTIMIZERS[name])
    backward, moved = trainer.model.backward, []

    def tiny_gradient(cache: ForwardCache, logit_gradient: FloatArray) -> None:
        backward(cache, logit_gradient)
        trainer.model.gradient.vector[:] = 5e-12

    trainer.model.backward = tiny_gradient  # type: ignore[method-assign]  # of a saturated model
    trainer.model.parameters.vector[0] = 1.0
    halted = False
    for _ in range(MAX_VANISHED_STEPS):
        before = trainer.model.parameters.vector.copy()
        try:
            trainer.step()
        except TrainingHalted:
            halted = True
        moved.append(np.abs(trainer.model.parameters.vector - before).max() > 1e-9)
    assert halted == (not any(moved))


def check_zero_epsilon_is_the_reason_for_0_over_0(name: str) -> None:
    if "epsilon" not in OPTIMIZERS[name].hyperparameters() or name == "rmsprop-drift":
        return
    optimizer = replace(OPTIMIZERS[name], epsilon=0.0)  # type: ignore[call-arg]  # of those that have it
    trainer = make_trainer("addition", BITS, LEARNING_RATE, optimizer=optimizer)
    examples = TASKS["addition"](BITS).batch_from_inputs(
        np.zeros((BITS, 1, 2))
    )  # no input weight has gradient
    trainer.stream = FixedDataset(trainer.stream.task, 1, np.random.RandomState(0), examples)
    with np.errstate(all="ignore"):
        trainer.step()
        with pytest.raises(TrainingHalted, match="epsilon is 0"):
            trainer.step()


@pytest.mark.parametrize("task", ["parity", "xor"])
def test_stationary_point_of_unsaturated_units_does_not_halt(task: str) -> None:
    """Gradients cancel at a least-squares optimum, where training has converged."""
    made_task = TASKS[task](8)
    if task == "parity":
        model, weights = MODELS["linear"](ModelSpec(1, 1, 1)), [0.3, -0.2]
    else:  # 2 equal units: ŷ = (a + b) / 3
        model = MODELS["feed-forward"](ModelSpec(2, 2, 1, activation="relu"))
        weights = [1.0, 1.0, 1.0, 1.0, 1 / 6, 1 / 6]
    model.parameters.vector[:] = weights
    examples = made_task.all_examples()
    assert examples
    random, size = np.random.RandomState(0), examples.inputs.shape[1]
    stream = FixedDataset(made_task, size, random, examples)
    trainer = Trainer(model, LOSSES["mean-squared-error"](), OPTIMIZERS["sgd"], 0.02, stream)
    result = None
    for _ in range(3000):
        result = trainer.step()
    assert result is not None
    assert result.squared_norm < 1e-20
    assert result.loss_result.loss > SOLVED_LOSS


@overflowing
def test_weight_decay_that_frees_saturated_units_does_not_halt() -> None:
    trainer = make_trainer("addition", BITS, 0.1)
    trainer.model.parameters.vector[:] = 40.0
    trainer.update_rule.gradient_transforms = (WeightDecay(0.1),)
    for _ in range(3000):
        trainer.step()
    assert np.abs(trainer.model.parameters.vector).max() < 1


def test_weights_that_overflow_by_decay_are_the_reason() -> None:
    trainer = make_trainer("addition", BITS, 0.1)
    trainer.update_rule.gradient_transforms = (WeightDecay(1e300),)
    with np.errstate(all="ignore"), pytest.raises(TrainingHalted, match="weights overflowed"):  # noqa: PT012 - at any step
        for _ in range(5):
            trainer.step()


CHECKS: list[Check] = [
    check_saturated_model_halts_unless_the_optimizer_moves_it,
    check_small_gradient_that_the_optimizer_amplifies_does_not_halt,
    check_zero_epsilon_is_the_reason_for_0_over_0,
    check_zero_gradient_is_a_step_of_the_optimizer,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str, check: Check) -> None:
    check(name)


@pytest.mark.parametrize("update_rule", UPDATE_RULES)
def test_set_optimizer_resets_the_optimizer_state(update_rule: str) -> None:
    model = MODELS["feed-forward"](ModelSpec(2, 4, 1))
    model.parameters.vector[:] = np.linspace(-1, 1, model.parameters.vector.size)
    stream = SampledStream(TASKS["addition"](4), 2, np.random.RandomState(0))
    loss, transforms = LOSSES["cross-entropy"](), (ClipNorm(1.0),)
    trainer = Trainer(model, loss, OPTIMIZERS["adam"], 0.01, stream, transforms, update_rule)
    for _ in range(5):
        trainer.step()
    assert all(values.any() for values in trainer.optimizer_state.values())
    trainer.set_optimizer(OPTIMIZERS["momentum"], update_rule)
    assert isinstance(trainer.update_rule, UPDATE_RULES[update_rule])
    assert trainer.update_rule.gradient_transforms == transforms
    assert trainer.learning_rate == 0.01
    assert trainer.optimizer_state
    assert not any(values.any() for values in trainer.optimizer_state.values())
    weights = model.parameters.vector.copy()
    trainer.step()
    assert all(values.any() for values in trainer.optimizer_state.values())
    assert not np.array_equal(model.parameters.vector, weights)


def test_gradient_transforms_are_applied_in_order_before_the_optimizer() -> None:
    trainer = make_trainer("addition", BITS, LEARNING_RATE)
    trainer.update_rule.gradient_transforms = (ClipNorm(0.1), WeightDecay(2.0))
    plain = make_trainer("addition", BITS, LEARNING_RATE)
    weights = plain.model.parameters.vector.copy()
    result = plain.step()
    assert result is not None
    gradient = (weights - plain.model.parameters.vector) / LEARNING_RATE
    norm = float(np.linalg.norm(gradient))
    assert result.squared_norm == pytest.approx(norm**2)
    assert norm > 0.1
    transformed = trainer.step()
    assert transformed is not None
    assert transformed.squared_norm == result.squared_norm
    expected = weights - LEARNING_RATE * (0.1 / (norm + 1e-6) * gradient + 2.0 * weights)
    np.testing.assert_allclose(trainer.model.parameters.vector, expected, rtol=1e-7, atol=1e-12)
