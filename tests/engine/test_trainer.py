"""Training is what the tutorials' plain program does, and stops before it does harm."""

from math import isnan, nan

import numpy as np
import pytest

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.trainer import Halted
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
            assert taken.judgement.error == pytest.approx(expected, rel=1e-9)
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
        weights, latest = trainer.model.parameters.vector.copy(), trainer.latest
        memory = {name: values.copy() for name, values in trainer.state.items()}
        if trainer.step() is None:
            skipped += 1
            assert trainer.latest is latest
            assert np.array_equal(trainer.model.parameters.vector, weights)
            assert all(np.array_equal(trainer.state[name], memory[name]) for name in memory)
    assert 0 < skipped < 60


def test_only_a_batch_without_any_allowed_pair_is_skipped() -> None:
    trainer = trainer_of("subtraction", BITS, 0.01, batch=3)
    taken = [trainer.step() for _ in range(60)]
    assert {0 if one is None else one.batch.learnt for one in taken} == {0, 1, 2, 3}


def test_a_gradient_that_is_not_finite_halts_before_the_weights_change() -> None:
    trainer = trainer_of("addition", BITS, RATE)
    trainer.model.parameters["output_weight"][3] = nan
    weights = trainer.model.parameters.vector.copy()
    with pytest.raises(Halted, match="overflowed"):
        trainer.step()
    assert np.array_equal(trainer.model.parameters.vector, weights, equal_nan=True)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saturated_net_halts_before_the_weights_change(name: str) -> None:
    trainer = trainer_of("addition", BITS, 1e6, optimizer=OPTIMIZERS[name])
    weights = trainer.model.parameters.vector.copy()
    with pytest.raises(Halted, match="saturated"):  # noqa: PT012 - whichever step it is
        for _ in range(1000):
            weights = trainer.model.parameters.vector.copy()
            trainer.step()
    assert np.array_equal(trainer.model.parameters.vector, weights)
    assert np.isfinite(weights).all()


def test_going_on_with_an_optimizer_empties_its_memory() -> None:
    trainer = trainer_of("addition", BITS, 0.01, optimizer=OPTIMIZERS["adam"])
    for _ in range(5):
        trainer.step()
    trainer.use(OPTIMIZERS["adam"], 0.02)
    fresh = OPTIMIZERS["adam"].init(trainer.model.parameters.vector.size)
    assert trainer.learning_rate == 0.02
    assert trainer.state.keys() == fresh.keys()
    assert not any(values.any() for values in trainer.state.values())
