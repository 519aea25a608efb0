"""Makes the parts of a run as settings say."""

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
    """Return a net with the first weights that `random` gives."""
    model = MODELS[settings.model].from_spec(settings.model_spec)
    INITIALIZERS[settings.initializer].fill(model.parameters, random)
    return model


def model_with_weights(settings: Settings, weights: FloatArray) -> Model:
    """Return a net with these `weights`."""
    model = MODELS[settings.model].from_spec(settings.model_spec)
    model.parameters.vector[:] = weights
    return model


def build_stream(
    settings: Settings, task: Task, random: np.random.RandomState, dataset: Batch | None
) -> DataStream:
    """Return where the batches come from: the fixed `examples`, or fresh ones from `random`."""
    if dataset is None:
        return SampledStream(task, settings.batch_size, random)
    return FixedDataset(task, settings.batch_size, random, dataset, settings.batching)


def build_gradient_transforms(settings: Settings) -> tuple[GradientTransform, ...]:
    return make_gradient_transforms(settings.clip_value, settings.clip_norm, settings.weight_decay)


def build_trainer(settings: Settings, model: Model, stream: DataStream) -> Trainer:
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
    """Return what a net without memory reaches; to find that takes long, so the latest are kept."""
    now = settings
    return _cached_baseline(now.task, now.length, now.lag, now.loss, now.reduction, now.batch_size)


@lru_cache(maxsize=16)
def _cached_baseline(
    task: str, bits: int, lag: int, loss: str, reduction: str, batch: int
) -> Baseline:
    return memoryless_baseline(TASKS[task](bits, lag), LOSSES[loss](reduction), batch)


def transfer_weights(
    old_settings: Settings, old_model: Model, new_settings: Settings, new_model: Model
) -> list[str]:
    """Copy from the net `before` to `model` what agrees in name and shape; return the names.

    Nothing agrees between nets of another kind, or of other sizes within.
    """
    size_fields = {"hidden_size", "layers"} & MODELS[new_settings.model].spec_fields
    if any(
        getattr(old_settings, name) != getattr(new_settings, name)
        for name in {"model"} | size_fields
    ):
        return []
    layout = old_model.parameters.layout
    transferred = [
        it for it, shape in new_model.parameters.layout.items() if layout.get(it) == shape
    ]
    for name in transferred:
        new_model.parameters[name][...] = old_model.parameters[name]
    return transferred
