"""Settings without effect under the others, which are refused where a user gives them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import MODEL_FIELDS, Settings
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS

CLIPPING_FIELDS = ("clip_norm", "clip_value")
TASK_PROPERTIES = {"length": "uses_length", "lag": "uses_lag"}  # of tasks that use the setting


def unused_fields(settings: Settings) -> list[str]:
    """Return the names of the settings that the others leave without effect."""
    return [name for name in FIELDS if _unused_reason(name, settings)]


def no_effect_reason(name: str, value: Any, settings: Settings) -> str | None:
    """Return why `value` of the setting `name` has no effect under the others of `settings`.

    None where it has an effect.
    """
    max_biases = MODELS[settings.model].max_biases
    if reason := _unused_reason(name, settings):
        return reason
    if name == "biases" and value > max_biases:
        models = [other for other, model in MODELS.items() if model.max_biases >= value]
        return f"is {max_biases} with model {settings.model} ({value} is for {', '.join(models)})"
    return None


def check_effect(name: str, value: Any, later_settings: Sequence[Settings]) -> None:
    """Raise UserError where a value given by the user has no effect under any of the settings.

    `later_settings` are those of the run from the step on at which the value is set.
    """
    reasons = [no_effect_reason(name, value, settings) for settings in later_settings]
    if all(reasons):
        raise UserError(f"{name} {value} {reasons[0]}")


def effective_value(name: str, value: Any, later_settings: Iterable[Settings]) -> Any:
    """Return the value with the effect of `value` that `check_effect` accepts, None without one."""
    models = [MODELS[s.model] for s in later_settings if not _unused_reason(name, s)]
    if not models:
        return None
    return min(value, max(model.max_biases for model in models)) if name == "biases" else value


def _unused_reason(name: str, settings: Settings) -> str | None:
    attribute = FIELDS[name].attribute
    if attribute in MODEL_FIELDS:
        models = [other for other, model in MODELS.items() if attribute in model.spec_fields]
        if settings.model not in models:
            return f"has no effect with model {settings.model} {_used_by('model', models, MODELS)}"
    if attribute in TASK_PROPERTIES:
        tasks = [
            other for other, task in TASKS.items() if getattr(task, TASK_PROPERTIES[attribute])
        ]
        if settings.task not in tasks:
            return f"has no effect on task {settings.task} {_used_by('task', tasks, TASKS)}"
    if name == "batching" and not settings.dataset_size:
        return "has no effect without a fixed dataset (set dataset-size)"
    if name == "batching" and settings.batch_size in (1, settings.dataset_size):
        return f"has no effect with batch-size {settings.batch_size} (of {settings.dataset_size})"
    signs_only = OPTIMIZERS[settings.optimizer].uses_signs_only
    # Weight decay is added to the clipped gradient, so that clipping then changes signs.
    if attribute in CLIPPING_FIELDS and signs_only and not settings.l2_weight_decay:
        return (
            f"has no effect with optimizer {settings.optimizer}, which uses only the signs of the "
            "gradient"
        )
    return None


def _used_by(kind: str, users: list[str], choices: Mapping[str, Any]) -> str:
    all_others = len(users) == len(choices) - 1
    return f"(used by {f'all other {kind}s' if all_others else ', '.join(users)})"
