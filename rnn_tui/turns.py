"""What else changes when a run turns to another task, net or optimizer, so that all fits together.

What stood as the old task has it at home becomes what the new task has at home; what somebody
chose stays, unless it does not fit.
"""

from dataclasses import fields, replace
from typing import Any

from rnn_tui.engine.initialisation import INITIALISATIONS, Given
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.models.base import LayeredModel
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.settings import Settings, known

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


def at_home(task: str) -> dict[str, Any]:
    """Return what `task` has at home, by field."""
    kept = {"recipe", "task", "lag", "seed", "steps", *TUNING[1:]}
    common = {it.name: getattr(COMMON, it.name) for it in fields(Settings) if it.name not in kept}
    return common | HOMES.get(task, {})


def turn_to_task(settings: Settings, task: str) -> Settings:
    """Return `settings` for `task`; raises SettingsError where there is none of that name."""
    known("task", task, TASKS)
    if task == settings.task:
        return settings
    old, new = at_home(settings.task), at_home(task)
    new_tuning = new.pop("learning_rate")
    turned = {name: value for name, value in new.items() if getattr(settings, name) == old[name]}
    if turned.get("optimizer", settings.optimizer) != settings.optimizer:
        turned |= dict.fromkeys(TUNING) | {"learning_rate": new_tuning}
    if TASKS[task].numeric and not LOSSES[turned.get("loss", settings.loss)].linear:
        turned["loss"] = new["loss"]
    if turned.get("model", settings.model) == "linear" and len(TASKS[task].input_names) != 1:
        turned["model"] = new["model"]
    examples, batch = (turned.get(it, getattr(settings, it)) for it in ("examples", "batch"))
    if examples and batch > examples:
        turned |= {"examples": new["examples"], "batch": new["batch"]}
    return _fitting(settings, task=task, **turned)


def turn_to_model(settings: Settings, model: str) -> Settings:
    """Return `settings` with `model`, and with updates and first weights that it can have."""
    known("model", model, MODELS)
    if model == settings.model:
        return settings
    return _fitting(settings, model=model)


def turn_to_optimizer(settings: Settings, optimizer: str) -> Settings:
    """Return `settings` with `optimizer`, at its own rate and with its own hyperparameters."""
    known("optimizer", optimizer, OPTIMIZERS)
    if optimizer == settings.optimizer:
        return settings
    tuning: dict[str, Any] = dict.fromkeys(TUNING)
    tuning["learning_rate"] = OPTIMIZERS[optimizer].default_rate
    return replace(settings, optimizer=optimizer, **tuning)


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


def _fitting(settings: Settings, **turned: Any) -> Settings:
    model = turned.get("model", settings.model)
    order = turned.get("update", settings.update)
    first = turned.get("initialisation", settings.initialisation)
    if order == "layerwise" and not issubclass(MODELS[model], LayeredModel):
        turned["update"] = COMMON.update
    if isinstance(INITIALISATIONS[first], Given) and model != "linear":
        turned["initialisation"] = COMMON.initialisation
    return replace(settings, **turned)
