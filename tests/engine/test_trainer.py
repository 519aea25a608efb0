"""Training is what the tutorials' plain program does, and stops before it does harm."""

import copy
from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import FixedDataset, SampledStream
from rnn_tui.engine.gradient_transforms import ClipNorm, WeightDecay
from rnn_tui.engine.losses import LOSSES, HalfSquaredError
from rnn_tui.engine.models import MODELS, ModelSpec
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import MAX_VANISHED_STEPS, Trainer, TrainingHalted
from rnn_tui.engine.update_rules import UPDATE_RULES
from tests.engine.makers import trainer_of

BITS, RATE = 8, 0.1


class PlainProgram:
    """The tutorials' net of 16 units, one number, one column and one matrix at a time."""

    def __init__(self, subtract: bool) -> None:
        self.subtract = subtract
        self.random = np.random.RandomState(0)
        drawn = 2 * self.random.random_sample(32 + 256 + 16) - 1
        self.into = drawn[:32].reshape(2, 16)
        self.around = drawn[32:288].reshape(16, 16)
        self.out = drawn[288:].reshape(16, 1)

    def step(self) -> float:
        """Train on one pair and return its error, NaN for a pair that is skipped."""
        a, b = int(self.random.randint(128)), int(self.random.randint(128))
        if self.subtract and a < b:
            return nan
        answer = a - b if self.subtract else a + b
        columns = [np.array([[a >> t & 1, b >> t & 1]]) for t in range(BITS)]
        truth = [answer >> t & 1 for t in range(BITS)]

        hidden, said = [np.zeros((1, 16))], []
        for column in columns:
            hidden.append(squash(column @ self.into + hidden[-1] @ self.around))
            said.append(squash(hidden[-1] @ self.out))

        into, around, out = (np.zeros_like(w) for w in (self.into, self.around, self.out))
        later = np.zeros((1, 16))
        for t in reversed(range(BITS)):
            h, y = hidden[t + 1], said[t]
            output_delta = (truth[t] - y) * y * (1 - y)
            delta = (later @ self.around.T + output_delta @ self.out.T) * h * (1 - h)
            out += h.T @ output_delta
            around += hidden[t].T @ delta
            into += columns[t].T @ delta
            later = delta
        self.into += RATE * into
        self.around += RATE * around
        self.out += RATE * out
        return sum(abs(truth[t] - float(said[t][0, 0])) for t in range(BITS))


def squash(values: FloatArray) -> FloatArray:
    squashed: FloatArray = 1 / (1 + np.exp(-values))
    return squashed


@pytest.mark.parametrize("task", ["addition", "subtraction"])
def test_training_is_what_the_plain_program_does(task: str) -> None:
    trainer, plain = trainer_of(task, BITS, RATE), PlainProgram(task == "subtraction")
    skipped = 0
    for _ in range(200):
        expected, taken = plain.step(), trainer.step()
        if taken is None:
            assert isnan(expected)
            skipped += 1
        else:
            assert taken.loss_result.metric == pytest.approx(expected, rel=1e-9)
    assert (skipped > 0) == (task == "subtraction")
    for name, weights in (
        ("input_weight", plain.into),
        ("recurrent_weight", plain.around),
        ("output_weight", plain.out),
    ):
        np.testing.assert_allclose(trainer.model.parameters[name], weights, rtol=1e-9)


def test_a_skipped_pair_leaves_everything_as_it_was() -> None:
    trainer = trainer_of("subtraction", BITS, 0.01, optimizer=OPTIMIZERS["adam"])
    skipped = 0
    for _ in range(60):
        weights, latest = trainer.model.parameters.vector.copy(), trainer.last_result
        memory = {name: values.copy() for name, values in trainer.optimizer_state.items()}
        if trainer.step() is None:
            skipped += 1
            assert trainer.last_result is latest
            assert np.array_equal(trainer.model.parameters.vector, weights)
            assert all(
                np.array_equal(trainer.optimizer_state[name], memory[name]) for name in memory
            )
    assert 0 < skipped < 60


def test_only_a_batch_without_any_allowed_pair_is_skipped() -> None:
    trainer = trainer_of("subtraction", BITS, 0.01, batch=3)
    taken = [trainer.step() for _ in range(60)]
    assert {0 if one is None else one.batch.n_valid for one in taken} == {0, 1, 2, 3}


def test_a_gradient_that_is_not_finite_halts_before_the_weights_change() -> None:
    trainer = trainer_of("addition", BITS, RATE)
    trainer.model.parameters["output_weight"][3] = nan
    weights = trainer.model.parameters.vector.copy()
    with pytest.raises(TrainingHalted, match="overflowed"):
        trainer.step()
    assert np.array_equal(trainer.model.parameters.vector, weights, equal_nan=True)


def saturated(**made: Any) -> Trainer:
    """Return a trainer whose units all sit where their curve is flat, and whose output is wrong."""
    trainer = trainer_of("addition", BITS, RATE, **made)
    trainer.model.parameters.vector[:] = 1e6
    trainer.model.parameters["output_weight"][...] = 0.0
    trainer.model.parameters["output_weight"][0] = -1e6
    return trainer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saturated_net_halts_after_twenty_steps(name: str) -> None:
    trainer = saturated(optimizer=OPTIMIZERS[name])
    for _ in range(2):  # one that is let go on has its patience again
        for _ in range(MAX_VANISHED_STEPS - 1):
            taken = trainer.step()
            assert taken is not None
            assert taken is trainer.last_result
            assert taken.squared_norm == 0.0
        with pytest.raises(TrainingHalted, match="saturated"):
            trainer.step()


@pytest.mark.parametrize("order", UPDATE_RULES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_without_a_gradient_is_a_step_of_the_optimizer(name: str, order: str) -> None:
    """Momentum rolls on, means fade, and Adam counts, as in torch, when nothing comes in."""
    optimizer, random = OPTIMIZERS[name], np.random.RandomState(3)
    model = FeedForward(ModelSpec(2, 3, 1, activation="relu"))
    model.parameters.vector[:] = random.standard_normal(model.parameters.vector.size)
    task = TASKS["xor"]()
    lessons = task.solve(np.array([[[1.0, 0.0], [0.0, 0.0]]]))  # the second moves no weight
    stream = FixedDataset(task, 1, random, lessons)
    trainer = Trainer(model, HalfSquaredError(), optimizer, 0.01, stream, (), order)
    assert trainer.step()
    layers = model.layer_slices() if order == "layerwise" else [slice(None)]
    before, memory = model.parameters.vector.copy(), copy.deepcopy(trainer.optimizer_state)
    taken = trainer.step()
    assert taken is not None
    assert taken.squared_norm == 0.0
    for index, place in enumerate(layers):
        names = list(optimizer.init(1))
        keys = dict(zip(names, list(memory)[index * len(names) :], strict=False))
        state = {it: memory[key] for it, key in keys.items()}
        weights = before[place].copy()
        ahead = optimizer.lookahead_step(state)
        weights += 0.0 if ahead is None else ahead
        weights += optimizer.update(state, np.zeros(weights.size), weights, 0.01)
        np.testing.assert_array_equal(model.parameters.vector[place], weights)


def test_one_step_that_moves_the_weights_renews_the_patience() -> None:
    trainer = saturated()
    flat = trainer.model.parameters.vector.copy()
    for _ in range(3):
        for _ in range(MAX_VANISHED_STEPS - 1):
            trainer.step()
        trainer.model.parameters.vector[:] = 0.1
        taken = trainer.step()
        assert taken is not None
        assert taken.squared_norm > 0
        trainer.model.parameters.vector[:] = flat


def test_a_net_that_has_learnt_all_there_is_never_halts() -> None:
    trainer = saturated()
    trainer.model.parameters["output_weight"][...] = 0.0
    everywhere = Batch.uniform(np.ones((BITS, 1, 2)), np.full((BITS, 1, 1), 0.5))
    random = np.random.RandomState(0)
    trainer.stream = FixedDataset(TASKS["addition"](BITS), 1, random, everywhere)
    for _ in range(3 * MAX_VANISHED_STEPS):
        taken = trainer.step()
        assert taken is not None
        assert (taken.loss_result.loss, taken.squared_norm) == (0.0, 0.0)


def test_examples_that_move_no_weight_are_passed_over() -> None:
    """Rectified units without a bias stay at 0 when nothing but zeros comes in."""
    trainer, unmoved = trainer_of("parity", 2, 0.01, units="relu"), 0
    for _ in range(400):
        taken = trainer.step()
        assert taken is not None
        if taken.squared_norm == 0:
            unmoved += 1
            assert not taken.batch.inputs.any()
    assert unmoved > 50


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rate_far_too_high_halts(name: str) -> None:
    trainer = trainer_of("addition", BITS, 1e6, optimizer=OPTIMIZERS[name])
    with pytest.raises(TrainingHalted, match="saturated"):  # noqa: PT012 - whichever step it is
        for _ in range(1000):
            trainer.step()
    assert np.isfinite(trainer.model.parameters.vector).all()


@pytest.mark.parametrize("order", UPDATE_RULES)
def test_going_on_with_an_optimizer_empties_its_memory(order: str) -> None:
    model = MODELS["feed-forward"].from_spec(ModelSpec(2, 4, 1))
    model.parameters.vector[:] = np.linspace(-1, 1, model.parameters.vector.size)
    stream = SampledStream(TASKS["addition"](4), 2, np.random.RandomState(0))
    loss, kept = LOSSES["cross-entropy"](), (ClipNorm(1.0),)
    trainer = Trainer(model, loss, OPTIMIZERS["adam"], 0.01, stream, kept, order)
    for _ in range(5):
        trainer.step()
    assert all(values.any() for values in trainer.optimizer_state.values())
    trainer.set_optimizer(OPTIMIZERS["momentum"], order)
    assert isinstance(trainer.update_rule, UPDATE_RULES[order])
    assert trainer.update_rule.gradient_transforms == kept
    assert trainer.learning_rate == 0.01
    assert trainer.optimizer_state
    assert not any(values.any() for values in trainer.optimizer_state.values())
    weights = model.parameters.vector.copy()
    trainer.step()
    assert all(values.any() for values in trainer.optimizer_state.values())
    assert not np.array_equal(model.parameters.vector, weights)


def test_transformations_come_before_the_optimizer_in_their_order() -> None:
    trainer = trainer_of("addition", BITS, RATE)
    trainer.update_rule.gradient_transforms = (ClipNorm(0.1), WeightDecay(2.0))
    plain = trainer_of("addition", BITS, RATE)
    weights = plain.model.parameters.vector.copy()
    taken = plain.step()
    assert taken is not None
    gradient = (weights - plain.model.parameters.vector) / RATE
    norm = float(np.linalg.norm(gradient))
    assert taken.squared_norm == pytest.approx(norm**2)
    assert norm > 0.1
    same = trainer.step()
    assert same is not None
    assert same.squared_norm == taken.squared_norm
    expected = weights - RATE * (0.1 / (norm + 1e-6) * gradient + 2.0 * weights)
    np.testing.assert_allclose(trainer.model.parameters.vector, expected, rtol=1e-7, atol=1e-12)
