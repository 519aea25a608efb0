"""The table of analyses, by name: for the dashboard, the command line, line mode and Python.

To add one, write a function of a `Subject` and add one line here. The table does not load numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from rnn_tui.analysis.subject import Subject


@final
@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis with its summary: `function` of `module`, which is imported when it is used."""

    summary: str
    module: str
    function: str

    def compute(self, subject: Subject) -> Any:
        """Return the result for `subject`; raises ValueError where the analysis has no meaning."""
        import numpy as np

        module = import_module(f"rnn_tui.analysis.{self.module}")
        with np.errstate(all="ignore"):  # weights may overflow
            return getattr(module, self.function)(subject)

    def compute_or_reason(self, subject: Subject) -> tuple[Any, str]:
        """Return the result and "", or None and the reason why there is none."""
        try:
            return self.compute(subject), ""
        except ValueError as reason:
            return None, str(reason)


ANALYSES = {
    "hidden-states": Analysis(
        "hidden states over an example, and each unit's part", "hidden_states", "hidden_states"
    ),
    "memory": Analysis(
        "whether the required state is there, and whether it is used", "memory", "memory"
    ),
    "machine": Analysis(
        "the finite-state machine that was learned", "learned_machine", "learned_machine"
    ),
    "attractors": Analysis(
        "fixed points under each input, and a phase portrait", "attractors", "attractors"
    ),
    "gradient-map": Analysis(
        "gradient of each loss by the time step of the state",
        "gradient_map",
        "gradient_map_of_subject",
    ),
    "health": Analysis("sizes of updates and gradients, saturation, spectra", "health", "health"),
    "accuracy-by": Analysis(
        "accuracy by position, required state and carry", "accuracy", "accuracy_breakdown"
    ),
    "length": Analysis(
        "accuracy on longer sequences, and on the worst carries", "length", "length_of_subject"
    ),
}
