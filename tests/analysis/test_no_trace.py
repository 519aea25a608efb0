"""No analysis changes a run: neither its state, nor its workspaces, nor its next steps."""

import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.subject import Subject
from rnn_tui.run.run import Run
from tests.support.makers import settings_with, state_after, state_of


@pytest.mark.parametrize("model", ["elman", "gru", "lstm"])
@pytest.mark.parametrize("name", ANALYSES)
def test_analysis_leaves_no_trace_in_run(model: str, name: str) -> None:
    settings = settings_with(length=5, hidden_size=4, model=model, optimizer="adam")
    run, untouched = Run(settings), Run(settings)
    for either in (run, untouched):
        either.advance(20)
    result = run.trainer.last_result
    assert result is not None
    workspaces = (
        run.trainer.model.gradient.vector,
        result.cache.hidden_states,
        result.cache.state_gradients,
        result.loss_result.outputs,
        result.loss_result.gradient,
    )
    before = [values.tobytes() for values in workspaces]
    example = run.task.fixed_sample(1, 1)  # of the shape of a training step
    ANALYSES[name].compute(Subject(run.task, run.trainer, example))
    assert [values.tobytes() for values in workspaces] == before
    assert state_of(run) == state_of(untouched)
    assert state_after(run, 5) == state_after(untouched, 5)
