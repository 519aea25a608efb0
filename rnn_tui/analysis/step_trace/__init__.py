"""The formulas of one training step with its numbers, from the forward pass to the update."""

from rnn_tui.analysis.step_trace.equations import (
    EXAMPLE,
    Assignment,
    Axis,
    Equation,
    Phase,
    Place,
    Stop,
    Sum,
    Term,
)
from rnn_tui.analysis.step_trace.trace import STEP_FORMULAS, StepTrace

__all__ = [
    "EXAMPLE",
    "STEP_FORMULAS",
    "Assignment",
    "Axis",
    "Equation",
    "Phase",
    "Place",
    "StepTrace",
    "Stop",
    "Sum",
    "Term",
]
