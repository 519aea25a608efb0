"""What runs, and what can be changed, each with the line that explains it."""

from textual.content import Content

from rnn_tui.engine.initialisation import INITIALISATIONS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.stream import MINIBATCHES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.updates import UPDATES
from rnn_tui.options import OPTIONS, Option
from rnn_tui.quirks import quirks
from rnn_tui.session.changes import LIVE, SetWeights
from rnn_tui.settings import CHOICES, Settings, plain

NAME = 10  # cells for what a line is about
MATCHES = 6  # changes that are offered at a time


def about(settings: Settings) -> Content:
    """Return what runs, part by part."""
    optimizer = OPTIMIZERS[settings.optimizer]
    net = MODELS[settings.model]
    lines = [
        _line("task", settings.task, TASKS[settings.task].summary),
        _line("net", net.describe(settings.architecture), net.summary),
        _line("loss", settings.loss, LOSSES[settings.loss].formula),
        _line("", settings.reduction, REDUCTIONS[settings.reduction]),
        _line("weights", settings.initialisation, INITIALISATIONS[settings.initialisation].summary),
        _line("examples", *_examples(settings)),
        _line("update", settings.update, UPDATES[settings.update].summary),
        _line("optimizer", optimizer.title, optimizer.summary),
        _line("", "rate", plain(settings.learning_rate)),
    ]
    for name, value in settings.hyperparameters.items():
        row = HYPERPARAMETERS[name]
        lines.append(
            _line("", f"{row.symbol} {name.replace('_', '-')}", f"{plain(value)}  {row.meaning}")
        )
    odd = quirks(settings)
    if odd:
        lines += [Content(""), Content("By choice, unlike a textbook:")]
        lines += [Content(f"· {quirk}") for quirk in odd]
    return Content("\n").join(lines)


def _examples(settings: Settings) -> tuple[str, str]:
    batch = f"{settings.batch:,} at a step"
    if not settings.examples:
        return "fresh", batch
    return f"{settings.examples:,} fixed", f"{batch}, {MINIBATCHES[settings.minibatches]}"


def _line(part: str, name: str, text: str) -> Content:
    return Content.assemble((f"{part:<{NAME}}", "$foreground-muted"), (name, "bold"), f"  {text}")


def matching(settings: Settings, typed: str) -> Content:
    """Return the changes that begin as `typed`, each with its present value and meaning."""
    name, equals, _ = typed.strip().partition("=")
    found = [OPTIONS[other] for other in LIVE if other == name or (not equals and name in other)]
    found.sort(key=lambda option: not option.name.startswith(name))
    lines = [_offer(option, settings, whole=len(found) == 1) for option in found[:MATCHES]]
    if len(found) > MATCHES:
        lines.append(Content(f"and {len(found) - MATCHES} more"))
    if name == SetWeights.name:
        return Content("all weights of the net, with commas between: the two of the linear net")
    return Content("\n").join(lines) if lines else Content("there is no such setting")


def _offer(option: Option, settings: Settings, *, whole: bool) -> Content:
    value = option.shown(settings)
    text = option.help if whole or option.field not in CHOICES else option.meaning
    return Content.assemble((f"{option.name}={value}", "bold"), f"  {text}")
