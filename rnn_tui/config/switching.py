"""Defaults per task, and how settings change when the task, model or optimizer is switched.

Values that the user set are kept, except those that the new task cannot use.
"""

from collections.abc import Mapping
from dataclasses import fields
from math import inf
from typing import Any

from rnn_tui.config.parsing import check_choice
from rnn_tui.config.settings import MAX_DATASET_TIME_STEPS, MAX_STATE_ELEMENTS, Settings
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATE_RULES

DEFAULTS = Settings(recipe="")  # of every task, except for its own Task.defaults
SWITCHED_FIELDS = ("learning_rate", *HYPERPARAMETERS)  # what is switched with the optimizer
CLIPPED_LEARNING_RATE, CLIPPED_GRADIENT_NORM = 0.01, 1.0


def task_defaults(task: str) -> dict[str, Any]:
    """Return the default values of `task` by attribute, without those of the run itself."""
    excluded = {"recipe", "numerics", "task", "seed", "steps"}
    excluded |= {"hyperparameter_overrides", "clip_value", "weight_decay", "lesion"}
    names = [field.name for field in fields(Settings) if field.name not in excluded]
    return {name: DEFAULTS.get(name) for name in names} | dict(TASKS[task].defaults)


def user_overrides(settings: Settings) -> dict[str, Any]:
    """Return the values that differ from the task's defaults, except the learning rate."""
    return {
        name: settings.get(name)
        for name, default in task_defaults(settings.task).items()
        if name != "learning_rate" and settings.get(name) != default
    }


def switch_task(
    settings: Settings, task: str, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Return `settings` with `task` and its defaults; raises UserError for an unknown task.

    `overrides` are the values to keep, by attribute: by default all that differ from the defaults
    of the present task.
    """
    check_choice("task", task, TASKS)
    if task == settings.task:
        return settings
    defaults = task_defaults(task)
    learning_rate = defaults.pop("learning_rate")
    kept_overrides = user_overrides(settings) if overrides is None else overrides
    changes = defaults | {name: value for name, value in kept_overrides.items() if name in defaults}
    if changes["optimizer"] != settings.optimizer or needs_clipping(settings):
        changes |= optimizer_defaults(changes["optimizer"])
        if changes["optimizer"] == defaults["optimizer"]:
            changes["learning_rate"] = learning_rate
    if TASKS[task].is_regression and not LOSSES[changes["loss"]].linear_output:
        changes["loss"] = defaults["loss"]
    if len(TASKS[task].input_names) > MODELS[changes["model"]].max_inputs:
        changes["model"] = defaults["model"]
    changes["dataset_size"] = min(
        changes["dataset_size"], MAX_DATASET_TIME_STEPS // changes["length"]
    )
    if changes["dataset_size"] and changes["batch_size"] > changes["dataset_size"]:
        changes |= {name: defaults[name] for name in ("dataset_size", "batch_size")}
    if TASKS[task].uses_lag:
        changes["lag"] = min(changes["lag"], changes["length"] - 1)
    changes["batch_size"] = min(
        changes["batch_size"], MAX_STATE_ELEMENTS // (changes["length"] * changes["hidden_size"])
    )
    return _made_compatible(settings, task=task, **changes)


def switch_model(settings: Settings, model: str) -> Settings:
    """Return `settings` with `model`, and an update rule and initializer compatible with it."""
    check_choice("model", model, MODELS)
    if model == settings.model:
        return settings
    return _made_compatible(settings, model=model)


def change_setting(settings: Settings, attribute: str, value: Any) -> Settings:
    """Return `settings` with another value of a field or hyperparameter.

    An initializer that does not fit the other value is replaced by the default, and the lesion of a
    unit that no longer exists is removed. Raises UserError where the settings become invalid.
    """
    return settings.updated(**_compatible(settings, {attribute: value}) | {attribute: value})


def switch_optimizer(settings: Settings, optimizer: str) -> Settings:
    """Return `settings` with `optimizer` and its default learning rate and hyperparameters.

    Gradients are clipped where the optimizer would diverge, see `needs_clipping`.
    """
    check_choice("optimizer", optimizer, OPTIMIZERS)
    if optimizer == settings.optimizer:
        return settings
    changes = optimizer_defaults(optimizer)
    if needs_clipping(settings) and settings.clip_norm == CLIPPED_GRADIENT_NORM:
        changes["clip_norm"] = DEFAULTS.clip_norm
    return _clipped(settings.updated(optimizer=optimizer, **changes))


def switched(
    settings: Settings,
    task: str | None = None,
    model: str | None = None,
    optimizer: str | None = None,
) -> Settings:
    """Return `settings` switched to the task, the model and the optimizer, in this order."""
    if task is not None:
        settings = switch_task(settings, task)
    if model is not None:
        settings = switch_model(settings, model)
    return settings if optimizer is None else switch_optimizer(settings, optimizer)


def initializer_defaults(initializer: str) -> dict[str, Any]:
    """Return the settings that a run with `initializer` starts with, unless others are given."""
    needed = INITIALIZERS[initializer].requirements
    return {name: value for name, value in needed.items() if name != "task"}


def optimizer_defaults(optimizer: str) -> dict[str, Any]:
    """Return the optimizer's default learning rate, and None for each hyperparameter."""
    return dict.fromkeys(HYPERPARAMETERS) | {"learning_rate": OPTIMIZERS[optimizer].default_lr}


def needs_clipping(settings: Settings) -> bool:
    """Return whether training diverges unless gradients are clipped."""
    optimizer = OPTIMIZERS[settings.optimizer]
    return MODELS[settings.model].explodes and optimizer.scales_with_gradient


def clipped_combinations() -> str:
    """Return the models and optimizers that `needs_clipping`, as in "model linear with sgd"."""
    models = ", ".join(name for name, model in MODELS.items() if model.explodes)
    optimizers = ", ".join(name for name, one in OPTIMIZERS.items() if one.scales_with_gradient)
    return f"model {models} with {optimizers}"


def _clipped(settings: Settings) -> Settings:
    """Return `settings` with gradient clipping where they would diverge without."""
    if needs_clipping(settings) and min(settings.clip_norm, settings.clip_value) == inf:
        return settings.updated(
            learning_rate=CLIPPED_LEARNING_RATE, clip_norm=CLIPPED_GRADIENT_NORM
        )
    return settings


def _made_compatible(settings: Settings, **changes: Any) -> Settings:
    """Return `settings` with `changes`, and defaults for what the model cannot have."""
    return _clipped(settings.updated(**_compatible(settings, changes)))


def _compatible(settings: Settings, changes: dict[str, Any]) -> dict[str, Any]:
    """Return `changes` of `settings`, with defaults for what is not compatible with them."""

    def after(name: str) -> Any:
        return changes.get(name, settings.get(name))

    model, initializer = MODELS[after("model")], INITIALIZERS[after("initializer")]
    defaults: dict[str, Any] = {}
    if UPDATE_RULES[after("update_rule")].is_layerwise and not model.supports_layerwise:
        defaults["update_rule"] = DEFAULTS.update_rule
    if not initializer.fits(model) or any(
        after(name) != value for name, value in initializer.requirements.items()
    ):
        defaults["initializer"] = DEFAULTS.initializer
    if any(after(name) != settings.get(name) for name in ("model", "hidden_size")):
        defaults["lesion"] = DEFAULTS.lesion  # the units are others
    return changes | defaults
