"""What else changes when a run turns to another task, net or optimizer, so that all fits together.

Each task has a home: the settings in which it is at its best. A run that turns to it takes these
up, but for what somebody chose; and of that, what the task can not have waits for the next one.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from math import inf
from typing import Any

from rnn_tui.config.settings import MAX_STATE_ELEMENTS, Settings, check_choice
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATE_RULES

DEFAULTS = Settings(recipe="")  # what every task has at home that is not named here
OPTIMIZER_FIELDS = (
    "learning_rate",
    *HYPERPARAMETERS,
)  # what goes with an optimizer, and not by itself
CLIPPED_LEARNING_RATE, CLIPPED_GRADIENT_NORM = 0.01, 1.0


def task_defaults(task: str) -> dict[str, Any]:
    """Return what `task` has at home, by field."""
    excluded = {"recipe", "task", "seed", "steps", *HYPERPARAMETERS, "clip_value", "weight_decay"}
    defaults = {it.name: getattr(DEFAULTS, it.name) for it in fields(Settings)}
    defaults = {name: value for name, value in defaults.items() if name not in excluded}
    return defaults | dict(TASKS[task].defaults)


def user_overrides(settings: Settings) -> dict[str, Any]:
    """Return what in `settings` is not as the task has it at home."""
    defaults = task_defaults(settings.task)
    del defaults["learning_rate"]
    return {
        name: getattr(settings, name)
        for name, value in defaults.items()
        if getattr(settings, name) != value
    }


def switch_task(
    settings: Settings, task: str, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Return `settings` for `task`; raises SettingsError where there is none of that name.

    `chosen` is what somebody wants whatever the task, by field; without it, what now is not as the
    present task has it at home.
    """
    check_choice("task", task, TASKS)
    if task == settings.task:
        return settings
    defaults = task_defaults(task)
    learning_rate = defaults.pop("learning_rate")
    kept_overrides = user_overrides(settings) if overrides is None else overrides
    changes = defaults | {name: value for name, value in kept_overrides.items() if name in defaults}
    if changes["optimizer"] != settings.optimizer or needs_clipping(settings):
        own_rate = learning_rate if changes["optimizer"] == defaults["optimizer"] else None
        changes |= optimizer_defaults(changes["optimizer"], own_rate)
    if TASKS[task].is_regression and not LOSSES[changes["loss"]].linear_output:
        changes["loss"] = defaults["loss"]
    if len(TASKS[task].input_names) > MODELS[changes["model"]].max_inputs:
        changes["model"] = defaults["model"]
    if changes["dataset_size"] and changes["batch_size"] > changes["dataset_size"]:
        changes |= {name: defaults[name] for name in ("dataset_size", "batch_size")}
    if TASKS[task].uses_lag:
        changes["lag"] = min(changes["lag"], changes["length"] - 1)
    changes["batch_size"] = min(
        changes["batch_size"], MAX_STATE_ELEMENTS // (changes["length"] * changes["hidden_size"])
    )
    return _made_compatible(settings, task=task, **changes)


def switch_model(settings: Settings, model: str) -> Settings:
    """Return `settings` with `model`, and with updates and first weights that it can have."""
    check_choice("model", model, MODELS)
    if model == settings.model:
        return settings
    return _made_compatible(settings, model=model)


def switch_optimizer(settings: Settings, optimizer: str) -> Settings:
    """Return `settings` with `optimizer`, at its own rate and with its own hyperparameters.

    Where two weights count ones, plain gradient descent is clipped, too: it would overflow.
    """
    check_choice("optimizer", optimizer, OPTIMIZERS)
    if optimizer == settings.optimizer:
        return settings
    tuning = optimizer_defaults(optimizer)
    if needs_clipping(settings) and settings.clip_norm == CLIPPED_GRADIENT_NORM:
        tuning["clip_norm"] = DEFAULTS.clip_norm
    return _clipped(replace(settings, optimizer=optimizer, **tuning))


def switched(
    settings: Settings,
    task: str | None = None,
    model: str | None = None,
    optimizer: str | None = None,
) -> Settings:
    """Return `settings` turned to a task, net and optimizer, in this order, where one is named."""
    if task is not None:
        settings = switch_task(settings, task)
    if model is not None:
        settings = switch_model(settings, model)
    return settings if optimizer is None else switch_optimizer(settings, optimizer)


def optimizer_defaults(optimizer: str, learning_rate: float | None = None) -> dict[str, Any]:
    """Return the optimizer's own tuning, at `rate` if there is one for it."""
    tuning: dict[str, Any] = dict.fromkeys(OPTIMIZER_FIELDS)
    tuning["learning_rate"] = (
        OPTIMIZERS[optimizer].default_lr if learning_rate is None else learning_rate
    )
    return tuning


def needs_clipping(settings: Settings) -> bool:
    """Return whether training diverges unless gradients are clipped."""
    optimizer = OPTIMIZERS[settings.optimizer]
    return MODELS[settings.model].explodes and optimizer.scales_with_gradient


def _clipped(settings: Settings) -> Settings:
    """Return `settings`, clipped where they would overflow."""
    if needs_clipping(settings) and min(settings.clip_norm, settings.clip_value) == inf:
        return replace(
            settings, learning_rate=CLIPPED_LEARNING_RATE, clip_norm=CLIPPED_GRADIENT_NORM
        )
    return settings


def _made_compatible(settings: Settings, **changes: Any) -> Settings:
    model = changes.get("model", settings.model)
    update_rule = changes.get("update_rule", settings.update_rule)
    initializer = changes.get("initializer", settings.initializer)
    if UPDATE_RULES[update_rule].is_layerwise and not MODELS[model].supports_layerwise:
        changes["update_rule"] = DEFAULTS.update_rule
    if not INITIALIZERS[initializer].fits(MODELS[model]):
        changes["initializer"] = DEFAULTS.initializer
    return _clipped(replace(settings, **changes))
