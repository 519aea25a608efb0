"""Settings, changes and fingerprints for the tests of runs."""

from dataclasses import replace
from typing import Any

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import turned
from rnn_tui.engine.models import Model
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.run.changes import CHANGES, Change, parse_change
from rnn_tui.run.example import Example
from rnn_tui.run.observer import Nobody
from rnn_tui.run.run import Run
from rnn_tui.session.branch import Branch
from rnn_tui.session.branches import Branches


def settings_with(**changes: Any) -> Settings:
    """Return the settings of the first recipe with `changes`."""
    return replace(RECIPES[DEFAULT_RECIPE].settings, **changes)


SMALL = settings_with(bits=5, hidden=6)
COUNTING = replace(turned(SMALL, "counting-ones"), seed=1)  # two weights

# To another value than `start_for` has, for each kind of change, as it is typed.
OTHER_VALUES: dict[str, str] = {
    "task": "subtraction",
    "bits": "6",
    "lag": "2",
    "model": "gru",
    "hidden": "5",
    "layers": "2",
    "units": "tanh",
    "biases": "1",
    "start": "learned",
    "loss": "cross-entropy",
    "reduction": "step",
    "update": "layerwise",
    "optimizer": "adam",
    "lr": "0.25",
    "momentum": "0.5",
    "decay": "0.75",
    "epsilon": "0.001",
    "beta1": "0.5",
    "beta2": "0.75",
    "decoupled-decay": "0.25",
    "eta-minus": "0.25",
    "eta-plus": "1.5",
    "step-min": "0.0001",
    "step-max": "0.01",
    "clip-norm": "0.5",
    "clip-value": "0.01",
    "weight-decay": "0.001",
    "batch": "3",
    "examples": "7",
    "minibatches": "overlapping",
    "weights": "0.5,-0.25",
}
EACH_CHANGE = {name: parse_change(f"{name}={OTHER_VALUES[name]}") for name in CHANGES}
EVERYWHERE = [
    "task", "bits", "model", "hidden", "units", "biases", "start", "loss", "reduction",
    "optimizer", "lr", "clip-norm", "clip-value", "weight-decay", "batch", "examples",
]  # fmt: skip
ONE_AFTER_ANOTHER: list[Change] = [EACH_CHANGE[name] for name in EVERYWHERE]


def start_for(name: str) -> Settings:
    """Return small settings in which the change `name` makes a difference."""
    if name == "weights":
        return COUNTING
    field = OPTIONS[name].field
    if field in HYPERPARAMETERS:
        having = (it for it in OPTIMIZERS if field in hyperparameters_of(it))
        return turned(SMALL, optimizer=next(having))
    match name:
        case "lag":
            return turned(SMALL, task="echo")
        case "layers" | "update":
            return replace(turned(SMALL, model="feed-forward"), layers=1 + (name == "update"))
        case "minibatches":
            return replace(SMALL, examples=12, batch=4)
    return SMALL


def weights_of(run: Run) -> bytes:
    return run.trainer.model.parameters.vector.tobytes()


def named_weights(model: Model) -> dict[str, Any]:
    """Return a copy of each of the net's matrices, by name."""
    return {name: model.parameters[name].copy() for name in model.parameters}


def shown_by(run: Run) -> Example:
    """Return the example on show; there has to be one."""
    example = run.viewer.example()
    assert example is not None
    return example


def standing(run: Run) -> dict[str, Any]:
    """Return how `run` stands, to the last bit, in what `==` compares."""
    recent, whole = run.history.recent(), run.history.whole()
    return {
        "weights": weights_of(run),
        "memory": {name: values.tobytes() for name, values in run.trainer.state.items()},
        "settings": run.settings,
        "rate": run.trainer.learning_rate,
        "step": run.step,
        "log": list(run.log),
        "halted": run.halted,
        "restored_step": run.refuge.step,
        "errors": recent.mean.tobytes(),
        "least": whole.least.tobytes(),
        "most": whole.most.tobytes(),
        "first_exact": run.scorekeeper.first_exact,
    }


def future(run: Run, steps: int) -> dict[str, Any]:
    """Return how `run` stands after `steps` more."""
    run.advance(steps)
    return standing(run)


def alone(run: Run) -> Branches:
    """Return a session of that run alone, which is not written down."""
    return Branches(Branch(run, Nobody()), lambda _run, _parent: Nobody())
