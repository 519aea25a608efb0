"""Analyses change neither the model nor its training."""

import pytest

from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.length import length_evaluation
from rnn_tui.analysis.probe import probe
from rnn_tui.analysis.swap import swap
from rnn_tui.analysis.units import lesions, saturation, unit_correlations
from rnn_tui.run.run import Run
from tests.support.makers import settings_with, state_of


@pytest.mark.parametrize("model", ["elman", "gru", "lstm"])
def test_analyses_leave_no_trace_in_a_run(model: str) -> None:
    runs = [Run(settings_with(model=model, biases=1, initial_state="learned")) for _ in range(2)]
    analysed, other = runs
    for run in runs:
        run.advance(250)
    result = analysed.trainer.last_result
    assert result is not None
    cached = result.cache.hidden_states.copy()
    trained_model, loss = analysed.trainer.model, analysed.settings.make_loss()
    examples = EvaluationSet.from_task(analysed.task, 1)
    forward = examples.run(trained_model, loss)
    probe(examples, forward.hidden_states)
    unit_correlations(examples, forward.hidden_states)
    saturation(trained_model, examples)
    lesions(trained_model, examples, loss)
    inputs = examples.batch.inputs
    swap(trained_model, analysed.task, loss, (inputs, inputs))
    length_evaluation(trained_model, analysed.task, loss, {16: 4}, max_columns=8)
    assert (cached == result.cache.hidden_states).all()
    for run in runs:
        run.advance(250)
    assert state_of(analysed) == state_of(other)
