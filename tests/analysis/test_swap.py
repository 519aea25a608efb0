from math import isnan

import numpy as np
import pytest

from rnn_tui.analysis.swap import swap
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.binary_arithmetic import to_bits
from tests.analysis.trained import Trained
from tests.engine.makers import random_model
from tests.support.reference import load

REFERENCE = load("swap")["steps"]


def reference_pairs(seed: int) -> FloatArray:
    """Return the inputs of 2,000 pairs, as the protocol of the reference values draws them."""
    operands = np.random.RandomState(seed).randint(128, size=(2, 2000)).tolist()
    return np.stack([to_bits(numbers, 8) for numbers in operands], axis=-1)


PAIRS = reference_pairs(77), reference_pairs(78)


@pytest.mark.parametrize("step", REFERENCE)
def test_swap_accuracies_of_the_default_recipe(trained: Trained, step: str) -> None:
    expected = REFERENCE[step]
    result = swap(trained.model(int(step)), trained.task, trained.loss, PAIRS)
    assert result.all_pairs.n.tolist() == [2000] * 7
    assert result.differing_pairs.n.tolist() == expected["n_differ"]
    for pairs, name in ((result.all_pairs, "all"), (result.differing_pairs, "differ")):
        np.testing.assert_allclose(pairs.accuracies, expected[name], atol=5.1e-7)
        assert pairs.accuracy == pytest.approx(expected[f"mean_{name}"], abs=5e-7)


def test_planted_adder_is_correct_after_every_swap(planted: Model, trained: Trained) -> None:
    result = swap(planted, trained.task, trained.loss)
    assert (result.all_pairs.accuracies == 1).all()
    assert (result.all_pairs.n == 2048).all()
    assert result.differing_pairs.accuracy == 1


def test_planted_adder_without_recurrent_weights_is_incorrect_after_swaps(
    planted: Model, trained: Trained
) -> None:
    planted.parameters["recurrent_weight"][...] = 0.0
    result = swap(planted, trained.task, trained.loss, PAIRS)
    assert result.differing_pairs.accuracy < 0.6


@pytest.mark.parametrize("kind", ["elman", "gru", "lstm"])
@pytest.mark.parametrize("name", ["addition", "subtraction", "parity", "echo", "counting-ones"])
def test_swap_equals_a_run_over_the_inputs_of_both_sequences(kind: str, name: str) -> None:
    task, loss = TASKS[name](6, lag=2), HalfSquaredError()
    model = random_model(1, (task.inputs, 4, 1), kind=kind, biases=1, initial_state="learned")
    source, base = (task.fixed_sample(40, seed).inputs for seed in (1, 2))
    pairs = swap(model, task, loss, (source, base)).all_pairs
    for t in range(5):
        inputs = np.concatenate([source[: t + 1], base[t + 1 :]])
        batch, logits = task.batch_from_inputs(inputs), model.forward(inputs).logits
        mask = batch.loss_weights > 0
        correct = task.is_correct(logits, loss.threshold, batch.targets) | ~mask
        valid = mask[t + 1 :].any(axis=(0, 2))
        assert pairs.n[t] == valid.sum()
        assert pairs.n_correct[t] == (correct[t + 1 :].all(axis=(0, 2)) & valid).sum()


def test_swaps_after_several_time_steps_at_once_are_counted_as_each_alone(trained: Trained) -> None:
    few = tuple(inputs[:, :300] for inputs in PAIRS)
    many = tuple(np.tile(inputs, (1, 4, 1)) for inputs in few)
    result, each_alone = (
        swap(trained.model(4000), trained.task, trained.loss, (source, base))
        for source, base in (few, many)
    )
    np.testing.assert_array_equal(4 * result.all_pairs.n, each_alone.all_pairs.n)
    for kind in ("all_pairs", "differing_pairs"):
        n_correct = [getattr(swaps, kind).n_correct for swaps in (result, each_alone)]
        np.testing.assert_array_equal(4 * n_correct[0], n_correct[1])


def test_accuracy_without_pairs_is_not_a_number(trained: Trained) -> None:
    one = np.zeros((8, 3, 2))
    result = swap(trained.model(0), trained.task, trained.loss, (one, one))
    assert isnan(result.differing_pairs.accuracy)


def test_model_or_task_without_memory_is_rejected(trained: Trained) -> None:
    with pytest.raises(ValueError, match="no recurrent state"):
        swap(random_model(0, (2, 4, 1), kind="feed-forward"), trained.task, trained.loss)
    with pytest.raises(ValueError, match="no required state"):
        swap(random_model(0, (2, 4, 1)), TASKS["xor"](), trained.loss)


def test_accuracy_of_diverged_weights_is_0(trained: Trained) -> None:
    model = trained.model(0)
    model.parameters.vector[:] = np.inf
    assert swap(model, trained.task, trained.loss).all_pairs.accuracy == 0
