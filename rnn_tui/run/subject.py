"""The state of a run as the subject of analyses, independent of the run."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.evaluation_set import DEFAULT_SEQUENCES
from rnn_tui.analysis.length import LengthResult, evaluate_lengths
from rnn_tui.analysis.subject import Subject
from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.factory import build_stream, build_trainer, model_with_weights
from rnn_tui.run.rollback import restore_optimizer_state
from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState


def subject_of(
    state: RunState, inputs: FloatArray | None = None, max_sequences: int = DEFAULT_SEQUENCES
) -> Subject:
    """Return the model and optimizer of `state`, with the example `inputs` (time, 1, features)."""
    settings = state.settings_state.settings
    task, model = settings.make_task(), model_with_weights(settings, state.weights)
    stream = build_stream(settings, task, np.random.RandomState(), state.dataset)
    trainer = build_trainer(settings, model, stream)
    restore_optimizer_state(trainer, state.optimizer_state)
    example = None if inputs is None else task.batch_from_inputs(inputs)
    return Subject(task, trainer, example, max_sequences)


@np.errstate(all="ignore")
def analyze(run: Run, name: str, input_text: str = "") -> Any:
    """Return the result of the analysis `name`, one of ANALYSES, which leaves `run` as it is.

    The example is that of `input_text`, such as "81 + 113", or the newest training example. For the
    results see the classes in `rnn_tui.analysis`. Raises UserError for an unknown analysis, one
    without meaning for the model or task, and a text that the task cannot read.
    """
    analysis = ANALYSES[check_choice("analysis", name, ANALYSES)]
    inputs = run.inspector.forward(input_text)[0] if input_text else run.inspector.shown_inputs
    result, reason = analysis.compute_or_reason(subject_of(run.state, inputs))
    if reason:
        raise UserError(reason)
    return result


def evaluate_run_at(
    run: Run, lengths: Sequence[int], n: int | None = None, max_columns: int | None = None
) -> LengthResult:
    """Return the accuracy of `run` on other `lengths`, as `evaluate_lengths`; raises UserError."""
    loss = run.settings.make_loss()
    try:
        return evaluate_lengths(run.trainer.model, run.task, loss, lengths, n, max_columns)
    except ValueError as reason:
        raise UserError(str(reason)) from None
