"""Builds each component of a run from its settings."""

from functools import lru_cache

import numpy as np

from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import DataStream, FixedDataset, SampledStream
from rnn_tui.engine.evaluation import Baseline, memoryless_baseline
from rnn_tui.engine.gradient_transforms import GradientTransform, make_gradient_transforms
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS, Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS, Task
from rnn_tui.engine.trainer import Trainer


def build_model(settings: Settings, random: np.random.RandomState) -> Model:
    """Return a model with initial weights drawn from `random`."""
    model = MODELS[settings.model](settings.model_spec)
    INITIALIZERS[settings.initializer].fill(model.parameters, random)
    if settings.initializer_noise:
        weights = model.parameters.vector
        weights += settings.initializer_noise * random.standard_normal(weights.size)
    return model


def model_with_weights(settings: Settings, weights: FloatArray) -> Model:
    """Return a model with these `weights` (n,)."""
    model = MODELS[settings.model](settings.model_spec)
    model.parameters.vector[:] = weights
    return model


def build_dataset(settings: Settings, task: Task, random: np.random.RandomState) -> Batch | None:
    """Return the fixed dataset drawn from `random`, None if batches are fresh samples."""
    size = settings.dataset_size
    return task.make_dataset(random, size) if size else None


def build_stream(
    settings: Settings, task: Task, random: np.random.RandomState, dataset: Batch | None
) -> DataStream:
    """Return a stream of batches of the fixed `dataset`, or of fresh samples from `random`."""
    if dataset is None:
        return SampledStream(task, settings.batch_size, random)
    return FixedDataset(task, settings.batch_size, random, dataset, settings.batching)


def build_gradient_transforms(settings: Settings) -> tuple[GradientTransform, ...]:
    """Return the gradient transforms in the order in which they are applied."""
    return make_gradient_transforms(
        settings.clip_value, settings.clip_norm, settings.l2_weight_decay
    )


def build_trainer(settings: Settings, model: Model, stream: DataStream) -> Trainer:
    """Return a trainer of `model` on the batches of `stream`."""
    return Trainer(
        model,
        settings.make_loss(),
        settings.make_optimizer(),
        settings.learning_rate,
        stream,
        build_gradient_transforms(settings),
        settings.update_rule,
    )


def compute_baseline(settings: Settings) -> Baseline:
    """Return the accuracy and loss of a model without memory; slow, so the latest are cached."""
    return _cached_baseline(
        settings.task,
        settings.length,
        settings.lag,
        settings.loss,
        settings.reduction,
        settings.batch_size,
    )


@lru_cache(maxsize=16)
def _cached_baseline(
    task: str, length: int, lag: int, loss: str, reduction: str, batch_size: int
) -> Baseline:
    return memoryless_baseline(TASKS[task](length, lag), LOSSES[loss](reduction), batch_size)


def transfer_weights(
    old_settings: Settings, old_model: Model, new_settings: Settings, new_model: Model
) -> list[str]:
    """Copy the parameters of equal name and shape from the old to the new model; return the names.

    None are copied between models of different kinds, hidden sizes or numbers of layers.
    """
    size_fields = {"hidden_size", "layers"} & MODELS[new_settings.model].spec_fields
    if old_settings.differing_fields(new_settings) & ({"model"} | size_fields):
        return []
    layout = old_model.parameters.layout
    transferred = [
        name for name, shape in new_model.parameters.layout.items() if layout.get(name) == shape
    ]
    for name in transferred:
        new_model.parameters[name][...] = old_model.parameters[name]
    return transferred
