"""The models, by name."""

from rnn_tui.engine.models.activations import ACTIVATIONS
from rnn_tui.engine.models.base import INITIAL_STATES, ForwardCache, Model, ModelSpec
from rnn_tui.engine.models.elman import Elman
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.linear import Linear
from rnn_tui.engine.models.lstm import LSTM

MODELS: dict[str, type[Model]] = {
    "elman": Elman,
    "gru": GRU,
    "lstm": LSTM,
    "feed-forward": FeedForward,
    "linear": Linear,
}

__all__ = [
    "ACTIVATIONS",
    "INITIAL_STATES",
    "MODELS",
    "Elman",
    "ForwardCache",
    "Model",
    "ModelSpec",
]
