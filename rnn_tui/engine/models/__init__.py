"""The nets, by name."""

from rnn_tui.engine.models.base import Model, Trace
from rnn_tui.engine.models.elman import Elman
from rnn_tui.engine.models.units import UNITS

MODELS: dict[str, type[Model]] = {"elman": Elman}

__all__ = ["MODELS", "UNITS", "Elman", "Model", "Trace"]
