"""Results of analyses as lines of text, for the command line and line mode.

The figures come with the number of examples they are computed on. The lines "meaning" state no more
than they show, and the line "caution" names what they do not show.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rnn_tui.config.settings import Settings
from rnn_tui.text.analyses.accuracy import accuracy_lines
from rnn_tui.text.analyses.attractors import attractors_lines
from rnn_tui.text.analyses.gradient_map import gradient_map_lines
from rnn_tui.text.analyses.health import health_lines
from rnn_tui.text.analyses.hidden_states import hidden_states_lines
from rnn_tui.text.analyses.length import length_lines
from rnn_tui.text.analyses.machine import machine_lines
from rnn_tui.text.analyses.memory import memory_lines

_LINES: Mapping[str, Callable[[Any, Settings], Iterator[str]]] = {
    "hidden-states": hidden_states_lines,
    "memory": memory_lines,
    "machine": machine_lines,
    "attractors": attractors_lines,
    "gradient-map": gradient_map_lines,
    "health": health_lines,
    "accuracy-by": accuracy_lines,
    "length": length_lines,
}


def analysis_lines(name: str, result: Any, settings: Settings) -> Iterator[str]:
    """Yield the lines of the `result` of the analysis `name` for a model with `settings`."""
    yield from _LINES[name](result, settings)
