"""Settings, changes and fingerprints for the tests of runs."""

from dataclasses import replace
from typing import Any

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.models import Model
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import CHANGE_NAMES, Change, parse_change
from rnn_tui.run.example import Example
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.session.session import Session


def settings_with(**changes: Any) -> Settings:
    """Return the settings of the first recipe with `changes`."""
    return replace(RECIPES[DEFAULT_RECIPE].settings, **changes)


SMALL = settings_with(length=5, hidden_size=6)
COUNTING = replace(switched(SMALL, "counting-ones"), seed=1)  # two weights

# To another value than `start_for` has, for each kind of change, as it is typed.
OTHER_VALUES: dict[str, str] = {
    "task": "subtraction",
    "length": "6",
    "lag": "2",
    "model": "gru",
    "hidden-size": "5",
    "layers": "2",
    "activation": "tanh",
    "biases": "1",
    "initial-state": "learned",
    "lesion": "2",
    "loss": "cross-entropy",
    "reduction": "time-step-mean",
    "update-rule": "layerwise",
    "optimizer": "adam",
    "lr": "0.25",
    "momentum": "0.5",
    "rho": "0.75",
    "epsilon": "0.001",
    "beta1": "0.5",
    "beta2": "0.75",
    "decoupled-weight-decay": "0.25",
    "eta-minus": "0.25",
    "eta-plus": "1.5",
    "step-min": "0.0001",
    "step-max": "0.01",
    "clip-norm": "0.5",
    "clip-value": "0.01",
    "weight-decay": "0.001",
    "batch-size": "3",
    "dataset-size": "7",
    "batching": "overlapping",
    "weights": "0.5,-0.25",
}
EACH_CHANGE = {name: parse_change(f"{name}={OTHER_VALUES[name]}") for name in CHANGE_NAMES}
EVERYWHERE = [
    "task", "length", "model", "hidden-size", "activation", "biases", "initial-state", "loss",
    "reduction", "optimizer", "lr", "clip-norm", "clip-value", "weight-decay",
    "batch-size", "dataset-size",
]  # fmt: skip
ONE_AFTER_ANOTHER: list[Change] = [EACH_CHANGE[name] for name in EVERYWHERE]


def start_for(name: str) -> Settings:
    """Return small settings in which the change `name` makes a difference."""
    if name == "weights":
        return COUNTING
    field = FIELDS[name].attribute
    if field in HYPERPARAMETERS:
        with_field = (each for each in OPTIMIZERS if field in hyperparameters_of(each))
        return switched(SMALL, optimizer=next(with_field))
    match name:
        case "lag":
            return switched(SMALL, task="echo")
        case "layers" | "update-rule":
            return replace(
                switched(SMALL, model="feed-forward"), layers=1 + (name == "update-rule")
            )
        case "batching":
            return replace(SMALL, dataset_size=12, batch_size=4)
    return SMALL


def weights_of(run: Run) -> bytes:
    return run.trainer.model.parameters.vector.tobytes()


def named_weights(model: Model) -> dict[str, Any]:
    """Return a copy of each parameter, by name."""
    return {name: model.parameters[name].copy() for name in model.parameters}


def example_of(run: Run) -> Example:
    """Return the displayed example; there must be one."""
    example = run.inspector.example()
    assert example is not None
    return example


def state_of(run: Run) -> dict[str, Any]:
    """Return the state of `run`, bit for bit, as values that `==` compares."""
    recent, whole = run.history.recent(), run.history.full_run()
    return {
        "weights": weights_of(run),
        "memory": {name: values.tobytes() for name, values in run.trainer.optimizer_state.items()},
        "settings": run.settings,
        "rate": run.trainer.learning_rate,
        "step": run.step,
        "log": [(applied.step, applied.change, applied.text) for applied in run.log],
        "halted": run.halt_reason,
        "restored_step": run.rollback_point.step,
        "errors": recent.mean.tobytes(),
        "least": whole.minimum.tobytes(),
        "most": whole.maximum.tobytes(),
        "first_exact": run.evaluation_tracker.first_exact_step,
    }


def state_after(run: Run, steps: int) -> dict[str, Any]:
    """Return the state of `run` after `steps` more."""
    run.advance(steps)
    return state_of(run)


def unrecorded_session(run: Run) -> Session:
    """Return a session of this run alone, which is not recorded."""
    return Session(Branch(run, RunObserver()), lambda _run, _parent: RunObserver())
