"""Settings, changes and fingerprints for the tests of runs."""

from dataclasses import replace
from typing import Any

from rnn_tui.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.session.changes import CHANGES, parse_change
from rnn_tui.session.run import Run
from rnn_tui.settings import Settings


def settings_with(**changes: Any) -> Settings:
    """Return the settings of the first recipe with `changes`."""
    return replace(RECIPES[DEFAULT_RECIPE].settings, **changes)


SMALL = settings_with(bits=5, hidden=6)

# To another value than the first recipe has, for each kind of change.
OTHER_VALUES: dict[str, Any] = {
    "task": "subtraction",
    "optimizer": "adam",
    "lr": 0.25,
    "hidden": 5,
    "batch": 3,
    "clip-norm": 0.5,
    "clip-value": 0.01,
    "weight-decay": 0.001,
}
EACH_CHANGE = [parse_change(f"{name}={OTHER_VALUES[name]}") for name in CHANGES]


def weights_of(run: Run) -> bytes:
    return run.trainer.model.parameters.vector.tobytes()


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
        "restored_step": run.restored_step,
        "errors": recent.mean.tobytes(),
        "least": whole.least.tobytes(),
        "most": whole.most.tobytes(),
        "first_exact": run.scorekeeper.first_exact,
    }


def future(run: Run, steps: int) -> dict[str, Any]:
    """Return how `run` stands after `steps` more."""
    run.advance(steps)
    return standing(run)
