"""The table of analyses, by name: for the dashboard, the command line, line mode and Python.

To add one, write a function of a `Subject` and add one line here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

from rnn_tui.analysis.accuracy import accuracy_breakdown
from rnn_tui.analysis.attractors import attractors
from rnn_tui.analysis.gradient_map import gradient_map
from rnn_tui.analysis.health import health
from rnn_tui.analysis.hidden_states import hidden_states
from rnn_tui.analysis.learned_machine import learned_machine
from rnn_tui.analysis.length import length_evaluation
from rnn_tui.analysis.memory import memory
from rnn_tui.analysis.subject import Subject


@final
@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis with its summary; `compute` raises ValueError where it has no meaning."""

    summary: str
    compute: Callable[[Subject], Any]


ANALYSES = {
    "hidden-states": Analysis("hidden states over an example, and each unit's part", hidden_states),
    "memory": Analysis("whether the required state is there, and whether it is used", memory),
    "machine": Analysis("the finite-state machine that was learned", learned_machine),
    "attractors": Analysis("fixed points under each input, and a phase portrait", attractors),
    "gradient-map": Analysis(
        "gradient of each loss by the time step of the state",
        lambda subject: gradient_map(subject.model, subject.loss, subject.examples.batch),
    ),
    "health": Analysis("sizes of updates and gradients, saturation, spectra", health),
    "accuracy-by": Analysis("accuracy by position, required state and carry", accuracy_breakdown),
    "length": Analysis(
        "accuracy on longer numbers, and on the worst carries",
        lambda subject: length_evaluation(subject.model, subject.task, subject.loss),
    ),
}
