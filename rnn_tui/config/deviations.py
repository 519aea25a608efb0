"""Non-standard choices in settings, and settings without effect, each with the reason."""

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
    ("initializer", "glorot-second-draw"): INITIALIZERS["glorot-second-draw"].summary,
    ("initializer", "constant"): INITIALIZERS["constant"].summary,
    ("biases", 2): "two bias vectors add up to one, which learns at twice the learning rate",
    ("reduction", "time-step-mean"): REDUCTIONS["time-step-mean"],
    ("reduction", "sum"): REDUCTIONS["sum"],
    ("update-rule", "layerwise"): UPDATE_RULES["layerwise"].summary,
    ("optimizer", "rprop-tutorial"): OPTIMIZERS["rprop-tutorial"].summary,
    ("optimizer", "rmsprop-ahead"): OPTIMIZERS["rmsprop-ahead"].summary,
    ("optimizer", "rmsprop-drift"): OPTIMIZERS["rmsprop-drift"].summary,
    ("batching", "overlapping"): BATCHING_MODES["overlapping"],
}


def deviations(settings: Settings) -> list[str]:
    """Return a line per non-standard choice, and per setting that was set but has no effect."""
    unused = _unused_fields(settings)
    non_standard = [
        f"{name} {value}: {reason}"
        for (name, value), reason in DEVIATIONS.items()
        if FIELDS[name].get(settings) == value
        and name not in unused
        and not (name == "biases" and value != MODELS[settings.model].max_biases)
    ]
    defaults = task_defaults(settings.task)
    return non_standard + [
        f"{name} {FIELDS[name].format_value(settings)}: has no effect here"
        for name in unused
        if FIELDS[name].get(settings)
        not in (FIELDS[name].get(DEFAULTS), defaults.get(FIELDS[name].attribute))
    ]


def _unused_fields(settings: Settings) -> list[str]:
    """Return the names of the settings that the task, model and dataset do not use."""
    spec_fields = MODELS[settings.model].spec_fields
    names = {"hidden-size": "hidden_size", "layers": "layers", "activation": "activation"}
    names |= {"biases": "biases", "initial-state": "learned_initial_state"}
    unused = [name for name, spec_field in names.items() if spec_field not in spec_fields]
    if not TASKS[settings.task].uses_lag:
        unused.append("lag")
    if not settings.dataset_size:
        unused.append("batching")
    return unused
