"""Random nets, batches and streams for the engine's tests, each from a seed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import SampledStream
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.optimizers import OPTIMIZERS, Optimizer
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import Trainer


def random_model(
    seed: int, sizes: tuple[int, int, int], *, kind: str = "elman", **made: Any
) -> Model:
    """Return a net with (inputs, hidden, outputs) of `sizes`, `made` so, and normal weights."""
    model = MODELS[kind].from_spec(ModelSpec(*sizes, **made))
    size = model.parameters.vector.size
    model.parameters.vector[:] = np.random.RandomState(seed).standard_normal(size)
    return model


def random_batch(seed: int, time: int, batch: int, inputs: int, outputs: int) -> Batch:
    """Return a batch of bits in which every sequence counts alike."""
    random = np.random.RandomState(seed)

    def bits(features: int) -> NDArray[np.float64]:
        return random.randint(0, 2, size=(time, batch, features)).astype(float)

    return Batch.uniform(bits(inputs), bits(outputs))


def trainer_of(
    task: str,
    bits: int,
    rate: float,
    *,
    batch: int = 1,
    optimizer: Optimizer = OPTIMIZERS["sgd"],
    units: str = "sigmoid",
) -> Trainer:
    """Return a trainer of a 16-unit net with even weights between -1 and 1, all from seed 0."""
    random, source = np.random.RandomState(0), TASKS[task](bits)
    model = MODELS["elman"].from_spec(ModelSpec(source.inputs, 16, 1, activation=units))
    model.parameters.vector[:] = 2 * random.random_sample(model.parameters.vector.size) - 1
    stream = SampledStream(source, batch, random)
    return Trainer(model, HalfSquaredError(), optimizer, rate, stream)


def same_state(one: np.random.RandomState, other: np.random.RandomState) -> bool:
    """Return whether both would draw the same from here on."""
    mine, theirs = one.get_state(legacy=False), other.get_state(legacy=False)
    return all(
        np.array_equal(mine["state"][part], theirs["state"][part]) for part in ("key", "pos")
    ) and all(mine[part] == theirs[part] for part in ("has_gauss", "gauss"))
