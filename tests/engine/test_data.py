"""Prefetching leaves the random state unchanged, and fixed datasets are split as specified."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import BATCHING_MODES, PREFETCHED_EXAMPLES, FixedDataset, SampledStream
from rnn_tui.engine.tasks import TASKS
from tests.engine.makers import Check, check_name, same_rng_state

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 40) | st.integers(PREFETCHED_EXAMPLES - 1, PREFETCHED_EXAMPLES + 1)
MAX_EXAMPLES = 3 * PREFETCHED_EXAMPLES


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, size=SIZES, data=st.data())
def check_prefetching_equals_drawing_when_used(
    name: str, seed: int, size: int, data: st.DataObject
) -> None:
    task = TASKS[name](5)
    stream = SampledStream(task, size, np.random.RandomState(seed))
    plain = np.random.RandomState(seed)
    takes = st.lists(st.integers(0, MAX_EXAMPLES // size), min_size=1, max_size=3)
    for count in data.draw(takes, label="batches between two calls of sync_rng"):
        for _ in range(count):
            batch, expected = stream.next(), task.sample(plain, size)
            assert batch.n_valid == expected.n_valid
            for part in ("inputs", "targets", "loss_weights"):
                assert np.array_equal(getattr(batch, part), getattr(expected, part))
        assert same_rng_state(stream.sync_rng(), plain)


CHECKS: list[Check] = [check_prefetching_equals_drawing_when_used]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", TASKS)
def test_task(name: str, check: Check) -> None:
    check(name)


def numbered_examples(count: int) -> Batch:
    """Return examples whose inputs are their index, each with another target."""
    numbers = np.arange(count, dtype=float)[None, :, None] + np.zeros((3, 1, 1))
    return Batch.uniform(numbers, numbers + 0.5)


def one_cycle(count: int, size: int, batching: str) -> list[Batch]:
    """Return the batches of a fixed dataset until the first one returns."""
    stream = FixedDataset(
        TASKS["parity"](3), size, np.random.RandomState(0), numbered_examples(count), batching
    )
    first, batches = stream.first_batch, [stream.next()]
    assert batches[0] is first
    while (batch := stream.next()) is not first:
        batches.append(batch)
    return batches


def indices_in(batch: Batch) -> list[int]:
    assert np.array_equal(batch.targets, batch.inputs + 0.5)
    return [int(number) for number in batch.inputs[0, :, 0]]


@settings(max_examples=20, deadline=None)
@given(count=st.integers(2, 30), data=st.data())
def test_batches_in_turn_have_each_example_once_per_cycle(count: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, count))
    batches = [indices_in(batch) for batch in one_cycle(count, size, "sequential")]
    assert list(chain.from_iterable(batches)) == list(range(count))
    assert all(len(batch) == size for batch in batches[:-1])


@settings(max_examples=20, deadline=None)
@given(count=st.integers(2, 30), data=st.data())
def test_overlapping_batches_start_one_example_later_each(count: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, count))
    batches = [indices_in(batch) for batch in one_cycle(count, size, "overlapping")]
    assert batches == [list(range(start, start + size)) for start in range(count // size)]


def test_overlapping_batches_use_119_of_2000_examples() -> None:
    used = {number for batch in one_cycle(2000, 100, "overlapping") for number in indices_in(batch)}
    assert used == set(range(119))


@pytest.mark.parametrize("batching", BATCHING_MODES)
@settings(max_examples=8, deadline=None)
@given(count=st.integers(1, 20), seed=SEEDS, data=st.data())
def test_loss_weights_of_a_batch_are_those_of_its_valid_sequences(
    batching: str, count: int, seed: int, data: st.DataObject
) -> None:
    task, size = TASKS["subtraction"](4), data.draw(st.integers(1, count))
    examples = task.sample(np.random.RandomState(seed), count)
    random = np.random.RandomState(seed)
    stream = FixedDataset(task, size, random, examples, batching)
    for _ in range(2 * count):
        batch = stream.next()
        expected = task.batch_from_inputs(batch.inputs)
        assert batch.n_valid == expected.n_valid
        assert np.array_equal(batch.loss_weights, expected.loss_weights)
        assert all(part.flags.c_contiguous for part in batch[:3])
    assert stream.sync_rng() is random
    assert same_rng_state(random, np.random.RandomState(seed))
