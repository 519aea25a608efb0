"""Makes the parts of a run as settings say."""

from functools import lru_cache

import numpy as np

from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import ExampleStream, FixedExamples, Stream
from rnn_tui.engine.evaluation import Baseline, without_memory
from rnn_tui.engine.gradient_transforms import Transformation, transformations
from rnn_tui.engine.initializers import INITIALISATIONS
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS, Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS, Task
from rnn_tui.engine.trainer import Trainer


def first_net(settings: Settings, random: np.random.RandomState) -> Model:
    """Return a net with the first weights that `random` gives."""
    model = MODELS[settings.model].of(settings.architecture)
    INITIALISATIONS[settings.initialisation].fill(model.parameters, random)
    return model


def net_of(settings: Settings, weights: FloatArray) -> Model:
    """Return a net with these `weights`."""
    model = MODELS[settings.model].of(settings.architecture)
    model.parameters.vector[:] = weights
    return model


def stream_of(
    settings: Settings, task: Task, random: np.random.RandomState, examples: Batch | None
) -> Stream:
    """Return where the batches come from: the fixed `examples`, or fresh ones from `random`."""
    if examples is None:
        return ExampleStream(task, settings.batch, random)
    return FixedExamples(task, settings.batch, random, examples, settings.minibatches)


def transformations_of(settings: Settings) -> tuple[Transformation, ...]:
    return transformations(settings.clip_value, settings.clip_norm, settings.weight_decay)


def trainer_of(settings: Settings, model: Model, stream: Stream) -> Trainer:
    return Trainer(
        model,
        settings.make_loss(),
        settings.make_optimizer(),
        settings.learning_rate,
        stream,
        transformations_of(settings),
        settings.update,
    )


def baseline_of(settings: Settings) -> Baseline:
    """Return what a net without memory reaches; to find that takes long, so the latest are kept."""
    now = settings
    return _baseline(now.task, now.bits, now.lag, now.loss, now.reduction, now.batch)


@lru_cache(maxsize=16)
def _baseline(task: str, bits: int, lag: int, loss: str, reduction: str, batch: int) -> Baseline:
    return without_memory(TASKS[task](bits, lag), LOSSES[loss](reduction), batch)


def kept_weights(old: Settings, before: Model, new: Settings, model: Model) -> list[str]:
    """Copy from the net `before` to `model` what agrees in name and shape; return the names.

    Nothing agrees between nets of another kind, or of other sizes within.
    """
    sizes = {"hidden", "layers"} & MODELS[new.model].uses
    if any(getattr(old, name) != getattr(new, name) for name in {"model"} | sizes):
        return []
    layout = before.parameters.layout
    kept = [it for it, shape in model.parameters.layout.items() if layout.get(it) == shape]
    for name in kept:
        model.parameters[name][...] = before.parameters[name]
    return kept
