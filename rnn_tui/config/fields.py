"""One row per setting: its name on the command line and in changes, its type, help and group."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from typing import Any, final

from rnn_tui.config.settings import (
    CHOICES,
    Settings,
    check_choice,
    format_float,
    parse_float,
    parse_int,
)
from rnn_tui.config.switching import DEFAULTS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of

# What other programs call a value of ours; names are compared in lower case.
SYNONYMS: dict[str, dict[str, str]] = {
    "model": {"rnn": "elman", "simple-rnn": "elman", "mlp": "feed-forward"},
    "initializer": {"xavier": "glorot", "xavier-uniform": "glorot", "glorot-uniform": "glorot"},
    "loss": {
        "mse": "mean-squared-error",
        "bce": "cross-entropy",
        "binary-cross-entropy": "cross-entropy",
    },
    "reduction": {"mean": "result"},
}
GROUPS = ("what is trained", "model", "optimizer", "data", "run")


@final
@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of `Settings`, called `name` on the command line and `title` on the screen.

    parse    turns what was typed into the value; raises UserError
    group    the section of --help that lists it
    live     whether it can be changed while the run trains
    aliases  other names that the command line and changes take
    """

    name: str
    attribute: str
    parse: Callable[[str], Any]
    description: str
    group: str
    live: bool = True
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name in prose."""
        return self.name.replace("-", " ")

    @property
    def choices(self) -> Collection[str]:
        """The values there are, where these are names."""
        return CHOICES.get(self.attribute, ())

    @property
    def help(self) -> str:
        """The description with the choices and the default."""
        choices = f": {', '.join(self.choices)}" if self.choices else ""
        return f"{self.description}{choices} (default: {self._default})"

    @property
    def metavar(self) -> str:
        if self.choices:
            return "NAME"
        return "N" if self.parse is parse_int else "X"

    def format_value(self, settings: Settings) -> str:
        """Return the value that `settings` have, as the screen shows it."""
        value = getattr(settings, self.attribute)
        if value is None:
            value = settings.hyperparameters.get(self.attribute, "—")
        return format_float(value) if isinstance(value, float) else str(value)

    @property
    def _default(self) -> str:
        if self.attribute in HYPERPARAMETERS:
            return _hyperparameter_defaults(self.attribute)
        value = getattr(DEFAULTS, self.attribute)
        if value == inf:
            return "off"
        return format_float(value) if isinstance(value, float) else str(value)


def find_field(name: str) -> Field | None:
    """Return the setting that is called `name`, or has it as an alias."""
    return FIELDS.get(name) or next((row for row in FIELDS.values() if name in row.aliases), None)


def _hyperparameter_defaults(attribute: str) -> str:
    """Return the optimizers that have the hyperparameter, by their default values."""
    optimizers: dict[float, list[str]] = {}
    for optimizer in OPTIMIZERS:
        own = hyperparameters_of(optimizer)
        if attribute in own:
            optimizers.setdefault(own[attribute], []).append(optimizer)
    return "; ".join(f"{value:g} for {', '.join(names)}" for value, names in optimizers.items())


def _choice_field(attribute: str, description: str, group: str, **other: Any) -> Field:
    synonyms = SYNONYMS.get(attribute, {})

    def parse(text: str) -> str:
        name = text.lower()
        return check_choice(
            attribute.replace("_", "-"), synonyms.get(name, name), CHOICES[attribute]
        )

    return Field(attribute.replace("_", "-"), attribute, parse, description, group, **other)


def _int_field(attribute: str, description: str, group: str, **other: Any) -> Field:
    return Field(attribute.replace("_", "-"), attribute, parse_int, description, group, **other)


def _float_field(attribute: str, description: str) -> Field:
    return Field(attribute.replace("_", "-"), attribute, parse_float, description, "optimizer")


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        _choice_field("task", "task to learn", "what is trained"),
        _int_field("length", "sequence length; bits for the arithmetic tasks", "what is trained"),
        _int_field("lag", "time steps between input and target (echo, delayed-xor)", "data"),
        _choice_field("model", "model", "model"),
        _int_field(
            "hidden_size", "number of hidden units in a layer", "model", aliases=("hidden",)
        ),
        _int_field("layers", "number of hidden layers (feed-forward)", "model"),
        _choice_field(
            "activation",
            "activation function of the hidden units (elman, feed-forward)",
            "model",
            aliases=("nonlinearity",),
        ),
        _int_field(
            "biases", "bias vectors in the hidden layer: 0, 1, or 2 as in the tutorial", "model"
        ),
        _choice_field("initial_state", "initial hidden state (elman, gru, lstm)", "model"),
        _choice_field("initializer", "initializer of the weights", "model", live=False),
        _choice_field("loss", "loss function", "what is trained"),
        _choice_field("reduction", "how the losses of a batch become one number", "optimizer"),
        _choice_field("update_rule", "when weights change during the backward pass", "optimizer"),
        _choice_field("optimizer", "optimizer", "optimizer"),
        Field(
            "lr",
            "learning_rate",
            parse_float,
            "learning rate",
            "optimizer",
            aliases=("learning-rate",),
        ),
        *(_float_field(name, row.help) for name, row in HYPERPARAMETERS.items()),
        _float_field("clip_norm", "clip gradients to this L2 norm"),
        _float_field("clip_value", "clip each element of the gradient to ±X"),
        _float_field("weight_decay", "L2 weight decay, added to the gradient"),
        _int_field("batch_size", "sequences in a batch", "data", aliases=("batch",)),
        _int_field(
            "dataset_size", "train on a fixed dataset of N; 0 draws new samples each step", "data"
        ),
        _choice_field("batching", "how a fixed dataset is cut into batches", "data"),
        _int_field("seed", "random seed", "run", live=False),
        _int_field("steps", "number of training steps", "run", live=False),
    )
}
