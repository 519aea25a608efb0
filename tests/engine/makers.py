"""Models, batches and trainers with random values from a seed, for the engine's tests."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import SampledStream
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.optimizers import OPTIMIZERS, Optimizer
from rnn_tui.engine.tasks import MIN_LENGTH, TASKS
from rnn_tui.engine.trainer import Trainer

Check = Callable[..., None]  # of one row of a table, by its name
LENGTHS = st.integers(MIN_LENGTH, 66) | st.sampled_from([128, 193])  # of sequences; 64-bit words


def check_name(check: Check) -> str:
    """Return the test id of a check."""
    return check.__name__.removeprefix("check_")


def random_model(
    seed: int, sizes: tuple[int, int, int], *, kind: str = "elman", **spec_fields: Any
) -> Model:
    """Return a model with (inputs, hidden, outputs) of `sizes` and normally distributed weights."""
    model = MODELS[kind](ModelSpec(*sizes, **spec_fields))
    size = model.parameters.vector.size
    model.parameters.vector[:] = np.random.RandomState(seed).standard_normal(size)
    return model


def random_batch(seed: int, time: int, batch: int, inputs: int, outputs: int) -> Batch:
    """Return a batch of random bits with uniform loss weights."""
    random = np.random.RandomState(seed)

    def bits(features: int) -> NDArray[np.float64]:
        return random.randint(0, 2, size=(time, batch, features)).astype(float)

    return Batch.uniform(bits(inputs), bits(outputs))


def make_trainer(
    task: str,
    length: int,
    learning_rate: float,
    *,
    batch_size: int = 1,
    optimizer: Optimizer = OPTIMIZERS["sgd"],
    activation: str = "sigmoid",
) -> Trainer:
    """Return a trainer of an Elman model with 16 units, initialised uniformly, from seed 0."""
    random, made_task = np.random.RandomState(0), TASKS[task](length)
    model = MODELS["elman"](ModelSpec(made_task.inputs, 16, 1, activation=activation))
    model.parameters.vector[:] = 2 * random.random_sample(model.parameters.vector.size) - 1
    stream = SampledStream(made_task, batch_size, random)
    return Trainer(model, HalfSquaredError(), optimizer, learning_rate, stream)


def same_rng_state(one: np.random.RandomState, other: np.random.RandomState) -> bool:
    """Return whether both generators would draw the same numbers from now on."""
    mine, theirs = one.get_state(legacy=False), other.get_state(legacy=False)
    return all(
        np.array_equal(mine["state"][part], theirs["state"][part]) for part in ("key", "pos")
    ) and all(mine[part] == theirs[part] for part in ("has_gauss", "gauss"))
