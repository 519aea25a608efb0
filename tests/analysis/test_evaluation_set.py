import numpy as np
import pytest

from rnn_tui.analysis.evaluation_set import EvaluationSet, affordable_sequences, max_sequences_for
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.tasks import TASKS, Task
from tests.analysis.trained import Trained
from tests.engine.makers import random_model

BIT_SEQUENCES = [
    name for name, task in TASKS.items() if task.uses_length and not task.is_arithmetic
]


def test_all_pairs_of_addition_are_evaluated(trained: Trained) -> None:
    assert (trained.examples.n, trained.examples.exhaustive) == (16_384, True)


def test_a_sample_is_the_same_each_time() -> None:
    one, other = (EvaluationSet.from_task(TASKS["addition"](16), 100) for _ in range(2))
    assert (one.n, one.exhaustive) == (100, False)
    np.testing.assert_array_equal(one.batch.inputs, other.batch.inputs)


def test_propagate_time_steps_of_addition_have_one_operand_bit(trained: Trained) -> None:
    a, b = (trained.examples.batch.inputs[:, :, operand] > 0 for operand in range(2))
    np.testing.assert_array_equal(trained.examples.propagate, a ^ b)


@pytest.mark.parametrize(
    ("task", "propagates"),
    [
        (TASKS["parity"](8), True),
        (TASKS["echo"](8, lag=1), False),  # its required state is the present input
        (TASKS["echo"](8, lag=2), True),
        (TASKS["xor"](8), False),
    ],
)
def test_time_steps_propagate_if_their_inputs_do_not_determine_the_state(
    task: Task, propagates: bool
) -> None:
    propagate = EvaluationSet.from_task(task).propagate
    assert propagate.all() if propagates else not propagate.any()


def test_quiet_time_steps_of_the_flip_flop_propagate() -> None:
    examples = EvaluationSet.from_task(TASKS["flip-flop"](8))
    np.testing.assert_array_equal(examples.propagate, ~examples.batch.inputs.any(axis=2))


@pytest.mark.parametrize("name", BIT_SEQUENCES)
def test_state_after_a_time_step_is_the_state_before_the_next(name: str) -> None:
    longer, task = EvaluationSet.from_task(TASKS[name](9), 300), TASKS[name](8)
    batch = task.batch_from_inputs(longer.batch.inputs[:8])
    examples = EvaluationSet.from_batch(task, batch)
    np.testing.assert_array_equal(examples.state_after, longer.state_before[1:])


def test_borrow_of_a_negative_difference_leaves_the_last_column() -> None:
    task = TASKS["twos-complement"](4)
    inputs = np.concatenate([task.parse_input("3-5"), task.parse_input("5-3")], axis=1)
    examples = EvaluationSet.from_batch(task, task.batch_from_inputs(inputs))
    assert examples.state_after[-1].tolist() == [1, 0]


def test_pairs_that_subtraction_skips_are_left_out() -> None:
    task = TASKS["subtraction"](4)
    batch = task.sample(np.random.RandomState(0), 50)
    assert EvaluationSet.from_batch(task, batch).n == batch.n_valid < 50


def test_hidden_states_of_diverged_weights_are_rejected(trained: Trained) -> None:
    model = trained.model(0)
    model.parameters.vector[:] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        trained.examples.run(model, trained.loss)


def test_chunks_give_the_states_of_one_forward_pass() -> None:
    task, model = TASKS["addition"](8), random_model(0, (2, 100, 1))
    examples = EvaluationSet.from_task(task, 1000)
    states = examples.run(model, HalfSquaredError()).hidden_states
    np.testing.assert_allclose(
        states, model.forward(examples.batch.inputs).hidden_states, atol=1e-12
    )


def test_large_models_are_evaluated_on_fewer_sequences() -> None:
    task = TASKS["addition"](8)
    assert max_sequences_for(task, random_model(0, (2, 16, 1))) == 2048
    assert max_sequences_for(task, random_model(0, (2, 512, 1))) == 256


def test_analyses_quadratic_in_time_use_fewer_long_sequences() -> None:
    model = random_model(0, (2, 16, 1))
    counts = [
        affordable_sequences(TASKS["addition"](length), model, 1_000_000_000 // length)
        for length in (8, 64, 512)
    ]
    assert counts[0] == 2048
    assert 8 <= counts[2] < counts[1] / 50
