"""Every setting by the name that people type: the command line, changes and help all read this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

from rnn_tui.config.settings import CHOICES, Settings, number, plain, whole
from rnn_tui.engine.optimizers import HYPERPARAMETERS


@final
@dataclass(frozen=True, slots=True)
class Option:
    """One field of `Settings`, called `name` on the command line and `title` on the screen.

    `read` turns what was typed into its value. A `live` one can be changed while the run goes on.
    """

    name: str
    field: str
    title: str
    read: Callable[[str], Any]
    meaning: str
    live: bool = True

    @property
    def help(self) -> str:
        choices = CHOICES.get(self.field)
        return f"{self.meaning}: {', '.join(choices)}" if choices else self.meaning

    @property
    def metavar(self) -> str:
        if self.field in CHOICES:
            return "NAME"
        return "N" if self.read is whole else "X"

    def shown(self, settings: Settings) -> str:
        """Return the value that `settings` have, as the screen says it."""
        value = getattr(settings, self.field)
        if value is None:
            value = settings.hyperparameters.get(self.field, "—")
        return plain(value) if isinstance(value, float) else str(value)


def _named(field: str, meaning: str, name: str = "", live: bool = True) -> Option:
    return Option(name or field, field, field, str, meaning, live)


def _whole(field: str, meaning: str, live: bool = True) -> Option:
    return Option(field, field, field, whole, meaning, live)


def _number(field: str, meaning: str, title: str = "") -> Option:
    name = field.replace("_", "-")
    return Option(name, field, title or name.replace("-", " "), number, meaning)


OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        _named("task", "what to learn"),
        _whole("bits", "steps of a sequence, such as the bits of a result"),
        _whole("lag", "how far back echo and delayed-xor ask (1)"),
        _named("model", "which kind of net"),
        _whole("hidden", "hidden units"),
        _whole("layers", "layers of hidden units (feed-forward)"),
        _named("units", "hidden units (elman, feed-forward)"),
        _whole("biases", "bias vectors before the hidden units: 0, 1, or the tutorial's 2"),
        _named("start", "state before the first step (elman, gru, lstm)"),
        _named("initialisation", "first weights", "init", live=False),
        _named("loss", "what training lowers"),
        _named("reduction", "how the losses of a batch become one number"),
        _named("update", "in which order weights change"),
        _named("optimizer", "how to learn"),
        Option("lr", "learning_rate", "rate", number, "learning rate"),
        *(_number(name, row.meaning) for name, row in HYPERPARAMETERS.items()),
        _number("clip_norm", "longest gradient that is not shortened (inf)"),
        _number("clip_value", "largest part of a gradient that is not cut (inf)"),
        _number("weight_decay", "strength of a pull to 0, in the gradient (0)"),
        _whole("batch", "examples a step"),
        _whole("examples", "train on a fixed set of so many; 0 for fresh ones at every step (0)"),
        _named("minibatches", "how a fixed set is cut"),
        _whole("seed", "which random numbers", live=False),
        _whole("steps", "how many steps", live=False),
    )
}
