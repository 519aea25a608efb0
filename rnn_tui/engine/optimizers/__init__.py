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
from rnn_tui.engine.optimizers.base import Hyperparameter, Optimizer, OptimizerState
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
    "momentum": Hyperparameter(0.0, 1.0, "μ", "momentum coefficient"),
    "rho": Hyperparameter(0.0, 1.0, "ρ", "decay rate of the mean squared gradient"),
    "epsilon": Hyperparameter(0.0, 1.0, "ε", "epsilon, added to the denominator"),
    "beta1": Hyperparameter(0.0, 1.0, "β₁", "decay rate of the first moment"),
    "beta2": Hyperparameter(0.0, 1.0, "β₂", "decay rate of the second moment"),
    "decoupled_weight_decay": Hyperparameter(0.0, inf, "λ", "decoupled weight decay coefficient"),
    "eta_minus": Hyperparameter(
        0.0, 1.0, "η⁻", "factor of the step size when the gradient changes sign"
    ),
    "eta_plus": Hyperparameter(
        1.0, inf, "η⁺", "factor of the step size while the gradient keeps its sign"
    ),
    "step_min": Hyperparameter(0.0, inf, "Δ≥", "minimum step size"),
    "step_max": Hyperparameter(0.0, inf, "Δ≤", "maximum step size"),
}


def hyperparameters_of(optimizer: str) -> dict[str, float]:
    """Return the hyperparameters that the optimizer has, with its own values for them."""
    return asdict(OPTIMIZERS[optimizer])


__all__ = [
    "HYPERPARAMETERS",
    "OPTIMIZERS",
    "Hyperparameter",
    "Optimizer",
    "OptimizerState",
    "hyperparameters_of",
]
