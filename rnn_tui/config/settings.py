"""Settings of a run, checked when they are made."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from math import inf, isfinite
from typing import Any, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.engine.data import BATCHING_MODES
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS, Loss
from rnn_tui.engine.models import ACTIVATIONS, INITIAL_STATES, MODELS, ModelSpec
from rnn_tui.engine.models.activations import FORMER_NUMERICS, NUMERICS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, Optimizer, hyperparameters_of
from rnn_tui.engine.tasks import MAX_TRAINING_LENGTH, MIN_LENGTH, TASKS, Task
from rnn_tui.engine.update_rules import UPDATE_RULES

MAX_HIDDEN_SIZE = 512
MAX_LAYERS = 8
MAX_BATCH_SIZE = 4096
MAX_DATASET_SIZE = 16_384
MAX_STATE_ELEMENTS = 1 << 22  # length × batch size × hidden size: 32 MiB per array of states
MAX_DATASET_TIME_STEPS = 1 << 21  # length × dataset size: 16 MiB per array of inputs
MAX_STEPS = 10**12
EXACT_CHECK_INTERVAL_STEPS = 250  # between two checks for 100 % sequence accuracy
ANALYSIS_INTERVAL_STEPS = 1000  # between two checks that take as long as tens of steps
MAX_SEED = 2**32 - 1
MAX_LEARNING_RATE = 1e6


def _setting(default: str | float, group: str, description: str, **other: Any) -> Any:
    """Declare a setting: a field of `Settings` with the metadata of its row in `fields.FIELDS`.

    group       the section of --help
    choices     the valid values, if they are names
    limits      the minimum and the maximum of an integer
    name        the name on the command line, by default that of the attribute
    aliases     other names, accepted on the command line and in changes
    changeable  whether a change during a run is possible (default: True)
    zero_name   the name of the value 0, accepted and displayed, if it has one
    """
    return field(default=default, metadata={"group": group, "description": description} | other)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that determines the numbers of a run, as plain data: a row per setting.

    `hyperparameter_overrides` are the hyperparameters that differ from the optimizer's defaults,
    sorted by name. `numerics` is FORMER_NUMERICS for runs recorded by earlier versions. Raises
    UserError for invalid or incompatible values.
    """

    recipe: str
    numerics: int = NUMERICS
    task: str = _setting(
        "addition",
        "what is trained",
        "task to learn; some have defaults of their own",
        choices=TASKS,
    )
    length: int = _setting(
        8,
        "what is trained",
        "sequence length in time steps, the bits of a number in arithmetic tasks",
        limits=(MIN_LENGTH, MAX_TRAINING_LENGTH),
    )
    lag: int = _setting(
        1,
        "what is trained",
        "time steps from input to target (echo, delayed-xor)",
        limits=(1, MAX_TRAINING_LENGTH - 1),
    )
    model: str = _setting("elman", "model", "model architecture", choices=MODELS)
    hidden_size: int = _setting(
        16,
        "model",
        "hidden units per layer",
        limits=(1, MAX_HIDDEN_SIZE),
        aliases=("hidden",),
    )
    layers: int = _setting(
        1, "model", "number of hidden layers (feed-forward)", limits=(1, MAX_LAYERS)
    )
    activation: str = _setting(
        "sigmoid",
        "model",
        "activation function of the hidden units (elman, feed-forward)",
        choices=ACTIVATIONS,
        aliases=("nonlinearity",),
    )
    biases: int = _setting(
        0,
        "model",
        "bias vectors per hidden layer: 0, 1, or for elman 2 as in a tutorial",
        limits=(0, 2),
    )
    initial_state: str = _setting(
        "zero", "model", "initial hidden state (elman, gru, lstm)", choices=INITIAL_STATES
    )
    lesion: int = _setting(
        0,
        "model",
        "hidden unit, from 1, whose output is clamped to 0 (elman, gru, lstm)",
        limits=(0, MAX_HIDDEN_SIZE),
        zero_name="none",
    )
    initializer: str = _setting(
        "uniform", "model", "weight initializer", choices=INITIALIZERS, changeable=False
    )
    initializer_noise: float = _setting(
        0.0,
        "model",
        "standard deviation of normally distributed noise on the initial weights",
        changeable=False,
    )
    loss: str = _setting("half-squared-error", "what is trained", "loss function", choices=LOSSES)
    reduction: str = _setting(
        "sequence-mean",
        "what is trained",
        "reduction of the loss over time steps and batch",
        choices=REDUCTIONS,
    )
    update_rule: str = _setting(
        "backpropagation",
        "optimizer",
        "update all weights after the backward pass, or each layer during it",
        choices=UPDATE_RULES,
    )
    optimizer: str = _setting("sgd", "optimizer", "optimizer", choices=OPTIMIZERS)
    learning_rate: float = _setting(
        0.1, "optimizer", "learning rate", name="lr", aliases=("learning-rate",)
    )
    hyperparameter_overrides: tuple[tuple[str, float], ...] = ()
    clip_norm: float = _setting(inf, "optimizer", "clip gradients to this L2 norm")
    clip_value: float = _setting(inf, "optimizer", "clip each gradient element to ± this value")
    weight_decay: float = _setting(
        0.0, "optimizer", "L2 weight decay, added to the gradient; decoupled for adamw"
    )
    batch_size: int = _setting(
        1, "data", "sequences per batch", limits=(1, MAX_BATCH_SIZE), aliases=("batch",)
    )
    dataset_size: int = _setting(
        0,
        "data",
        "train on a fixed dataset of N sequences; 0 draws fresh samples each step",
        limits=(0, MAX_DATASET_SIZE),
    )
    batching: str = _setting(
        "sequential", "data", "how a fixed dataset is split into batches", choices=BATCHING_MODES
    )
    seed: int = _setting(0, "run", "random seed", limits=(0, MAX_SEED), changeable=False)
    steps: int = _setting(
        10_000, "run", "number of training steps", limits=(1, MAX_STEPS), changeable=False
    )

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            check_choice(name.replace("_", "-"), getattr(self, name), choices)
        for name, (minimum, maximum) in RANGES.items():
            _check_range(name.replace("_", "-"), getattr(self, name), minimum, maximum)
        learning_rate = self.learning_rate
        if not (isfinite(learning_rate) and 0 < learning_rate <= MAX_LEARNING_RATE):
            raise UserError(
                f"the learning rate must be above 0 and at most {MAX_LEARNING_RATE:,.0f}, "
                f"not {learning_rate:g}"
            )
        for name, limit in (("clip-norm", self.clip_norm), ("clip-value", self.clip_value)):
            if not limit > 0:
                raise UserError(f"{name} must be above 0, or inf for none, not {limit:g}")
        for name in ("weight_decay", "initializer_noise"):
            if not 0 <= getattr(self, name) < inf:
                title = name.replace("_", "-")
                raise UserError(f"{title} must be at least 0, not {getattr(self, name):g}")
        if self.numerics not in (NUMERICS, FORMER_NUMERICS):
            raise UserError(f"numerics of version {self.numerics} need a newer rnn-tui")
        self._check_hyperparameters()
        self._check_compatible()
        length = self.length if TASKS[self.task].uses_length else 1
        if length * self.batch_size * self.used_hidden_size > MAX_STATE_ELEMENTS:
            raise UserError(
                f"length × batch-size × hidden-size must be at most {MAX_STATE_ELEMENTS:,}, not "
                f"{self.length} × {self.batch_size} × {self.hidden_size} = "
                f"{self.length * self.batch_size * self.hidden_size:,}"
            )
        if length * self.dataset_size > MAX_DATASET_TIME_STEPS:
            raise UserError(
                f"length × dataset-size must be at most {MAX_DATASET_TIME_STEPS:,}, not "
                f"{self.length} × {self.dataset_size} = {self.length * self.dataset_size:,}"
            )

    def _check_hyperparameters(self) -> None:
        own = hyperparameters_of(self.optimizer)
        for name, value in self.hyperparameter_overrides:
            title, (minimum, upper_bound, *_) = name.replace("_", "-"), HYPERPARAMETERS[name]
            if name not in own:
                optimizers = [other for other in OPTIMIZERS if name in hyperparameters_of(other)]
                raise UserError(
                    f"{self.optimizer} has no {title}; {', '.join(optimizers)} "
                    f"{'have' if len(optimizers) > 1 else 'has'}"
                )
            if not minimum <= value < upper_bound:
                below = f" and below {upper_bound:g}" if upper_bound < inf else " and finite"
                raise UserError(f"{title} must be at least {minimum:g}{below}, not {value:g}")
        low, high = self.hyperparameters.get("step_min"), self.hyperparameters.get("step_max")
        if low is not None and high is not None and low > high:
            raise UserError(f"step-min must not be above step-max, which is {high:g}")

    def _check_compatible(self) -> None:
        task, model = TASKS[self.task], MODELS[self.model]
        if task.is_regression and not LOSSES[self.loss].linear_output:
            losses = " or ".join(name for name, loss in LOSSES.items() if loss.linear_output)
            raise UserError(
                f"{self.task} is a regression task, not for {self.loss}; use loss {losses}"
            )
        if len(task.input_names) > model.max_inputs:
            count = "one input" if model.max_inputs == 1 else f"{model.max_inputs} inputs"
            raise UserError(
                f"model {self.model} has {count}, and {self.task} has {len(task.input_names)}; "
                "use another model"
            )
        if UPDATE_RULES[self.update_rule].is_layerwise and not model.supports_layerwise:
            names = " or ".join(name for name in MODELS if MODELS[name].supports_layerwise)
            raise UserError(f"update-rule {self.update_rule} needs model {names}, not {self.model}")
        if "lesion" in model.spec_fields and self.lesion > self.hidden_size:
            raise UserError(
                f"lesion must be a hidden unit from 1 to {self.hidden_size}, or none, "
                f"not {self.lesion}"
            )
        initializer = INITIALIZERS[self.initializer]
        if not initializer.fits(model):
            names = " or ".join(name for name in MODELS if initializer.fits(MODELS[name]))
            raise UserError(f"initializer {self.initializer} needs model {names}, not {self.model}")
        needed = initializer.requirements
        if differing := [name for name in needed if getattr(self, name) != needed[name]]:
            names, values = (
                ", ".join(f"{name.replace('_', '-')} {value}" for name, value in pairs)
                for pairs in (
                    needed.items(),
                    ((name, getattr(self, name)) for name in differing),
                )
            )
            raise UserError(f"initializer {self.initializer} needs {names}, not {values}")
        if task.uses_lag and not self.lag < self.length:
            raise UserError(f"lag must be below the length, which is {self.length}, not {self.lag}")
        if self.dataset_size and self.batch_size > self.dataset_size:
            raise UserError(
                f"batch-size {self.batch_size} is above dataset-size {self.dataset_size}; "
                "dataset-size 0 draws fresh samples each step"
            )

    def get(self, attribute: str) -> Any:
        """Return the value of a field, or of a hyperparameter: None for the optimizer's default."""
        if attribute in HYPERPARAMETERS:
            return dict(self.hyperparameter_overrides).get(attribute)
        return getattr(self, attribute)

    def updated(self, **changes: Any) -> "Settings":
        """Return these settings with other values of fields and hyperparameters.

        None gives a hyperparameter the optimizer's default. Raises UserError for invalid settings.
        """
        overrides = dict(self.hyperparameter_overrides)
        for name in changes.keys() & HYPERPARAMETERS:
            overrides[name] = changes.pop(name)
        pairs = sorted((name, value) for name, value in overrides.items() if value is not None)
        return replace(self, hyperparameter_overrides=tuple(pairs), **changes)

    def differing_fields(self, other: "Settings") -> set[str]:
        """Return the names of the fields in which `other` settings differ."""
        return {name for name in self.__slots__ if getattr(self, name) != getattr(other, name)}

    @property
    def hyperparameters(self) -> dict[str, float]:
        """All hyperparameters of the optimizer except the learning rate, by name."""
        values = hyperparameters_of(self.optimizer) | dict(self.hyperparameter_overrides)
        if self._decouples_weight_decay:
            values["decoupled_weight_decay"] = self.weight_decay
        return values

    @property
    def l2_weight_decay(self) -> float:
        """The weight decay that is added to the gradient."""
        return 0.0 if self._decouples_weight_decay else self.weight_decay

    @property
    def weight_decay_note(self) -> str:
        """Why the weight decay is L2 with an optimizer that has a decoupled one, if so, or ""."""
        decoupled = self.get("decoupled_weight_decay")
        if decoupled is None or not self.l2_weight_decay:
            return ""
        return f"added to the gradient (L2), as decoupled-weight-decay is set to {decoupled:g}"

    @property
    def _decouples_weight_decay(self) -> bool:
        """Whether `weight_decay` is that of AdamW, as in PyTorch; not if both decays are set."""
        return (
            self.weight_decay > 0
            and "decoupled_weight_decay" in hyperparameters_of(self.optimizer)
            and self.get("decoupled_weight_decay") is None
        )

    def make_optimizer(self) -> Optimizer:
        """Return the optimizer with its hyperparameters."""
        hyperparameters: dict[str, Any] = self.hyperparameters
        return replace(OPTIMIZERS[self.optimizer], **hyperparameters)

    def make_task(self) -> Task:
        """Return the task with its length and lag."""
        return TASKS[self.task](self.length, self.lag)

    def make_loss(self) -> Loss:
        """Return the loss function with its reduction."""
        return LOSSES[self.loss](self.reduction)

    @property
    def model_kwargs(self) -> dict[str, Any]:
        """The arguments of the model that are in use."""
        model = MODELS[self.model]
        kwargs = {name: getattr(self, name) for name in model.spec_fields}
        if "biases" in kwargs:
            kwargs["biases"] = min(self.biases, model.max_biases)
        return {"inputs": len(TASKS[self.task].input_names), **kwargs}

    @property
    def architecture(self) -> dict[str, Any]:
        """The arguments of the model that are in use, but for a lesion, which keeps the weights."""
        return {name: value for name, value in self.model_kwargs.items() if name != "lesion"}

    @property
    def has_cost_surface(self) -> bool:
        """Whether the run has the cost surface of the counting tutorial."""
        return TASKS[self.task].has_cost_surface and MODELS[self.model].has_cost_surface

    @property
    def has_bit_grid(self) -> bool:
        """Whether an example is shown bit by bit; linear counting models and XOR have a map."""
        return not (self.has_cost_surface or TASKS[self.task].has_output_grid)

    @property
    def used_hidden_size(self) -> int:
        """The hidden units of the model, 1 for a model without hidden layers."""
        return self.hidden_size if "hidden_size" in MODELS[self.model].spec_fields else 1

    @property
    def model_spec(self) -> ModelSpec:
        """The architecture of the model, with fields that it may not use."""
        task = self.make_task()
        own = {name: getattr(self, name) for name in MODEL_FIELDS}
        return ModelSpec(inputs=task.inputs, outputs=task.outputs, **own)


MODEL_FIELDS = [row.name for row in fields(ModelSpec) if row.name not in ("inputs", "outputs")]
CHOICES: dict[str, Collection[str]] = {
    row.name: row.metadata["choices"] for row in fields(Settings) if "choices" in row.metadata
}
RANGES: dict[str, tuple[int, int]] = {
    row.name: row.metadata["limits"] for row in fields(Settings) if "limits" in row.metadata
}


def _check_range(name: str, value: int, minimum: int, maximum: int) -> None:
    if not minimum <= value <= maximum:
        raise UserError(f"{name} must be an integer from {minimum} to {maximum:,}, not {value:,}")
