from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.transition import transition_of
from rnn_tui.analysis.units import (
    clamped_accuracies,
    mean_ablations,
    saturation,
    unit_correlations,
)
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Model
from rnn_tui.engine.planted import CARRY_UNIT
from rnn_tui.engine.tasks import TASKS
from tests.analysis.trained import Trained
from tests.engine.makers import random_model
from tests.support.reference import load

REFERENCE = load("inside")["steps"]
# Sequence accuracy of the default recipe after 10,000 steps without each unit, on other 512 pairs.
ABLATED = [1, 0.95, 1, 0.98, 1, 1, 0.09, 0.15, 0.92, 1, 0.96, 0.79, 1, 0.89, 0.70, 1]


@pytest.mark.parametrize("step", REFERENCE)
def test_correlations_of_the_default_recipe(trained: Trained, step: str) -> None:
    expected = REFERENCE[step]["carry_out"]
    result = unit_correlations(trained.examples, trained.forward(int(step)).hidden_states)
    np.testing.assert_allclose(result.everywhere, expected["correlations"], atol=1e-11)
    best, correlation = expected["best_unit_on_propagate_columns"]
    assert result.order[0] + 1 == best
    assert result.propagate[result.order[0]] == pytest.approx(correlation, abs=1e-11)
    assert (np.diff(np.abs(result.propagate[result.order])) <= 0).all()
    assert result.n_propagate == 57_344


def test_planted_carry_unit_correlates_with_the_carry(planted: Model, trained: Trained) -> None:
    states = trained.examples.run(planted, trained.loss).hidden_states
    result = unit_correlations(trained.examples, states)
    assert result.order[0] == CARRY_UNIT
    assert result.propagate[CARRY_UNIT] == pytest.approx(1, abs=1e-8)


def test_correlation_of_a_constant_unit_is_not_defined(trained: Trained) -> None:
    states = trained.forward(0).hidden_states.copy()
    states[:, :, 3] = 0.7
    result = unit_correlations(trained.examples, states)
    assert np.isnan([result.propagate[3], result.everywhere[3]]).all()
    assert result.order[-1] == 3


def test_correlations_need_a_required_state() -> None:
    with pytest.raises(ValueError, match="no required state"):
        unit_correlations(EvaluationSet.from_task(TASKS["xor"]()), np.zeros((1, 4, 2)))


def test_ablations_of_the_default_recipe(trained: Trained) -> None:
    examples = EvaluationSet.from_task(trained.task, 512)
    result = mean_ablations(trained.model(10_000), examples, trained.loss)
    assert (result.intact, result.n_sequences) == (1.0, 512)
    # Three standard errors of a difference of two samples of 512 pairs, at most.
    np.testing.assert_allclose(result.accuracies, ABLATED, atol=0.07)


def test_ablation_of_the_planted_carry_unit_breaks_carries_only(
    planted: Model, trained: Trained
) -> None:
    result = mean_ablations(planted, trained.examples, trained.loss, [CARRY_UNIT])
    never = ~trained.examples.state_before.any(axis=0)
    assert (result.intact, result.n_sequences) == (1.0, 16_384)
    assert result.accuracies.tolist() == [never.mean()]


@pytest.mark.parametrize("kind", ["elman", "gru", "lstm", "feed-forward"])
def test_saturation_from_a_known_forward_pass_is_the_same(kind: str) -> None:
    examples = EvaluationSet.from_task(TASKS["addition"](8), 100)
    model = random_model(2, (2, 5, 1), kind=kind)
    known = saturation(model, examples, examples.run(model, HalfSquaredError()))
    for one, other in zip(known, saturation(model, examples), strict=True):
        assert (one.name, one.n, one.fraction) == (other.name, other.n, other.fraction)


@pytest.mark.parametrize("kind", ["elman", "gru", "lstm"])
def test_clamping_to_0_equals_removing_the_weights_from_the_unit(kind: str) -> None:
    loss, unit = HalfSquaredError(), 2
    examples = EvaluationSet.from_task(TASKS["addition"](8), 500)
    model = random_model(2, (2, 5, 1), kind=kind, biases=1)
    model.parameters["output_bias"][...] -= np.median(model.forward(examples.batch.inputs).logits)
    without = model.copy()
    for name in ("recurrent_weight", "output_weight"):
        without.parameters[name][unit] = 0.0
    # The outputs without the unit as targets: an ablation of this unit only reaches all of them.
    targets = (without.forward(examples.batch.inputs).logits > 0).astype(float)
    examples = replace(examples, batch=examples.batch._replace(targets=targets))
    transition, units = transition_of(model), np.arange(5)
    accuracies = clamped_accuracies(transition, examples, loss, units, np.zeros(5))
    assert np.flatnonzero(accuracies == 1).tolist() == [unit]
    assert examples.run(model, loss).sequence_accuracy < 1


def test_units_are_clamped_to_their_mean(trained: Trained) -> None:
    examples = EvaluationSet.from_task(trained.task, 100)
    model = trained.model(5000)
    means = examples.run(model, trained.loss).hidden_states.mean(axis=(0, 1))
    result = mean_ablations(model, examples, trained.loss, [4, 1])
    np.testing.assert_array_equal(result.values, means[[4, 1]])


def test_all_units_are_clamped_as_one_by_one(trained: Trained) -> None:
    model, examples = trained.model(6000), EvaluationSet.from_task(trained.task, 300)
    together = mean_ablations(model, examples, trained.loss)
    single = [
        mean_ablations(model, examples, trained.loss, [unit]).accuracies[0]
        for unit in together.units
    ]
    assert together.accuracies.tolist() == single


def test_unknown_units_are_rejected(trained: Trained) -> None:
    model = trained.model(0)
    with pytest.raises(ValueError, match="from 0 to 15"):
        mean_ablations(model, trained.examples, trained.loss, [16])
    with pytest.raises(ValueError, match="no recurrent state"):
        mean_ablations(
            random_model(0, (2, 4, 1), kind="feed-forward"), trained.examples, trained.loss
        )


@pytest.mark.parametrize(
    ("activation", "bias", "low", "high"),
    [
        ("sigmoid", -9.0, 1, 0),
        ("sigmoid", 9.0, 0, 1),
        ("sigmoid", 0.0, 0, 0),
        ("tanh", -9.0, 1, 0),
        ("tanh", 9.0, 0, 1),
        ("relu", -9.0, 1, 0),
        ("relu", 9.0, 0, 0),
    ],
)
@pytest.mark.parametrize("kind", ["elman", "feed-forward"])
def test_saturation_by_activation(
    kind: str, activation: str, bias: float, low: float, high: float
) -> None:
    model = random_model(0, (2, 3, 1), kind=kind, activation=activation, biases=1)
    model.parameters.vector[:] = 0.0
    name = "hidden_bias" if kind == "elman" else "bias_1"
    model.parameters[name][...] = [bias, 0.5, 0.5]
    (hidden,) = saturation(model, EvaluationSet.from_task(TASKS["addition"](8), 100))
    assert (hidden.low[0], hidden.high[0], hidden.n) == (low, high, 800)
    assert hidden.dead.tolist() == [low + high == 1, False, False]
    assert hidden.fraction == pytest.approx((low + high) / 3)


def test_planted_units_are_saturated_but_not_dead(planted: Model, trained: Trained) -> None:
    (hidden,) = saturation(planted, trained.examples)
    assert hidden.fraction == 1
    assert not hidden.dead.any()


@pytest.mark.parametrize(
    ("kind", "gate", "columns"),
    [
        ("gru", "reset gate", 0),
        ("gru", "update gate", 1),
        ("gru", "candidate", 2),
        ("lstm", "input gate", 0),
        ("lstm", "forget gate", 1),
        ("lstm", "candidate", 2),
        ("lstm", "output gate", 3),
    ],
)
def test_saturation_of_each_gate(kind: str, gate: str, columns: int) -> None:
    model = random_model(0, (2, 3, 1), kind=kind, biases=1)
    model.parameters.vector[:] = 0.0
    model.parameters["hidden_bias"][3 * columns + 1] = 20.0
    examples = EvaluationSet.from_task(TASKS["addition"](8), 100)
    found = {part.name: part for part in saturation(model, examples)}
    assert found[gate].high.tolist() == [0, 1, 0]
    assert found[gate].dead.tolist() == [False, True, False]
    gates = {name for name in found if name.endswith("gate")} - {gate}
    assert not any(found[name].fraction for name in gates)


def test_units_of_a_linear_model_do_not_saturate() -> None:
    examples = EvaluationSet.from_task(TASKS["counting-ones"](8), 10)
    assert saturation(random_model(0, (1, 1, 1), kind="linear"), examples) == []
