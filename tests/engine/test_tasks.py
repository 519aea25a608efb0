"""Every task draws and solves the sequences of its reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import MAX_LENGTH, MIN_LENGTH, TASKS, take
from rnn_tui.engine.tasks.base import MAX_SAMPLE_TIME_STEPS
from rnn_tui.engine.tasks.binary_arithmetic import from_bits, to_bits, words_to_bits
from tests.engine.makers import LENGTHS, Check, check_name, same_rng_state
from tests.engine.task_references import (
    TASK_REFERENCES,
    all_scored_sequences,
    columns_of,
    expected_targets,
)

SEEDS = st.integers(0, 2**32 - 1)
SIZES = LENGTHS.flatmap(
    lambda length: st.tuples(st.just(length), st.integers(1, length - 1))
)  # length and lag


def assert_matches_reference(name: str, lag: int, batch: Batch) -> None:
    """Assert that targets and loss weights are those of the reference."""
    expected = [
        expected_targets(name, columns_of(batch, index), lag)
        for index in range(batch.inputs.shape[1])
    ]
    n_valid = sum(set(targets) != {None} for targets in expected)
    assert batch.n_valid == n_valid
    for index, targets in enumerate(expected):
        loss_weights = [0.0 if target is None else 1 / n_valid for target in targets]
        assert batch.loss_weights[:, index, 0].tolist() == loss_weights
        scored = [target for target in targets if target is not None]
        actual = zip(batch.targets[:, index, 0].tolist(), targets, strict=True)
        assert [value for value, target in actual if target is not None] == scored


@settings(max_examples=6, deadline=None)
@given(st.data(), LENGTHS)
def test_from_bits_inverts_to_bits(data: st.DataObject, bits: int) -> None:
    numbers = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=9))
    rows = to_bits(numbers, bits)
    assert rows.shape == (bits, len(numbers))
    assert from_bits(rows > 0.5) == numbers


def test_to_bits_puts_lowest_bit_first() -> None:
    rows = to_bits([1, 8, 13], 4)
    assert rows.T.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 1, 1]]


def test_words_to_bits_puts_lowest_word_first() -> None:
    words = np.array([[2**64 - 1, 5], [1, 0]], dtype=np.uint64)
    assert from_bits(words_to_bits(words, 67) > 0.5) == [(5 << 64) + 2**64 - 1, 1]


def test_operands_are_drawn_as_64_bit_words_of_the_stream() -> None:
    """Up to 64 bits, as recorded runs have drawn them."""
    for length in (2, 8, 33, 34, 64):
        numbers = np.random.RandomState(length).randint(0, 1 << length - 1, (9, 2), np.int64)
        drawn = TASKS["addition"](length).sample(np.random.RandomState(length), 9).inputs
        assert [from_bits(inputs > 0.5) for inputs in drawn.swapaxes(0, 1)] == numbers.tolist()


@pytest.mark.parametrize("length", [65, 66, 512, MAX_LENGTH])
def test_long_operands_fill_their_range(length: int) -> None:
    inputs = TASKS["addition"](length).sample(np.random.RandomState(0), 500).inputs
    assert not inputs[-1].any()
    means = inputs[:-1].mean(axis=(1, 2))
    assert 0.4 < means.min() < means.max() < 0.6


@pytest.mark.parametrize("length", [65, MAX_LENGTH])
def test_long_multiples_of_three_are_uniformly_distributed(length: int) -> None:
    task = TASKS["times-three"](length)
    batch = task.sample(np.random.RandomState(0), 2000)
    numbers = from_bits(batch.inputs[:, :, 0] > 0.5)
    assert from_bits(batch.targets[:, :, 0] > 0.5) == [3 * number for number in numbers]
    quarters = np.bincount([4 * 3 * number >> length for number in numbers], minlength=4)
    assert len(quarters) == 4
    assert quarters.min() > 430


@pytest.mark.parametrize("name", TASKS)
def test_samples_of_the_longest_sequences_stay_within_memory(name: str) -> None:
    task = TASKS[name](MAX_LENGTH)
    examples = task.baseline_examples().inputs
    assert examples.nbytes <= 8 * MAX_SAMPLE_TIME_STEPS * task.inputs
    assert examples.shape[1] >= min(4, MAX_SAMPLE_TIME_STEPS // MAX_LENGTH)


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, size=SIZES, count=st.integers(1, 12))
def check_samples_match_reference(name: str, seed: int, size: tuple[int, int], count: int) -> None:
    task = TASKS[name](*size)
    batch = task.sample(np.random.RandomState(seed), count)
    assert batch.inputs.shape == (task.sequence_length, count, task.inputs)
    assert (
        batch.targets.shape
        == batch.loss_weights.shape
        == (task.sequence_length, count, task.outputs)
    )
    assert task.sequence_length == (size[0] if task.uses_length else 1)
    in_domain = TASK_REFERENCES[name].in_domain
    assert all(in_domain(columns_of(batch, index)) for index in range(count))
    assert_matches_reference(name, size[1], batch)


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, size=SIZES, count=st.integers(1, 12))
def check_required_memory_matches_reference(
    name: str, seed: int, size: tuple[int, int], count: int
) -> None:
    task = TASKS[name](*size)
    batch = task.sample(np.random.RandomState(seed), count)
    memory = task.required_state(batch.inputs)
    assert memory.shape == (task.sequence_length, count)
    for index in range(count):
        expected = TASK_REFERENCES[name].solve(columns_of(batch, index), size[1])
        assert memory[:, index].tolist() == expected.memory


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, size=SIZES, count=st.integers(1, 12))
def check_one_sample_of_n_equals_n_samples_of_one(
    name: str, seed: int, size: tuple[int, int], count: int
) -> None:
    task = TASKS[name](*size)
    random, other_random = np.random.RandomState(seed), np.random.RandomState(seed)
    batch = task.sample(random, count)
    singles = [task.sample(other_random, 1) for _ in range(count)]
    assert same_rng_state(random, other_random)
    for part in ("inputs", "targets"):
        together = np.concatenate([getattr(single, part) for single in singles], axis=1)
        assert np.array_equal(getattr(batch, part), together)


@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, size=SIZES, count=st.integers(1, 8))
def check_solve_of_sampled_inputs_returns_same_batch(
    name: str, seed: int, size: tuple[int, int], count: int
) -> None:
    task = TASKS[name](*size)
    batch = task.sample(np.random.RandomState(seed), count)
    solved = task.batch_from_inputs(batch.inputs)
    assert solved.n_valid == batch.n_valid
    for part in ("inputs", "targets", "loss_weights"):
        assert np.array_equal(getattr(solved, part), getattr(batch, part))


def check_all_examples_has_each_sequence_once(name: str) -> None:
    if not TASK_REFERENCES[name].max_exhaustive_length:
        return
    for length, lag in ((2, 1), (3, 2), (4, 1)):
        examples = TASKS[name](length, lag).all_examples()
        assert examples is not None
        assert_matches_reference(name, lag, examples)
        found = [columns_of(examples, index) for index in range(examples.inputs.shape[1])]
        expected = [columns for columns, _ in all_scored_sequences(name, length, lag)]
        assert sorted(found) == sorted(expected)


def check_all_examples_is_none_beyond_limit(name: str) -> None:
    limit = TASK_REFERENCES[name].max_exhaustive_length
    sizes = [*range(MIN_LENGTH, 20), 64, 100, 128, 129, MAX_LENGTH]
    exhaustive = [TASKS[name](length).all_examples() is not None for length in sizes]
    assert exhaustive == [length <= limit for length in sizes]


@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 40))
def check_fixed_sample_depends_on_seed_only(name: str, seed: int, count: int) -> None:
    task = TASKS[name](6)
    batch, same = task.fixed_sample(count, seed), task.fixed_sample(count, seed)
    assert batch.inputs.shape == (task.sequence_length, count, task.inputs)
    assert batch.n_valid == count
    assert np.array_equal(batch.inputs, same.inputs)
    assert_matches_reference(name, 1, batch)


def check_dataset_of_all_examples_is_in_order_and_draws_nothing(name: str) -> None:
    task, random = TASKS[name](4), np.random.RandomState(1)
    examples = task.all_examples()
    if examples is None:
        return
    size = examples.inputs.shape[1]
    assert np.array_equal(task.make_dataset(random, size).inputs, examples.inputs)
    assert same_rng_state(random, np.random.RandomState(1))

    smaller, other_random = task.make_dataset(random, size - 1), np.random.RandomState(1)
    assert np.array_equal(smaller.inputs, task.sample(other_random, size - 1).inputs)
    assert same_rng_state(random, other_random)


@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 9), data=st.data())
def check_take_distributes_loss_weights_uniformly(
    name: str, seed: int, count: int, data: st.DataObject
) -> None:
    batch = TASKS[name](5).sample(np.random.RandomState(seed), count)
    indices = data.draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    taken = take(batch, np.array(indices))
    assert np.array_equal(taken.inputs, batch.inputs[:, indices])
    assert_matches_reference(name, 1, taken)


def check_length_out_of_range_is_rejected(name: str) -> None:
    for length in (MIN_LENGTH - 1, MAX_LENGTH + 1):
        with pytest.raises(ValueError, match="length"):
            TASKS[name](length)


def check_every_example_can_be_drawn(name: str) -> None:
    if not TASK_REFERENCES[name].max_exhaustive_length:
        return
    drawn = TASKS[name](3).fixed_sample(1000, 1)
    found = {tuple(columns_of(drawn, index)) for index in range(1000)}
    assert found == {tuple(columns) for columns, _ in all_scored_sequences(name, 3)}


CHECKS: list[Check] = [
    check_samples_match_reference,
    check_required_memory_matches_reference,
    check_one_sample_of_n_equals_n_samples_of_one,
    check_solve_of_sampled_inputs_returns_same_batch,
    check_all_examples_has_each_sequence_once,
    check_all_examples_is_none_beyond_limit,
    check_fixed_sample_depends_on_seed_only,
    check_dataset_of_all_examples_is_in_order_and_draws_nothing,
    check_take_distributes_loss_weights_uniformly,
    check_length_out_of_range_is_rejected,
    check_every_example_can_be_drawn,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", TASKS)
def test_task(name: str, check: Check) -> None:
    check(name)
