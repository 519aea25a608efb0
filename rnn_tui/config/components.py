"""What a run is made of, part by part: its name, and a line that explains it."""

from collections.abc import Iterator
from typing import NamedTuple, final

from rnn_tui.config.settings import Settings, plain
from rnn_tui.engine.data import MINIBATCHES
from rnn_tui.engine.initializers import INITIALISATIONS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.update_rules import UPDATES


@final
class Part(NamedTuple):
    """`kind` is "" where a part belongs to the one before."""

    kind: str
    name: str
    text: str


def parts(settings: Settings) -> Iterator[Part]:
    """Yield what runs with `settings`."""
    optimizer = OPTIMIZERS[settings.optimizer]
    net, first = MODELS[settings.model], settings.initialisation
    yield Part("task", settings.task, TASKS[settings.task].summary)
    yield Part("net", net.describe(settings.architecture), net.summary)
    yield Part("loss", settings.loss, LOSSES[settings.loss].formula)
    yield Part("", settings.reduction, REDUCTIONS[settings.reduction])
    yield Part("weights", first, INITIALISATIONS[first].summary)
    yield _examples(settings)
    yield Part("update", settings.update, UPDATES[settings.update].summary)
    yield Part("optimizer", optimizer.title, optimizer.summary)
    yield Part("", "rate", plain(settings.learning_rate))
    for name, value in settings.hyperparameters.items():
        row = HYPERPARAMETERS[name]
        yield Part("", f"{row.symbol} {name.replace('_', '-')}", f"{plain(value)}  {row.meaning}")


def _examples(settings: Settings) -> Part:
    batch = f"{settings.batch:,} at a step"
    if not settings.examples:
        return Part("examples", "fresh", batch)
    cut = MINIBATCHES[settings.minibatches]
    return Part("examples", f"{settings.examples:,} fixed", f"{batch}, {cut}")
