"""The state of a run as the subject of analyses, independent of the run."""

import numpy as np

from rnn_tui.analysis.evaluation_set import DEFAULT_SEQUENCES
from rnn_tui.analysis.subject import Subject
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.factory import build_stream, build_trainer, model_with_weights
from rnn_tui.run.rollback import restore_optimizer_state
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
