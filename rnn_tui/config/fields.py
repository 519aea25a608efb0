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

# Values as other libraries call them; what is typed is compared in lower case, with "_" as "-".
SYNONYMS: dict[str, dict[str, str]] = {
    "model": {
        "rnn": "elman",
        "simple-rnn": "elman",
        "simplernn": "elman",
        "vanilla-rnn": "elman",
        "feedforward": "feed-forward",
        "ffn": "feed-forward",
        "mlp": "feed-forward",
    },
    "activation": {"logistic": "sigmoid"},
    "initial-state": {"zeros": "zero", "learnable": "learned", "trainable": "learned"},
    "initializer": {"xavier": "glorot", "xavier-uniform": "glorot", "glorot-uniform": "glorot"},
    "loss": {
        "mse": "mean-squared-error",
        "l2": "mean-squared-error",
        "bce": "cross-entropy",
        "bce-with-logits": "cross-entropy",
        "binary-cross-entropy": "cross-entropy",
        "binary-crossentropy": "cross-entropy",
    },
    "reduction": {"batchmean": "result", "mean": "step"},
    "update-rule": {"backprop": "backpropagation", "bptt": "backpropagation"},
    "optimizer": {
        "gd": "sgd",
        "gradient-descent": "sgd",
        "heavy-ball": "momentum",
        "nag": "nesterov",
        "rms-prop": "rmsprop",
    },
    "batching": {"sequential": "in-turn"},
}
UNSUPPORTED = {
    "epochs": "training draws fresh samples, so there are no epochs; use --steps",
}  # settings that people look for, and the answer
GROUPS = ("what is trained", "model", "optimizer", "data", "run", "screen")  # sections of --help


@final
@dataclass(frozen=True, slots=True)
class Field:
    """One setting: an attribute of `Settings`, and its `name` on the command line and in changes.

    parse    converts text to the value; raises UserError
    group    the section of --help, one of GROUPS
    live     whether it can change during a run
    aliases  other names, accepted on the command line and in changes
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
        """The name on the screen."""
        return self.name.replace("-", " ")

    @property
    def choices(self) -> Collection[str]:
        """The valid values of a setting whose values are names."""
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

    def get(self, settings: Settings) -> Any:
        """Return the value in `settings`, None for the default of a hyperparameter."""
        return settings.get(self.attribute)

    def set(self, settings: Settings, value: Any) -> Settings:
        """Return `settings` with another value; raises UserError if they are invalid."""
        return settings.updated(**{self.attribute: value})

    def format_value(self, settings: Settings) -> str:
        """Return the value in `settings` as the screen shows it."""
        value = self.get(settings)
        if value is None:
            value = settings.hyperparameters.get(self.attribute, "—")
        return format_float(value) if isinstance(value, float) else str(value)

    @property
    def _default(self) -> str:
        if self.attribute == "learning_rate":
            return (
                f"the optimizer's; {format_float(DEFAULTS.learning_rate)} for {DEFAULTS.optimizer}"
            )
        if self.attribute in HYPERPARAMETERS:
            return _hyperparameter_defaults(self.attribute)
        value = self.get(DEFAULTS)
        if value == inf:
            return "off"
        return format_float(value) if isinstance(value, float) else str(value)


def find_field(name: str) -> Field | None:
    """Return the setting of this name or alias, or None."""
    name = _normalized(name)
    return next((field for field in FIELDS.values() if name in (field.name, *field.aliases)), None)


def _normalized(name: str) -> str:
    return name.strip().lower().replace("_", "-")


def _hyperparameter_defaults(attribute: str) -> str:
    """Return the default per optimizer, as in "0.9 for momentum, nesterov; 0 for rmsprop"."""
    optimizers: dict[float, list[str]] = {}
    for optimizer in OPTIMIZERS:
        hyperparameters = hyperparameters_of(optimizer)
        if attribute in hyperparameters:
            optimizers.setdefault(hyperparameters[attribute], []).append(optimizer)
    return "; ".join(f"{value:g} for {', '.join(names)}" for value, names in optimizers.items())


def _choice_field(attribute: str, description: str, group: str, **other: Any) -> Field:
    name, choices = attribute.replace("_", "-"), CHOICES[attribute]

    def parse(text: str) -> str:
        choice = SYNONYMS.get(name, {}).get(_normalized(text), _normalized(text))
        return check_choice(name, choice if choice in choices else text, choices)

    return Field(name, attribute, parse, description, group, **other)


def _int_field(attribute: str, description: str, group: str, **other: Any) -> Field:
    return Field(attribute.replace("_", "-"), attribute, parse_int, description, group, **other)


def _float_field(attribute: str, description: str) -> Field:
    return Field(attribute.replace("_", "-"), attribute, parse_float, description, "optimizer")


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        _choice_field("task", "task to learn", "what is trained"),
        _int_field(
            "length",
            "sequence length in time steps, the bits of a number in arithmetic tasks",
            "what is trained",
        ),
        _int_field("lag", "time steps from input to target (echo, delayed-xor)", "what is trained"),
        _choice_field("model", "model architecture", "model"),
        _int_field("hidden_size", "hidden units per layer", "model", aliases=("hidden",)),
        _int_field("layers", "number of hidden layers (feed-forward)", "model"),
        _choice_field(
            "activation",
            "activation function of the hidden units (elman, feed-forward)",
            "model",
            aliases=("nonlinearity",),
        ),
        _int_field("biases", "bias vectors per hidden layer: 0, 1, or 2 as in a tutorial", "model"),
        _choice_field("initial_state", "initial hidden state (elman, gru, lstm)", "model"),
        _choice_field("initializer", "weight initializer", "model", live=False),
        _choice_field("loss", "loss function", "what is trained"),
        _choice_field(
            "reduction", "reduction of the loss over time steps and batch", "what is trained"
        ),
        _choice_field(
            "update_rule",
            "update all weights after the backward pass, or each layer during it",
            "optimizer",
        ),
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
        _float_field("clip_value", "clip each gradient element to ±X"),
        _float_field("weight_decay", "L2 weight decay, added to the gradient"),
        _int_field("batch_size", "sequences per batch", "data", aliases=("batch",)),
        _int_field(
            "dataset_size",
            "train on a fixed dataset of N sequences; 0 draws fresh samples each step",
            "data",
        ),
        _choice_field("batching", "how a fixed dataset is split into batches", "data"),
        _int_field("seed", "random seed", "run", live=False),
        _int_field("steps", "number of training steps", "run", live=False),
    )
}
