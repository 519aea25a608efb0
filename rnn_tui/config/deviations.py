"""Where a run departs from the textbook, and what in it is idle: named, with the reason."""

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import COMMON, at_home
from rnn_tui.engine.data import MINIBATCHES
from rnn_tui.engine.initializers import INITIALISATIONS
from rnn_tui.engine.losses import REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATES

QUIRKS: dict[tuple[str, object], str] = {
    ("task", "subtraction"): TASKS["subtraction"].summary,
    ("init", "glorot-second"): INITIALISATIONS["glorot-second"].summary,
    ("init", "far"): INITIALISATIONS["far"].summary,
    ("biases", 2): "two bias vectors that do the work of one, and move it twice as fast",
    ("reduction", "step"): REDUCTIONS["step"],
    ("reduction", "sum"): REDUCTIONS["sum"],
    ("update", "layerwise"): UPDATES["layerwise"].summary,
    ("optimizer", "rprop-tutorial"): OPTIMIZERS["rprop-tutorial"].summary,
    ("optimizer", "rmsprop-ahead"): OPTIMIZERS["rmsprop-ahead"].summary,
    ("optimizer", "rmsprop-drift"): OPTIMIZERS["rmsprop-drift"].summary,
    ("minibatches", "overlapping"): MINIBATCHES["overlapping"],
}


def quirks(settings: Settings) -> list[str]:
    """Return a line for each choice in `settings` that is unlike a textbook, or is idle."""
    return [
        f"{name} {value}: {line}"
        for (name, value), line in QUIRKS.items()
        if getattr(settings, OPTIONS[name].field) == value
        and name not in _idle(settings)
        and not (name == "biases" and value != MODELS[settings.model].most_biases)
    ] + [
        f"{name} {OPTIONS[name].shown(settings)}: nothing here has a use for it"
        for name in _idle(settings)
        if getattr(settings, OPTIONS[name].field) not in _usual(settings, OPTIONS[name].field)
    ]


def _idle(settings: Settings) -> list[str]:
    """Return the settings that mean nothing in this run, by name."""
    model = MODELS[settings.model]
    fields = {"hidden": "hidden", "layers": "layers", "units": "units", "biases": "biases"}
    fields["start"] = "learned_start"
    idle = [name for name, field in fields.items() if field not in model.uses]
    if not TASKS[settings.task].uses_lag:
        idle.append("lag")
    if not settings.examples:
        idle.append("minibatches")
    return idle


def _usual(settings: Settings, field: str) -> set[object]:
    """Return the values that nobody has to have chosen."""
    return {getattr(COMMON, field), at_home(settings.task).get(field)}
