"""The components of a run, each with its name and a one-line summary."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import CLIPPED_GRADIENT_NORM, DEFAULTS, needs_clipping
from rnn_tui.config.unused import unused_fields
from rnn_tui.engine.data import BATCHING_MODES
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATE_RULES


@final
class Component(NamedTuple):
    """One component; `kind` is "" if it belongs to the component before."""

    kind: str
    name: str
    summary: str


def components(settings: Settings) -> Iterator[Component]:
    """Yield the components of a run with `settings`."""
    optimizer = OPTIMIZERS[settings.optimizer]
    model, initializer = MODELS[settings.model], settings.initializer
    yield Component("task", settings.task, TASKS[settings.task].summary)
    yield from _other_values(settings, "length", "lag")
    yield Component("model", model.describe(settings.model_spec), model.summary)
    used_biases = min(settings.biases, model.max_biases)
    used_settings = replace(settings, biases=used_biases)
    yield from _other_values(used_settings, "biases", "initial-state", "lesion")
    yield Component("loss", settings.loss, LOSSES[settings.loss].formula)
    reduction = REDUCTIONS[settings.reduction]
    if optimizer.uses_signs_only and not settings.l2_weight_decay:
        reduction += f"; scales the loss, not the steps of {settings.optimizer}"
    yield Component("", settings.reduction, reduction)
    if settings.has_cost_surface:
        yield Component("", "cost ξ", "the tutorial's name for the loss: mean over all sequences")
    yield Component("weights", initializer, INITIALIZERS[initializer].summary)
    yield from _other_values(settings, "initializer-noise")
    yield _data_component(settings)
    yield Component("update", settings.update_rule, UPDATE_RULES[settings.update_rule].summary)
    yield Component("optimizer", optimizer.title, optimizer.summary)
    yield Component("", "lr", format_float(settings.learning_rate))
    for name, value in settings.hyperparameters.items():
        hyperparameter = HYPERPARAMETERS[name]
        yield Component(
            "",
            f"{hyperparameter.symbol} {name.replace('_', '-')}",
            f"{format_float(value)}  {hyperparameter.help}",
        )
    if optimizer.accumulates_gradient and (momentum := settings.hyperparameters["momentum"]):
        lr = settings.learning_rate
        formula = f"{format_float(lr)}/(1 − {format_float(momentum)}), for a constant gradient"
        yield Component("", "effective learning rate", f"{lr / (1 - momentum):.4g} = {formula}")
    yield from _clip_norm(settings)
    yield from _other_values(settings, "clip-value")
    if settings.l2_weight_decay:  # else decoupled: a hyperparameter
        yield from _other_values(settings, "weight-decay")


def _other_values(settings: Settings, *names: str) -> Iterator[Component]:
    """Yield the settings of these names that have an effect and are not at their defaults."""
    for field in (FIELDS[name] for name in names if name not in unused_fields(settings)):
        if field.get(settings) != field.get(DEFAULTS):
            value = field.format_value(settings)
            yield Component("", field.title, f"{value}  {field.description}")


def _clip_norm(settings: Settings) -> Iterator[Component]:
    for component in _other_values(settings, "clip-norm"):
        if needs_clipping(settings) and settings.clip_norm == CLIPPED_GRADIENT_NORM:
            default = f"the default of {settings.optimizer} with model {settings.model}"
            component = component._replace(summary=f"{component.summary}: {default}")
        yield component


def _data_component(settings: Settings) -> Component:
    batch = f"batch size {settings.batch_size:,}"
    if not settings.dataset_size:
        return Component("data", "fresh samples", batch)
    dataset = f"fixed dataset of {settings.dataset_size:,}"
    return Component("data", dataset, f"{batch}, {BATCHING_MODES[settings.batching]}")
