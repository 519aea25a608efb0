"""The settings as the command line and changes name them: parsing, help, aliases, synonyms."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields
from functools import cache
from math import inf
from typing import Any, final

from rnn_tui.config.parsing import check_choice, format_float, parse_float, parse_int
from rnn_tui.config.settings import CHOICES, RANGES, Settings
from rnn_tui.config.switching import (
    CLIPPED_GRADIENT_NORM,
    CLIPPED_LEARNING_RATE,
    DEFAULTS,
    clipped_combinations,
)
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
    "reduction": {"batchmean": "sequence-mean", "mean": "time-step-mean"},
    "update-rule": {"backprop": "backpropagation", "bptt": "backpropagation"},
    "optimizer": {
        "gd": "sgd",
        "gradient-descent": "sgd",
        "heavy-ball": "momentum",
        "nag": "nesterov",
        "rms-prop": "rmsprop",
    },
}
NO_EPOCHS = "training draws fresh samples, so there are no epochs; use --steps"
UNSUPPORTED = {"epoch": NO_EPOCHS, "epochs": NO_EPOCHS}  # settings of other libraries
FORMER_NAMES = {  # the settings in journals of format 1
    "bits": "length",
    "hidden": "hidden-size",
    "units": "activation",
    "start": "initial-state",
    "init": "initializer",
    "update": "update-rule",
    "batch": "batch-size",
    "examples": "dataset-size",
    "minibatches": "batching",
    "decay": "rho",
    "decoupled-decay": "decoupled-weight-decay",
}


@final
@dataclass(frozen=True, slots=True)
class Field:
    """One setting: an attribute of `Settings`, and its `name` on the command line and in changes.

    parse       converts text to the value; raises UserError
    group       the section of --help
    changeable  whether a change during a run is possible
    aliases     other names, accepted on the command line and in changes
    zero_name   the name of the value 0 on the screen, if it has one
    """

    name: str
    attribute: str
    parse: Callable[[str], Any]
    description: str
    group: str
    changeable: bool = True
    aliases: tuple[str, ...] = ()
    zero_name: str = ""

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
        """The placeholder of the value in --help."""
        if self.choices:
            return "NAME"
        return "N" if self.attribute in RANGES else "X"

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
        if value == 0 and self.zero_name:
            return self.zero_name
        return format_float(value) if isinstance(value, float) else str(value)

    @property
    def _default(self) -> str:
        if self.attribute == "learning_rate":
            clipped_lr = f"{format_float(CLIPPED_LEARNING_RATE)} for {clipped_combinations()}"
            return f"{_defaults_by_optimizer(self.attribute)}; {clipped_lr}"
        if self.attribute == "clip_norm":
            return f"off; {format_float(CLIPPED_GRADIENT_NORM)} for {clipped_combinations()}"
        if self.attribute in HYPERPARAMETERS:
            return _defaults_by_optimizer(self.attribute)
        value = self.get(DEFAULTS)
        return "off" if value == inf else self.format_value(DEFAULTS)


def find_field(name: str) -> Field | None:
    """Return the setting of this name or alias, or None."""
    name = _normalized(name)
    return next((field for field in FIELDS.values() if name in (field.name, *field.aliases)), None)


def explain_unknown(name: str) -> str | None:
    """Return why there is no setting `name`, where that is known: another name, or a reason."""
    name = _normalized(name)
    if name in FORMER_NAMES:
        return f"{name!r} is now {FORMER_NAMES[name]!r}"
    return UNSUPPORTED.get(name)


def _normalized(name: str) -> str:
    return name.strip().lower().replace("_", "-")


@cache
def _defaults_by_optimizer(attribute: str) -> str:
    """Return the default per optimizer, as in "0.9 for momentum, nesterov; 0 for rmsprop"."""
    optimizers: dict[float, list[str]] = {}
    for name, optimizer in OPTIMIZERS.items():
        defaults = {"learning_rate": optimizer.default_lr} | hyperparameters_of(name)
        if attribute in defaults:
            optimizers.setdefault(defaults[attribute], []).append(name)
    return "; ".join(f"{value:g} for {', '.join(names)}" for value, names in optimizers.items())


def _choice_parser(attribute: str) -> Callable[[str], str]:
    name, choices = attribute.replace("_", "-"), CHOICES[attribute]

    def parse(text: str) -> str:
        choice = SYNONYMS.get(name, {}).get(_normalized(text), _normalized(text))
        return check_choice(name, choice if choice in choices else text, choices)

    return parse


def _parser_with_zero(zero_name: str, parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return `parse` for numbers, with a name for 0."""
    return lambda text: 0 if _normalized(text) == zero_name else parse(text)


def _all_fields() -> Iterator[Field]:
    """Yield the settings in their order in `Settings`, hyperparameters after the learning rate."""
    for row in fields(Settings):
        if row.name == "hyperparameter_overrides":
            for name, hyperparameter in HYPERPARAMETERS.items():
                title = name.replace("_", "-")
                yield Field(title, name, parse_float, hyperparameter.help, "optimizer")
        elif row.metadata:
            if row.name in CHOICES:
                parse: Callable[[str], Any] = _choice_parser(row.name)
            else:
                parse = parse_int if row.name in RANGES else parse_float
            zero_name = row.metadata.get("zero_name", "")
            if zero_name:
                parse = _parser_with_zero(zero_name, parse)
            yield Field(
                name=row.metadata.get("name", row.name.replace("_", "-")),
                attribute=row.name,
                parse=parse,
                description=row.metadata["description"],
                group=row.metadata["group"],
                changeable=row.metadata.get("changeable", True),
                aliases=row.metadata.get("aliases", ()),
                zero_name=zero_name,
            )


FIELDS: dict[str, Field] = {field.name: field for field in _all_fields()}
