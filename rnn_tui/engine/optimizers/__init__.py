"""The optimizers, by name."""

from dataclasses import asdict

from rnn_tui.engine.optimizers.adaptive import (
    Adagrad,
    Adam,
    AdamW,
    RMSprop,
    RMSpropDrift,
    RMSpropLookAhead,
)
from rnn_tui.engine.optimizers.base import Hyperparameter, Optimizer, OptimizerState, Rate
from rnn_tui.engine.optimizers.rprop import Rprop, TutorialRprop
from rnn_tui.engine.optimizers.sgd import SGD, Momentum, Nesterov, NesterovLookAhead

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": SGD(),
    "momentum": Momentum(),
    "nesterov": Nesterov(),
    "nesterov-ahead": NesterovLookAhead(),
    "rmsprop": RMSprop(),
    "rmsprop-ahead": RMSpropLookAhead(),
    "rmsprop-drift": RMSpropDrift(),
    "adagrad": Adagrad(),
    "adam": Adam(),
    "adamw": AdamW(),
    "rprop": Rprop(),
    "rprop-tutorial": TutorialRprop(),
}

# Every hyperparameter by name, in the order in which the optimizers introduce them.
HYPERPARAMETERS: dict[str, Hyperparameter] = {
    name: row
    for optimizer in OPTIMIZERS.values()
    for name, row in optimizer.hyperparameters().items()
}


def hyperparameters_of(optimizer: str) -> dict[str, float]:
    """Return the optimizer's hyperparameters and their defaults."""
    return asdict(OPTIMIZERS[optimizer])


__all__ = [
    "HYPERPARAMETERS",
    "OPTIMIZERS",
    "Hyperparameter",
    "Optimizer",
    "OptimizerState",
    "Rate",
    "hyperparameters_of",
]
