"""The non-standard choices in settings, each with the reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import DEFAULTS, task_defaults
from rnn_tui.config.unused import no_effect_reason, unused_fields
from rnn_tui.engine.data import BATCHING_MODES
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATE_RULES

COMPONENTS: dict[str, Mapping[str, Any]] = {
    "initializer": INITIALIZERS,
    "update-rule": UPDATE_RULES,
    "optimizer": OPTIMIZERS,
}  # whose values have `is_standard` and `summary`
MODES = {"reduction": REDUCTIONS, "batching": BATCHING_MODES}  # all but the default deviate


def deviations(settings: Settings) -> list[str]:
    """Return a line per non-standard choice, and per setting that was set but has no effect."""
    unused = unused_fields(settings)
    non_standard = [
        f"{name} {FIELDS[name].get(settings)}: {reason}"
        for name, reason in _non_standard_fields(settings)
        if name not in unused
    ]
    defaults = task_defaults(settings.task)
    return non_standard + [
        f"{name} {field.format_value(settings)}: {reason}"
        for name, field in FIELDS.items()
        if (value := field.get(settings))
        not in (field.get(DEFAULTS), defaults.get(field.attribute))
        and (reason := no_effect_reason(name, value, settings))
    ]


def _non_standard_fields(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the name of each setting with a non-standard value, with the reason."""
    task = TASKS[settings.task]
    if task.skips_examples:
        yield "task", task.summary
    for name, choices in COMPONENTS.items():
        component = choices[FIELDS[name].get(settings)]
        if not component.is_standard:
            yield name, component.summary
    if settings.biases == MODELS[settings.model].max_biases == 2:
        yield "biases", "two bias vectors add up to one, which learns at twice the learning rate"
    if settings.weight_decay_note:
        yield "weight-decay", settings.weight_decay_note
    for name, summaries in MODES.items():
        value = FIELDS[name].get(settings)
        if value != FIELDS[name].get(DEFAULTS):
            yield name, summaries[value]
