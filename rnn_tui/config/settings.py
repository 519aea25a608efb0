"""What a run is started with: checked once, here, and never changed after."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from math import inf, isfinite
from typing import Any, final

from rnn_tui.engine.data import BATCHING_MODES
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS, Loss
from rnn_tui.engine.models import ACTIVATIONS, MODELS, ModelSpec
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, Optimizer, hyperparameters_of
from rnn_tui.engine.tasks import MAX_BITS, MIN_BITS, TASKS, Task
from rnn_tui.engine.update_rules import UPDATE_RULES

MAX_HIDDEN_SIZE = 512
MAX_LAYERS = 8
MAX_BATCH_SIZE = 4096
MAX_DATASET_SIZE = 16_384
MAX_STATE_ELEMENTS = 1 << 22  # bits × batch × hidden: 32 MiB for each array of states
MAX_STEPS = 10**12
MAX_SEED = 2**32 - 1
MAX_LEARNING_RATE = 1e6
SUGGESTION_CUTOFF = 0.6  # from which on a name may have been meant by another
MAX_INTEGER_DIGITS = 40  # digits that a whole number may have

INITIAL_STATES = {"zero": "zero", "learned": "learnt like a weight"}


class UserError(ValueError):
    """A setting that makes no run; its text says in one line what would."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One run: every field is plain data, and together they determine every number it gives.

    A hyperparameter that is None has the value that is the optimizer's own.
    """

    recipe: str
    task: str = "addition"
    length: int = 8
    lag: int = 1
    model: str = "elman"
    hidden_size: int = 16
    layers: int = 1
    activation: str = "sigmoid"
    biases: int = 0
    initial_state: str = "zero"
    initializer: str = "uniform"
    loss: str = "half-squared-error"
    reduction: str = "result"
    update_rule: str = "backpropagation"
    optimizer: str = "sgd"
    learning_rate: float = 0.1
    momentum: float | None = None
    rho: float | None = None
    epsilon: float | None = None
    beta1: float | None = None
    beta2: float | None = None
    decoupled_weight_decay: float | None = None
    eta_minus: float | None = None
    eta_plus: float | None = None
    step_min: float | None = None
    step_max: float | None = None
    clip_norm: float = inf
    clip_value: float = inf
    weight_decay: float = 0.0
    batch_size: int = 1
    dataset_size: int = 0
    batching: str = "in-turn"
    seed: int = 0
    steps: int = 10_000

    def __post_init__(self) -> None:
        for field, choices in CHOICES.items():
            check_choice(field.replace("_", "-"), getattr(self, field), choices)
        for field, (minimum, maximum) in RANGES.items():
            _check_range(field.replace("_", "-"), getattr(self, field), minimum, maximum)
        learning_rate = self.learning_rate
        if not (isfinite(learning_rate) and 0 < learning_rate <= MAX_LEARNING_RATE):
            raise UserError(
                f"the learning rate must be above 0 and at most {MAX_LEARNING_RATE:,.0f}, "
                f"not {learning_rate:g}"
            )
        for name, limit in (("clip-norm", self.clip_norm), ("clip-value", self.clip_value)):
            if not limit > 0:
                raise UserError(f"{name} must be above 0, or inf for none, not {limit:g}")
        if not 0 <= self.weight_decay < inf:
            raise UserError(f"weight-decay must be at least 0, not {self.weight_decay:g}")
        self._check_hyperparameters()
        self._check_compatible()
        if self.length * self.batch_size * self.hidden_size > MAX_STATE_ELEMENTS:
            raise UserError(
                f"bits × batch × hidden must be at most {MAX_STATE_ELEMENTS:,}, not "
                f"{self.length} × {self.batch_size} × {self.hidden_size} = "
                f"{self.length * self.batch_size * self.hidden_size:,}"
            )

    def _check_hyperparameters(self) -> None:
        own = hyperparameters_of(self.optimizer)
        for name, (minimum, upper, *_) in HYPERPARAMETERS.items():
            value = getattr(self, name)
            if value is None:
                continue
            flag = name.replace("_", "-")
            if name not in own:
                optimizers = [other for other in OPTIMIZERS if name in hyperparameters_of(other)]
                raise UserError(
                    f"{self.optimizer} has no {flag}; {', '.join(optimizers)} "
                    f"{'have' if len(optimizers) > 1 else 'has'}"
                )
            if not minimum <= value < upper:
                below = f" and below {upper:g}" if upper < inf else " and finite"
                raise UserError(f"{flag} must be at least {minimum:g}{below}, not {value:g}")
        low, high = self.hyperparameters.get("step_min"), self.hyperparameters.get("step_max")
        if low is not None and high is not None and low > high:
            raise UserError(f"step-min must not be above step-max, which is {high:g}")

    def _check_compatible(self) -> None:
        task, model = TASKS[self.task], MODELS[self.model]
        if task.is_regression and not LOSSES[self.loss].linear_output:
            raise UserError(
                f"the answers of {self.task} are numbers: its loss is mean-squared-error, "
                f"not {self.loss}"
            )
        if len(task.input_names) > model.max_inputs:
            raise UserError(
                f"the two-weight net has one input, and {self.task} has {len(task.input_names)}"
            )
        if UPDATE_RULES[self.update_rule].is_layerwise and not model.supports_layerwise:
            raise UserError(f"layerwise updates need a feed-forward net, not {self.model}")
        if not INITIALIZERS[self.initializer].fits(model):
            raise UserError(
                f"{self.initializer} names two weights: it is for the linear net, "
                f"not for {self.model}"
            )
        if task.uses_lag and not self.lag < self.length:
            raise UserError(f"the lag must be below the {self.length} bits, not {self.lag}")
        if self.dataset_size and self.batch_size > self.dataset_size:
            raise UserError(
                f"batch-size {self.batch_size} is more than the dataset of {self.dataset_size}; "
                "dataset-size 0 draws new samples each step"
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
        return TASKS[self.task](self.length, self.lag)

    def make_loss(self) -> Loss:
        return LOSSES[self.loss](self.reduction)

    @property
    def model_kwargs(self) -> dict[str, Any]:
        """What the net is made of: that part of the architecture which its kind uses."""
        model = MODELS[self.model]
        kwargs = {name: getattr(self.model_spec, name) for name in model.spec_fields}
        if "biases" in kwargs:
            kwargs["biases"] = min(self.biases, model.max_biases)
        return {"inputs": len(TASKS[self.task].input_names), **kwargs}

    @property
    def model_spec(self) -> ModelSpec:
        task = self.make_task()
        return ModelSpec(
            task.inputs,
            self.hidden_size,
            task.outputs,
            activation=self.activation,
            biases=self.biases,
            learned_initial_state=self.initial_state == "learned",
            layers=self.layers,
        )


CHOICES: dict[str, Collection[str]] = {
    "task": TASKS,
    "model": MODELS,
    "activation": ACTIVATIONS,
    "initial_state": INITIAL_STATES,
    "initializer": INITIALIZERS,
    "loss": LOSSES,
    "reduction": REDUCTIONS,
    "update_rule": UPDATE_RULES,
    "optimizer": OPTIMIZERS,
    "batching": BATCHING_MODES,
}

RANGES: dict[str, tuple[int, int]] = {
    "length": (MIN_BITS, MAX_BITS),
    "lag": (1, MAX_BITS - 1),
    "hidden_size": (1, MAX_HIDDEN_SIZE),
    "layers": (1, MAX_LAYERS),
    "biases": (0, 2),
    "batch_size": (1, MAX_BATCH_SIZE),
    "dataset_size": (0, MAX_DATASET_SIZE),
    "seed": (0, MAX_SEED),
    "steps": (1, MAX_STEPS),
}


def format_float(value: float) -> str:
    """Return the shortest decimal that reads back as `number`, and 1 rather than 1.0."""
    return repr(value).removesuffix(".0")


def parse_float(text: str) -> float:
    """Return the number that `text` is; raises SettingsError where it is none."""
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number") from None


def parse_int(text: str) -> int:
    """Return the whole number that `text` is, 1e6 as well; raises SettingsError."""
    with suppress(InvalidOperation):
        value = Decimal(text)  # which 1e999999999 is at once, and an int would be never
        if (
            value.is_finite()
            and value.adjusted() < MAX_INTEGER_DIGITS
            and value == value.to_integral_value()
        ):
            return int(value)
    raise UserError(f"{text!r} is not a whole number")


def check_choice(kind: str, name: str, choices: Collection[str]) -> str:
    """Return `name` if it is one of `choices`; else raise UserError and suggest the nearest."""
    if name in choices:
        return name
    matches = get_close_matches(name.lower(), choices, n=1, cutoff=SUGGESTION_CUTOFF)
    suggestion = f" (did you mean {matches[0]}?)" if matches else ""
    raise UserError(f"unknown {kind} {name!r}{suggestion}. Choose from: {', '.join(choices)}")


def _check_range(name: str, value: int, minimum: int, maximum: int) -> None:
    if not minimum <= value <= maximum:
        raise UserError(
            f"{name} must be a whole number from {minimum} to {maximum:,}, not {value:,}"
        )
