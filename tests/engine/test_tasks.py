"""Every task's examples are what they claim to be, checked one column at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import MAX_BITS, MIN_BITS, TASKS, take
from rnn_tui.engine.tasks.binary_arithmetic import from_bits, to_bits
from tests.engine.makers import same_state
from tests.engine.truths import TRUTHS, belongs, columns_of, every_example

SEEDS = st.integers(0, 2**32 - 1)
WIDTHS = st.integers(MIN_BITS, MAX_BITS).flatmap(
    lambda bits: st.tuples(st.just(bits), st.integers(1, bits - 1))
)
# The widest that is still called all there is; none for a switch, whose events are rare.
WIDEST = {
    "addition": 8,
    "subtraction": 8,
    "twos-complement": 8,
    "times-three": 15,
    "comparison": 7,
    "parity": 14,
    "echo": 14,
    "delayed-xor": 14,
    "flip-flop": 0,
    "temporal-order": MAX_BITS,
    "counting-ones": 14,
    "xor": MAX_BITS,
}

every_task = pytest.mark.parametrize("name", TASKS)


def assert_true(name: str, lag: int, batch: Batch) -> None:
    """Assert that targets and weights are the truth about the inputs."""
    truths = [
        TRUTHS[name](columns_of(batch, index), lag)[0] for index in range(batch.inputs.shape[1])
    ]
    learnt = sum(set(said) != {None} for said in truths)
    assert batch.n_valid == learnt
    for index, said in enumerate(truths):
        shares = [0.0 if bit is None else 1 / learnt for bit in said]
        assert batch.loss_weights[:, index, 0].tolist() == shares
        targets = batch.targets[:, index, 0].tolist()
        assert [t for t, bit in zip(targets, said, strict=True) if bit is not None] == [
            bit for bit in said if bit is not None
        ]


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(MIN_BITS, MAX_BITS))
def test_gather_undoes_spread(data: st.DataObject, bits: int) -> None:
    numbers = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=9))
    spread_out = to_bits(np.array(numbers, dtype=np.uint64), bits)
    assert spread_out.shape == (bits, len(numbers))
    assert from_bits(spread_out > 0.5) == numbers


def test_the_lowest_bit_comes_first() -> None:
    spread_out = to_bits(np.array([1, 8, 13], dtype=np.uint64), 4)
    assert spread_out.T.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 1, 1]]


@every_task
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, width=WIDTHS, count=st.integers(1, 12))
def test_drawn_examples_are_right(name: str, seed: int, width: tuple[int, int], count: int) -> None:
    task = TASKS[name](*width)
    batch = task.sample(np.random.RandomState(seed), count)
    assert batch.inputs.shape == (task.time, count, task.inputs)
    assert batch.targets.shape == batch.loss_weights.shape == (task.time, count, task.outputs)
    assert task.time == (1 if name == "xor" else width[0])
    assert all(belongs(name, columns_of(batch, index)) for index in range(count))
    assert_true(name, width[1], batch)


@every_task
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, width=WIDTHS, count=st.integers(1, 12))
def test_the_memory_row_is_what_must_be_known_before_each_step(
    name: str, seed: int, width: tuple[int, int], count: int
) -> None:
    task = TASKS[name](*width)
    batch = task.sample(np.random.RandomState(seed), count)
    memory = task.required_memory(batch.inputs)
    assert memory.shape == (task.time, count)
    for index in range(count):
        assert memory[:, index].tolist() == TRUTHS[name](columns_of(batch, index), width[1])[1]


@every_task
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, width=WIDTHS, count=st.integers(1, 12))
def test_drawing_at_once_is_drawing_one_by_one(
    name: str, seed: int, width: tuple[int, int], count: int
) -> None:
    task = TASKS[name](*width)
    at_once, one_by_one = np.random.RandomState(seed), np.random.RandomState(seed)
    batch = task.sample(at_once, count)
    singles = [task.sample(one_by_one, 1) for _ in range(count)]
    assert same_state(at_once, one_by_one)
    for part in ("inputs", "targets"):
        together = np.concatenate([getattr(single, part) for single in singles], axis=1)
        assert np.array_equal(getattr(batch, part), together)


@every_task
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, width=WIDTHS, count=st.integers(1, 8))
def test_solving_the_inputs_of_a_batch_gives_the_batch(
    name: str, seed: int, width: tuple[int, int], count: int
) -> None:
    task = TASKS[name](*width)
    batch = task.sample(np.random.RandomState(seed), count)
    solved = task.solve(batch.inputs)
    assert solved.n_valid == batch.n_valid
    for part in ("inputs", "targets", "loss_weights"):
        assert np.array_equal(getattr(solved, part), getattr(batch, part))


@pytest.mark.parametrize(("bits", "lag"), [(2, 1), (3, 2), (4, 1)])
@pytest.mark.parametrize("name", [name for name in TASKS if WIDEST[name]])
def test_everything_is_each_example_once(name: str, bits: int, lag: int) -> None:
    whole = TASKS[name](bits, lag).all_examples()
    assert whole is not None
    assert_true(name, lag, whole)
    found = [columns_of(whole, index) for index in range(whole.inputs.shape[1])]
    assert sorted(found) == sorted(columns for columns, _ in every_example(name, bits, lag))


@every_task
def test_everything_there_is_ends_where_it_would_be_too_much(name: str) -> None:
    whole = [TASKS[name](bits).all_examples() is not None for bits in range(MIN_BITS, MAX_BITS + 1)]
    assert whole == [bits <= WIDEST[name] for bits in range(MIN_BITS, MAX_BITS + 1)]


@every_task
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 40))
def test_a_sample_to_learn_from_is_the_same_for_a_seed_and_all_of_it_counts(
    name: str, seed: int, count: int
) -> None:
    task = TASKS[name](6)
    batch, again = task.fixed_sample(count, seed), task.fixed_sample(count, seed)
    assert batch.inputs.shape == (task.time, count, task.inputs)
    assert batch.n_valid == count
    assert np.array_equal(batch.inputs, again.inputs)
    assert_true(name, 1, batch)


@pytest.mark.parametrize("name", [name for name in TASKS if WIDEST[name]])
def test_a_fixed_set_of_all_there_are_is_in_order_and_draws_nothing(name: str) -> None:
    task, random = TASKS[name](4), np.random.RandomState(1)
    whole = task.all_examples()
    assert whole is not None
    size = whole.inputs.shape[1]
    assert np.array_equal(task.make_dataset(random, size).inputs, whole.inputs)
    assert same_state(random, np.random.RandomState(1))

    fewer = task.make_dataset(random, size - 1)
    plain = np.random.RandomState(1)
    assert np.array_equal(fewer.inputs, task.sample(plain, size - 1).inputs)
    assert same_state(random, plain)


@every_task
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 9), data=st.data())
def test_chosen_sequences_share_the_mean_evenly(
    name: str, seed: int, count: int, data: st.DataObject
) -> None:
    batch = TASKS[name](5).sample(np.random.RandomState(seed), count)
    which = data.draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    some = take(batch, np.array(which))
    assert np.array_equal(some.inputs, batch.inputs[:, which])
    assert_true(name, 1, some)


@pytest.mark.parametrize("bits", [MIN_BITS - 1, MAX_BITS + 1])
@every_task
def test_a_width_that_cannot_be_is_refused(name: str, bits: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        TASKS[name](bits)


@pytest.mark.parametrize("name", [name for name in TASKS if WIDEST[name]])
def test_every_example_there_is_can_be_drawn(name: str) -> None:
    drawn = TASKS[name](3).fixed_sample(1000, 1)
    found = {tuple(columns_of(drawn, index)) for index in range(1000)}
    assert found == {tuple(columns) for columns, _ in every_example(name, 3)}
