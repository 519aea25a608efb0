"""Where a run departs from the textbook, as the published programs do: named, with the reason."""

from rnn_tui.engine.initialisation import INITIALISATIONS
from rnn_tui.engine.losses import REDUCTIONS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.stream import MINIBATCHES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.updates import UPDATES
from rnn_tui.options import OPTIONS
from rnn_tui.settings import Settings

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
    """Return a line for each choice in `settings` that a textbook would not make."""
    return [
        f"{name} {value}: {line}"
        for (name, value), line in QUIRKS.items()
        if getattr(settings, OPTIONS[name].field) == value
    ]
