"""The optimizers, by name: how a gradient becomes a step."""

from rnn_tui.engine.optimizers.adaptive import Adagrad, Adam, AdamW, RMSprop, RMSpropLookAhead
from rnn_tui.engine.optimizers.base import Optimizer, State
from rnn_tui.engine.optimizers.momentum import SGD, Momentum, Nesterov, NesterovLookAhead
from rnn_tui.engine.optimizers.rprop import Rprop, TutorialRprop

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": SGD(),
    "momentum": Momentum(),
    "nesterov": Nesterov(),
    "nesterov-ahead": NesterovLookAhead(),
    "rmsprop": RMSprop(),
    "rmsprop-ahead": RMSpropLookAhead(),
    "adagrad": Adagrad(),
    "adam": Adam(),
    "adamw": AdamW(),
    "rprop": Rprop(),
    "rprop-tutorial": TutorialRprop(),
}

__all__ = ["OPTIMIZERS", "Optimizer", "State"]
