"""Where a run departs from the textbook, and what in it is idle: named, with the reason."""

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import DEFAULTS, task_defaults
from rnn_tui.engine.data import BATCHING_MODES
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATE_RULES

DEVIATIONS: dict[tuple[str, object], str] = {
    ("task", "subtraction"): TASKS["subtraction"].summary,
    ("initializer", "glorot-second"): INITIALIZERS["glorot-second"].summary,
    ("initializer", "far"): INITIALIZERS["far"].summary,
    ("biases", 2): "two bias vectors that do the work of one, and move it twice as fast",
    ("reduction", "step"): REDUCTIONS["step"],
    ("reduction", "sum"): REDUCTIONS["sum"],
    ("update-rule", "layerwise"): UPDATE_RULES["layerwise"].summary,
    ("optimizer", "rprop-tutorial"): OPTIMIZERS["rprop-tutorial"].summary,
    ("optimizer", "rmsprop-ahead"): OPTIMIZERS["rmsprop-ahead"].summary,
    ("optimizer", "rmsprop-drift"): OPTIMIZERS["rmsprop-drift"].summary,
    ("batching", "overlapping"): BATCHING_MODES["overlapping"],
}


def deviations(settings: Settings) -> list[str]:
    """Return a line for each choice in `settings` that is unlike a textbook, or is idle."""
    return [
        f"{name} {value}: {line}"
        for (name, value), line in DEVIATIONS.items()
        if FIELDS[name].get(settings) == value
        and name not in _unused(settings)
        and not (name == "biases" and value != MODELS[settings.model].max_biases)
    ] + [
        f"{name} {FIELDS[name].format_value(settings)}: nothing here has a use for it"
        for name in _unused(settings)
        if FIELDS[name].get(settings) not in _defaults(settings, FIELDS[name].attribute)
    ]


def _unused(settings: Settings) -> list[str]:
    """Return the settings that mean nothing in this run, by name."""
    model = MODELS[settings.model]
    fields = {"hidden-size": "hidden_size", "layers": "layers", "activation": "activation"}
    fields |= {"biases": "biases", "initial-state": "learned_initial_state"}
    unused = [name for name, field in fields.items() if field not in model.spec_fields]
    if not TASKS[settings.task].uses_lag:
        unused.append("lag")
    if not settings.dataset_size:
        unused.append("batching")
    return unused


def _defaults(settings: Settings, field: str) -> set[object]:
    """Return the values that nobody has to have chosen."""
    return {getattr(DEFAULTS, field), task_defaults(settings.task).get(field)}
