"""Requests to a session; relative ones are resolved against the run when they are handled.

Each is a `session.controller.Request`, handled between two steps by its method `handle`.
"""

from rnn_tui.session.requests.analyses import (
    Analyze,
    CheckGradient,
    DisplayTracedExample,
    EvaluateLengths,
    Export,
    LeaveTrace,
    Race,
    TraceStep,
)
from rnn_tui.session.requests.branches import (
    NEW_SEED_LIMIT,
    Fork,
    NextBranch,
    Restart,
    StartRecipe,
    Undo,
)
from rnn_tui.session.requests.breakpoints import EditBreakpoint, ListBreakpoints
from rnn_tui.session.requests.changes import AdjustLearningRate, SwitchToNext
from rnn_tui.session.requests.examples import PinExample, PinNewest, TogglePin, UnpinExample
from rnn_tui.session.requests.seeks import SeekBy, SeekTo, SeekToChange
from rnn_tui.session.requests.siblings import (
    DEFAULT_SIBLINGS,
    MAX_SIBLINGS,
    ApplyToSiblings,
    OpenSibling,
    TrainSiblings,
)
from rnn_tui.session.requests.training import (
    AdjustSpeed,
    HoldTraining,
    Pause,
    PlanSteps,
    Resume,
    SetSpeed,
    Step,
    TogglePause,
)

__all__ = [
    "DEFAULT_SIBLINGS",
    "MAX_SIBLINGS",
    "NEW_SEED_LIMIT",
    "AdjustLearningRate",
    "AdjustSpeed",
    "Analyze",
    "ApplyToSiblings",
    "CheckGradient",
    "DisplayTracedExample",
    "EditBreakpoint",
    "EvaluateLengths",
    "Export",
    "Fork",
    "HoldTraining",
    "LeaveTrace",
    "ListBreakpoints",
    "NextBranch",
    "OpenSibling",
    "Pause",
    "PinExample",
    "PinNewest",
    "PlanSteps",
    "Race",
    "Restart",
    "Resume",
    "SeekBy",
    "SeekTo",
    "SeekToChange",
    "SetSpeed",
    "StartRecipe",
    "Step",
    "SwitchToNext",
    "TogglePause",
    "TogglePin",
    "TraceStep",
    "TrainSiblings",
    "Undo",
    "UnpinExample",
]
