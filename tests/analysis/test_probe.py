from math import isnan

import numpy as np
import pytest

from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.probe import probe
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Model
from rnn_tui.engine.tasks import TASKS
from tests.analysis.trained import Trained
from tests.engine.makers import random_model
from tests.support.reference import load

REFERENCE = load("inside")["steps"]


@pytest.mark.parametrize("step", REFERENCE)
def test_probe_of_the_default_recipe(trained: Trained, step: str) -> None:
    expected = REFERENCE[step]["carry_out"]
    forward = trained.forward(int(step))
    result = probe(trained.examples, forward.hidden_states)
    everywhere, propagate = result.everywhere, result.propagate
    assert forward.correct.all(axis=0).sum() == REFERENCE[step]["exact"]
    assert everywhere.probe == pytest.approx(expected["least_squares_accuracy"], abs=1e-11)
    assert everywhere.majority == expected["majority"]
    assert everywhere.present_input == 0.84326171875
    assert propagate.probe == pytest.approx(
        expected["least_squares_accuracy_on_propagate_columns"], abs=1e-11
    )
    assert propagate.majority == pytest.approx(expected["majority_on_propagate_columns"], abs=1e-11)
    assert propagate.present_input == propagate.majority


def test_probe_counts_sequences_and_time_steps(trained: Trained) -> None:
    result = probe(trained.examples, trained.forward(0).hidden_states)
    assert (result.everywhere.n, result.propagate.n) == (131_072, 57_344)


def test_planted_carry_is_probed_at_all_time_steps(planted: Model, trained: Trained) -> None:
    states = trained.examples.run(planted, trained.loss).hidden_states
    result = probe(trained.examples, states)
    assert (result.everywhere.probe, result.propagate.probe) == (1.0, 1.0)


def test_states_with_more_than_two_values_are_probed() -> None:
    examples = EvaluationSet.from_task(TASKS["times-three"](8))
    indicators = np.eye(3)[examples.state_after]
    result = probe(examples, indicators)
    assert result.everywhere.probe == 1.0
    assert result.everywhere.majority < result.everywhere.present_input < 1.0


def test_constant_hidden_states_are_probed_at_the_majority() -> None:
    examples = EvaluationSet.from_task(TASKS["addition"](8), 500)
    result = probe(examples, np.ones((8, examples.n, 4)))
    assert result.everywhere.probe == pytest.approx(result.everywhere.majority)


def test_accuracy_without_propagate_time_steps_is_not_a_number() -> None:
    examples = EvaluationSet.from_task(TASKS["echo"](8, lag=1))
    states = examples.run(random_model(0, (1, 4, 1)), HalfSquaredError()).hidden_states
    propagate = probe(examples, states).propagate
    assert propagate.n == 0
    assert isnan(propagate.probe)


def test_task_without_a_required_state_is_rejected() -> None:
    examples = EvaluationSet.from_task(TASKS["xor"]())
    with pytest.raises(ValueError, match="no required state"):
        probe(examples, np.zeros((1, 4, 2)))
