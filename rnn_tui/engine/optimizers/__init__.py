"""The optimizers, by name: how a gradient becomes a step."""

from dataclasses import asdict
from math import inf

from rnn_tui.engine.optimizers.adaptive import (
    Adagrad,
    Adam,
    AdamW,
    RMSprop,
    RMSpropDrift,
    RMSpropLookAhead,
)
from rnn_tui.engine.optimizers.base import Hyperparameter, Optimizer, State
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

# What an optimizer may have besides its rate: the least value, the bound that it stays below, and
# what it means.
HYPERPARAMETERS: dict[str, Hyperparameter] = {
    "momentum": Hyperparameter(0.0, 1.0, "μ", "share of the velocity that is kept"),
    "decay": Hyperparameter(0.0, 1.0, "α", "share of the mean square that is kept"),
    "epsilon": Hyperparameter(0.0, 1.0, "ε", "what keeps the divisor from zero"),
    "beta1": Hyperparameter(0.0, 1.0, "β₁", "share of the mean gradient that is kept"),
    "beta2": Hyperparameter(0.0, 1.0, "β₂", "share of the mean square that is kept"),
    "decoupled_decay": Hyperparameter(
        0.0, inf, "λ", "how strongly weights shrink, beside the gradient"
    ),
    "eta_minus": Hyperparameter(0.0, 1.0, "η⁻", "factor of a step size when the sign flips"),
    "eta_plus": Hyperparameter(1.0, inf, "η⁺", "factor of a step size while the sign stays"),
    "step_min": Hyperparameter(0.0, inf, "Δ≥", "shortest step"),
    "step_max": Hyperparameter(0.0, inf, "Δ≤", "longest step"),
}


def hyperparameters_of(optimizer: str) -> dict[str, float]:
    """Return the hyperparameters that the optimizer has, with its own values for them."""
    return asdict(OPTIMIZERS[optimizer])


__all__ = [
    "HYPERPARAMETERS",
    "OPTIMIZERS",
    "Hyperparameter",
    "Optimizer",
    "State",
    "hyperparameters_of",
]
