"""The trace of the next step of a run, which does not change the run."""

import numpy as np

from rnn_tui.analysis.step_trace import StepTrace
from rnn_tui.config.errors import UserError
from rnn_tui.engine.trainer import TrainingHalted
from rnn_tui.run.run import Run


def trace_next_step(run: Run) -> StepTrace:
    """Return the trace of the step that `run` would take next, taken by a copy of the run.

    Raises UserError if training is halted, or that step would halt it.
    """
    reason = run.halt_reason
    if not reason:
        copy = Run.from_state(run.state, run.initial_settings, run.log, run.pending_changes)
        try:
            with np.errstate(all="ignore"):
                copy.apply_scheduled_changes()
                return StepTrace(copy.trainer, run.step)
        except TrainingHalted as halt:
            reason = str(halt)
    raise UserError(f"no step to trace, as training halts: {reason}; lower the learning rate (-)")
