"""What else changes when a run turns to another task, net or optimizer, so that all fits together.

Each task has a home: the settings in which it is at its best. A run that turns to it takes these
up, but for what somebody chose; and of that, what the task can not have waits for the next one.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from math import inf
from typing import Any

from rnn_tui.config.settings import MAX_STATES, Settings, known
from rnn_tui.engine.initializers import INITIALISATIONS, Given
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.models.base import LayeredModel
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS

COMMON = Settings(recipe="")  # what every task has at home that is not named here
HOMES: dict[str, dict[str, Any]] = {
    "counting-ones": {
        "bits": 10,
        "model": "linear",
        "loss": "mean-squared-error",
        "optimizer": "rprop-tutorial",
        "learning_rate": 0.001,
        "batch": 20,
        "examples": 20,
        "initialisation": "far",
    },
    "xor": {
        "model": "feed-forward",
        "hidden": 64,
        "biases": 1,
        "reduction": "sum",
        "update": "layerwise",
        "batch": 4,
        "examples": 4,
        "initialisation": "normal-everywhere",
    },
}
TUNING = ("learning_rate", *HYPERPARAMETERS)  # what goes with an optimizer, and not by itself
# On the cost of two weights, gradients of a million: these go nowhere unless they are clipped.
STEEP = {"sgd", "momentum", "nesterov", "nesterov-ahead"}
STEEP_RATE, STEEP_CLIP = 0.01, 1.0


def at_home(task: str) -> dict[str, Any]:
    """Return what `task` has at home, by field."""
    elsewhere = {"recipe", "task", "seed", "steps", *HYPERPARAMETERS, "clip_value", "weight_decay"}
    home = {it.name: getattr(COMMON, it.name) for it in fields(Settings)}
    home = {name: value for name, value in home.items() if name not in elsewhere}
    return home | HOMES.get(task, {})


def chosen_in(settings: Settings) -> dict[str, Any]:
    """Return what in `settings` is not as the task has it at home."""
    home = at_home(settings.task)
    del home["learning_rate"]
    return {
        name: getattr(settings, name)
        for name, value in home.items()
        if getattr(settings, name) != value
    }


def turn_to_task(
    settings: Settings, task: str, chosen: Mapping[str, Any] | None = None
) -> Settings:
    """Return `settings` for `task`; raises SettingsError where there is none of that name.

    `chosen` is what somebody wants whatever the task, by field; without it, what now is not as the
    present task has it at home.
    """
    known("task", task, TASKS)
    if task == settings.task:
        return settings
    home = at_home(task)
    rate = home.pop("learning_rate")
    wanted = chosen_in(settings) if chosen is None else chosen
    turned = home | {name: value for name, value in wanted.items() if name in home}
    if turned["optimizer"] != settings.optimizer or too_steep(settings):
        own = rate if turned["optimizer"] == home["optimizer"] else None
        turned |= tuning_of(turned["optimizer"], own)
    if TASKS[task].numeric and not LOSSES[turned["loss"]].linear:
        turned["loss"] = home["loss"]
    if turned["model"] == "linear" and len(TASKS[task].input_names) != 1:
        turned["model"] = home["model"]
    if turned["examples"] and turned["batch"] > turned["examples"]:
        turned |= {"examples": home["examples"], "batch": home["batch"]}
    if TASKS[task].uses_lag:
        turned["lag"] = min(turned["lag"], turned["bits"] - 1)
    turned["batch"] = min(turned["batch"], MAX_STATES // (turned["bits"] * turned["hidden"]))
    return _fitting(settings, task=task, **turned)


def turn_to_model(settings: Settings, model: str) -> Settings:
    """Return `settings` with `model`, and with updates and first weights that it can have."""
    known("model", model, MODELS)
    if model == settings.model:
        return settings
    return _fitting(settings, model=model)


def turn_to_optimizer(settings: Settings, optimizer: str) -> Settings:
    """Return `settings` with `optimizer`, at its own rate and with its own hyperparameters.

    Where two weights count ones, plain gradient descent is clipped, too: it would overflow.
    """
    known("optimizer", optimizer, OPTIMIZERS)
    if optimizer == settings.optimizer:
        return settings
    tuning = tuning_of(optimizer)
    if too_steep(settings) and settings.clip_norm == STEEP_CLIP:
        tuning["clip_norm"] = COMMON.clip_norm
    return _gentle(replace(settings, optimizer=optimizer, **tuning))


def turned(
    settings: Settings,
    task: str | None = None,
    model: str | None = None,
    optimizer: str | None = None,
) -> Settings:
    """Return `settings` turned to a task, net and optimizer, in this order, where one is named."""
    if task is not None:
        settings = turn_to_task(settings, task)
    if model is not None:
        settings = turn_to_model(settings, model)
    return settings if optimizer is None else turn_to_optimizer(settings, optimizer)


def tuning_of(optimizer: str, rate: float | None = None) -> dict[str, Any]:
    """Return the optimizer's own tuning, at `rate` if there is one for it."""
    tuning: dict[str, Any] = dict.fromkeys(TUNING)
    tuning["learning_rate"] = OPTIMIZERS[optimizer].default_rate if rate is None else rate
    return tuning


def too_steep(settings: Settings) -> bool:
    """Return whether plain descent goes down the cost of two weights."""
    return settings.model == "linear" and settings.optimizer in STEEP


def _gentle(settings: Settings) -> Settings:
    """Return `settings`, clipped where they would overflow."""
    if too_steep(settings) and min(settings.clip_norm, settings.clip_value) == inf:
        return replace(settings, learning_rate=STEEP_RATE, clip_norm=STEEP_CLIP)
    return settings


def _fitting(settings: Settings, **turned: Any) -> Settings:
    model = turned.get("model", settings.model)
    order = turned.get("update", settings.update)
    first = turned.get("initialisation", settings.initialisation)
    if order == "layerwise" and not issubclass(MODELS[model], LayeredModel):
        turned["update"] = COMMON.update
    if isinstance(INITIALISATIONS[first], Given) and model != "linear":
        turned["initialisation"] = COMMON.initialisation
    return _gentle(replace(settings, **turned))
