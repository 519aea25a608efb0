"""Tracing the next step of a run: ends at the weights of that step, and changes nothing."""

from typing import Any

import numpy as np
import pytest

from rnn_tui.analysis.step_trace import Phase, Sum
from rnn_tui.config.errors import UserError
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.run.state import compute_digest
from rnn_tui.run.step_trace import trace_next_step
from tests.support.makers import settings_with


def digest_of(run: Run) -> str:
    state = run.state
    return compute_digest(state.weights, state.optimizer_state, state.stream_state)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_trace_of_next_step_leaves_no_trace_and_ends_at_its_weights(optimizer: str) -> None:
    settings = settings_with(
        optimizer=optimizer, learning_rate=0.01, length=4, hidden_size=3, clip_norm=0.1
    )
    run, twin = Run(settings), Run(settings)
    for steps in (3, 1000):  # within the examples drawn ahead, and past them
        run.advance(steps)
        twin.advance(steps)
        trace = trace_next_step(run)
        for stop in trace.stops:
            equation = trace.equation(stop, {})
            if isinstance(equation, Sum):
                assert list(equation.terms)
        assert digest_of(run) == digest_of(twin)
        weights = trace.record.weights_after
        run.advance(1)
        twin.advance(1)
        assert digest_of(run) == digest_of(twin)
        assert np.array_equal(run.trainer.model.parameters.vector, weights)


def test_trace_has_the_changes_that_are_due_before_the_step() -> None:
    settings = settings_with(length=4, hidden_size=3)
    run = Run(settings, [(0, SetField("optimizer", "adam"))])
    trace = trace_next_step(run)
    assert trace.stops[-1].title.startswith("Adam: ")
    assert run.settings.optimizer == settings.optimizer


def test_batch_without_target_has_no_stops() -> None:
    run = Run(settings_with(task="subtraction", length=4, hidden_size=3))
    traces = []
    for _ in range(20):
        traces.append(trace_next_step(run))
        run.advance(1)
        assert bool(traces[-1].stops) == run.last_step_valid
    assert len({bool(trace.stops) for trace in traces}) == 2
    assert all(trace.example(0) is None for trace in traces if not trace.stops)


@pytest.mark.parametrize("fields", [{"learning_rate": 1e6, "loss": "mean-squared-error"}])
def test_step_that_halts_training_cannot_be_traced(fields: dict[str, Any]) -> None:
    run = Run(settings_with(model="elman", activation="relu", length=4, hidden_size=3, **fields))
    run.advance(1000)
    assert run.halt_reason
    with pytest.raises(UserError, match="no step to trace, as training halts: "):
        trace_next_step(run)
    before = Run(run.initial_settings)
    before.advance(run.step - 1)
    with pytest.raises(UserError, match=f"no step to trace, as training halts: {run.halt_reason}"):
        trace_next_step(before)


def test_phases_follow_each_other_in_the_order_of_the_step() -> None:
    settings = settings_with(optimizer="nesterov-ahead", length=4, hidden_size=3)
    phases = [stop.phase for stop in trace_next_step(Run(settings)).stops]
    assert sorted(phases, key=list(Phase).index) == phases
    assert set(phases) == set(Phase)
