"""No analysis changes a run: neither its state, nor its workspaces, nor its next steps."""

from collections.abc import Callable

import numpy as np
import pytest

from rnn_tui.analysis.automaton import (
    ModelSystem,
    extract_automaton,
    fidelity,
    random_words,
    run_system,
)
from rnn_tui.analysis.counterexample import find_counterexample
from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.fixed_points import find_fixed_points, starts_near
from rnn_tui.analysis.gradient_map import gradient_map
from rnn_tui.analysis.length import length_evaluation
from rnn_tui.analysis.probe import probe
from rnn_tui.analysis.spectra import mean_jacobian_spectrum, weight_spectra
from rnn_tui.analysis.swap import swap
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.analysis.transition import transition_of
from rnn_tui.analysis.units import lesions, saturation, unit_correlations
from rnn_tui.analysis.update_ratios import update_ratios
from rnn_tui.engine.batch import Batch
from rnn_tui.run.run import Run
from tests.support.makers import settings_with, state_after, state_of


def check_automaton(run: Run, _batch: Batch) -> None:
    system = ModelSystem(run.trainer.model, run.task, run.trainer.loss)
    machine, truth = extract_automaton(system, 0.5).mealy, task_machine(run.task)
    assert machine is not None
    assert truth is not None
    fidelity(system, machine, random_words(4, 8, 8))
    find_counterexample(lambda words: run_system(system, words), truth.run, 4)


def check_fixed_points(run: Run, batch: Batch) -> None:
    transition = transition_of(run.trainer.model)
    states = transition.trajectory(batch.inputs).reshape(-1, transition.size)
    find_fixed_points(transition, np.array([0.0, 1.0]), starts_near(states, 20))


def check_gradient_map(run: Run, batch: Batch) -> None:
    gradient_map(run.trainer.model, run.trainer.loss, batch)


def check_spectra(run: Run, batch: Batch) -> None:
    weight_spectra(run.trainer.model)
    mean_jacobian_spectrum(run.trainer.model, batch.inputs)


def check_update_ratios(run: Run, batch: Batch) -> None:
    update_ratios(run.trainer, batch)


def check_units(run: Run, batch: Batch) -> None:
    model, loss = run.trainer.model, run.trainer.loss
    examples = EvaluationSet.from_batch(run.task, batch)
    states = examples.run(model, loss).hidden_states
    probe(examples, states)
    unit_correlations(examples, states)
    saturation(model, examples)
    lesions(model, examples, loss)


def check_swap(run: Run, batch: Batch) -> None:
    swap(run.trainer.model, run.task, run.trainer.loss, (batch.inputs, batch.inputs))


def check_length(run: Run, _batch: Batch) -> None:
    length_evaluation(run.trainer.model, run.task, run.trainer.loss, {16: 1}, max_columns=8)


ANALYSES = [
    check_automaton,
    check_fixed_points,
    check_gradient_map,
    check_spectra,
    check_update_ratios,
    check_units,
    check_swap,
    check_length,
]


@pytest.mark.parametrize("model", ["elman", "gru", "lstm"])
@pytest.mark.parametrize("analyze", ANALYSES, ids=lambda check: check.__name__)
def test_analysis_leaves_no_trace_in_run(model: str, analyze: Callable[[Run, Batch], None]) -> None:
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
    batch = run.task.fixed_sample(1, 1)  # of the shape of a training step
    analyze(run, batch)
    assert [values.tobytes() for values in workspaces] == before
    assert state_of(run) == state_of(untouched)
    assert state_after(run, 5) == state_after(untouched, 5)
