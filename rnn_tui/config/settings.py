"""What a run is started with: checked once, here, and never changed after."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from math import inf, isfinite
from typing import Any, final

from rnn_tui.engine.data import MINIBATCHES
from rnn_tui.engine.initializers import INITIALISATIONS, Given
from rnn_tui.engine.losses import LOSSES, REDUCTIONS, Loss
from rnn_tui.engine.models import MODELS, UNITS, Architecture
from rnn_tui.engine.models.base import LayeredModel
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, Optimizer, hyperparameters_of
from rnn_tui.engine.tasks import MAX_BITS, MIN_BITS, TASKS, Task
from rnn_tui.engine.update_rules import UPDATES

MAX_HIDDEN = 512
MAX_LAYERS = 8
MAX_BATCH = 4096
MAX_EXAMPLES = 16_384
MAX_STATES = 1 << 22  # bits × batch × hidden: 32 MiB for each array of states
MAX_STEPS = 10**12
MAX_SEED = 2**32 - 1
MAX_RATE = 1e6
ALIKE = 0.4  # from which on a name may have been meant by another
LONGEST_NUMBER = 40  # digits that a whole number may have

START_STATES = {"zero": "zero", "learned": "learnt like a weight"}


class SettingsError(ValueError):
    """A setting that makes no run; its text says in one line what would."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run: every field is plain data, and together they determine every number it gives.

    A hyperparameter that is None has the value that is the optimizer's own.
    """

    recipe: str
    task: str = "addition"
    bits: int = 8
    lag: int = 1
    model: str = "elman"
    hidden: int = 16
    layers: int = 1
    units: str = "sigmoid"
    biases: int = 0
    start: str = "zero"
    initialisation: str = "uniform"
    loss: str = "half-squared-error"
    reduction: str = "result"
    update: str = "backpropagation"
    optimizer: str = "sgd"
    learning_rate: float = 0.1
    momentum: float | None = None
    decay: float | None = None
    epsilon: float | None = None
    beta1: float | None = None
    beta2: float | None = None
    decoupled_decay: float | None = None
    eta_minus: float | None = None
    eta_plus: float | None = None
    step_min: float | None = None
    step_max: float | None = None
    clip_norm: float = inf
    clip_value: float = inf
    weight_decay: float = 0.0
    batch: int = 1
    examples: int = 0
    minibatches: str = "in-turn"
    seed: int = 0
    steps: int = 10_000

    def __post_init__(self) -> None:
        for kind, names in CHOICES.items():
            known(kind, getattr(self, kind), names)
        for kind, (least, most) in RANGES.items():
            _within(kind, getattr(self, kind), least, most)
        rate = self.learning_rate
        if not (isfinite(rate) and 0 < rate <= MAX_RATE):
            raise SettingsError(
                f"the learning rate must be above 0 and at most {MAX_RATE:,.0f}, not {rate:g}"
            )
        for name, limit in (("clip-norm", self.clip_norm), ("clip-value", self.clip_value)):
            if not limit > 0:
                raise SettingsError(f"{name} must be above 0, or inf for none, not {limit:g}")
        if not 0 <= self.weight_decay < inf:
            raise SettingsError(f"weight-decay must be at least 0, not {self.weight_decay:g}")
        self._check_hyperparameters()
        self._check_fit()
        if self.bits * self.batch * self.hidden > MAX_STATES:
            raise SettingsError(
                f"bits × batch × hidden must be at most {MAX_STATES:,}, not "
                f"{self.bits} × {self.batch} × {self.hidden} = "
                f"{self.bits * self.batch * self.hidden:,}"
            )

    def _check_hyperparameters(self) -> None:
        own = hyperparameters_of(self.optimizer)
        for name, (least, bound, *_) in HYPERPARAMETERS.items():
            value = getattr(self, name)
            if value is None:
                continue
            flag = name.replace("_", "-")
            if name not in own:
                having = [other for other in OPTIMIZERS if name in hyperparameters_of(other)]
                raise SettingsError(
                    f"{self.optimizer} has no {flag}; {', '.join(having)} "
                    f"{'have' if len(having) > 1 else 'has'}"
                )
            if not least <= value < bound:
                below = f" and below {bound:g}" if bound < inf else " and finite"
                raise SettingsError(f"{flag} must be at least {least:g}{below}, not {value:g}")
        low, high = self.hyperparameters.get("step_min"), self.hyperparameters.get("step_max")
        if low is not None and high is not None and low > high:
            raise SettingsError(f"step-min must not be above step-max, which is {high:g}")

    def _check_fit(self) -> None:
        task, model = TASKS[self.task], MODELS[self.model]
        if task.numeric and not LOSSES[self.loss].linear:
            raise SettingsError(
                f"the answers of {self.task} are numbers: its loss is mean-squared-error, "
                f"not {self.loss}"
            )
        if self.model == "linear" and len(task.input_names) != 1:
            raise SettingsError(
                f"the two-weight net has one input, and {self.task} has {len(task.input_names)}"
            )
        if self.update == "layerwise" and not issubclass(model, LayeredModel):
            raise SettingsError(f"layerwise updates need a feed-forward net, not {self.model}")
        first = INITIALISATIONS[self.initialisation]
        if isinstance(first, Given) and self.model != "linear":
            raise SettingsError(
                f"{self.initialisation} names two weights: it is for the linear net, "
                f"not for {self.model}"
            )
        if task.uses_lag and not self.lag < self.bits:
            raise SettingsError(f"the lag must be below the {self.bits} bits, not {self.lag}")
        if self.examples and self.batch > self.examples:
            raise SettingsError(
                f"a batch of {self.batch} cannot come from {self.examples} fixed examples; "
                "examples=0 is for fresh ones"
            )

    @property
    def hyperparameters(self) -> dict[str, float]:
        """What the optimizer is tuned by, besides the rate."""
        own = hyperparameters_of(self.optimizer)
        given = {name: getattr(self, name) for name in own}
        return own | {name: value for name, value in given.items() if value is not None}

    def make_optimizer(self) -> Optimizer:
        tuned: dict[str, Any] = self.hyperparameters
        return replace(OPTIMIZERS[self.optimizer], **tuned)

    def make_task(self) -> Task:
        return TASKS[self.task](self.bits, self.lag)

    def make_loss(self) -> Loss:
        return LOSSES[self.loss](self.reduction)

    @property
    def net(self) -> dict[str, Any]:
        """What the net is made of: that part of the architecture which its kind uses."""
        model = MODELS[self.model]
        made = {name: getattr(self.architecture, name) for name in model.uses}
        if "biases" in made:
            made["biases"] = min(self.biases, model.most_biases)
        return {"inputs": len(TASKS[self.task].input_names), **made}

    @property
    def architecture(self) -> Architecture:
        task = self.make_task()
        return Architecture(
            task.inputs,
            self.hidden,
            task.outputs,
            units=self.units,
            biases=self.biases,
            learned_start=self.start == "learned",
            layers=self.layers,
        )


CHOICES: dict[str, Collection[str]] = {
    "task": TASKS,
    "model": MODELS,
    "units": UNITS,
    "start": START_STATES,
    "initialisation": INITIALISATIONS,
    "loss": LOSSES,
    "reduction": REDUCTIONS,
    "update": UPDATES,
    "optimizer": OPTIMIZERS,
    "minibatches": MINIBATCHES,
}

RANGES: dict[str, tuple[int, int]] = {
    "bits": (MIN_BITS, MAX_BITS),
    "lag": (1, MAX_BITS - 1),
    "hidden": (1, MAX_HIDDEN),
    "layers": (1, MAX_LAYERS),
    "biases": (0, 2),
    "batch": (1, MAX_BATCH),
    "examples": (0, MAX_EXAMPLES),
    "seed": (0, MAX_SEED),
    "steps": (1, MAX_STEPS),
}


def plain(number: float) -> str:
    """Return the shortest decimal that reads back as `number`, and 1 rather than 1.0."""
    return repr(number).removesuffix(".0")


def number(text: str) -> float:
    """Return the number that `text` is; raises SettingsError where it is none."""
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{text!r} is not a number") from None


def whole(text: str) -> int:
    """Return the whole number that `text` is, 1e6 as well; raises SettingsError."""
    with suppress(InvalidOperation):
        value = Decimal(text)  # which 1e999999999 is at once, and an int would be never
        if (
            value.is_finite()
            and value.adjusted() < LONGEST_NUMBER
            and value == value.to_integral_value()
        ):
            return int(value)
    raise SettingsError(f"{text!r} is not a whole number")


def known(kind: str, name: str, names: Collection[str]) -> str:
    """Return `name` if it is one of `names`; else raise SettingsError and suggest the nearest."""
    if name in names:
        return name
    near = get_close_matches(name.lower(), names, n=1, cutoff=ALIKE)
    meant = f"did you mean {near[0]}? " if near else ""
    raise SettingsError(f"there is no {kind} {name!r}: {meant}There are {', '.join(names)}")


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise SettingsError(
            f"{name} must be a whole number from {least} to {most:,}, not {value:,}"
        )
