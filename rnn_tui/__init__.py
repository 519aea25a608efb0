"""Watch, steer and understand a recurrent net as it learns, in a terminal.

The Python API, for notebooks; a name is imported when it is first used:

    import rnn_tui
    run = rnn_tui.Run(rnn_tui.RECIPES["binary-addition"].settings)
    run.advance(1000)                            # train 1000 steps
    run.step, run.history.mean_metric            # mean of the recorded metric
    run.predict("81 + 113")
    run.hidden_states("81 + 113")                # (time, hidden)
    run.weights["recurrent_weight"][...] *= 0.9  # by name: list(run.weights)
    run.apply(rnn_tui.parse_change("lr=0.05"))   # any change of the dashboard
    memory = rnn_tui.analyze(run, "memory")      # of the model now: list(rnn_tui.ANALYSES)
    memory.swap.differing_pairs.accuracy         # whether the carry is used
    run = rnn_tui.load_checkpoint("20260101")    # a recorded run, or an exported npz file
    run.advance(500)

`dataclasses.replace(settings, model="lstm")` and `Settings(recipe="binary-addition", …)` make other
settings. A run from Python is not recorded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnn_tui.analysis.analyses import ANALYSES
    from rnn_tui.config.errors import UserError
    from rnn_tui.config.recipes import RECIPES
    from rnn_tui.config.settings import Settings
    from rnn_tui.recording.load import load_checkpoint
    from rnn_tui.run.changes import parse_change
    from rnn_tui.run.run import Run
    from rnn_tui.run.subject import analyze

__version__ = "0.1.0"
__all__ = [
    "ANALYSES",
    "RECIPES",
    "Run",
    "Settings",
    "UserError",
    "analyze",
    "load_checkpoint",
    "parse_change",
]

_MODULES = {
    "ANALYSES": "rnn_tui.analysis.analyses",
    "RECIPES": "rnn_tui.config.recipes",
    "Run": "rnn_tui.run.run",
    "Settings": "rnn_tui.config.settings",
    "UserError": "rnn_tui.config.errors",
    "analyze": "rnn_tui.run.subject",
    "load_checkpoint": "rnn_tui.recording.load",
    "parse_change": "rnn_tui.run.changes",
}


def __getattr__(name: str) -> Any:
    """Import a name of the API at its first use (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module 'rnn_tui' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
