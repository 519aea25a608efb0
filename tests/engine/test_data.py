"""Drawing ahead is invisible, and a fixed set is cut as its minibatches claim."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import BATCHING_MODES, PREFETCHED_EXAMPLES, FixedDataset, SampledStream
from rnn_tui.engine.tasks import TASKS
from tests.engine.makers import same_state

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 40) | st.integers(PREFETCHED_EXAMPLES - 1, PREFETCHED_EXAMPLES + 1)
MOST_EXAMPLES = 3 * PREFETCHED_EXAMPLES


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, size=SIZES, data=st.data())
def test_batches_and_settled_state_are_as_if_drawn_when_used(
    name: str, seed: int, size: int, data: st.DataObject
) -> None:
    task = TASKS[name](5)
    stream = SampledStream(task, size, np.random.RandomState(seed))
    plain = np.random.RandomState(seed)
    takes = st.lists(st.integers(0, MOST_EXAMPLES // size), min_size=1, max_size=3)
    for count in data.draw(takes, label="batches between two settlings"):
        for _ in range(count):
            batch, expected = stream.next(), task.sample(plain, size)
            assert batch.n_valid == expected.n_valid
            for part in ("inputs", "targets", "loss_weights"):
                assert np.array_equal(getattr(batch, part), getattr(expected, part))
        assert same_state(stream.sync_rng(), plain)


def numbered(count: int) -> Batch:
    """Return examples that say by their inputs which they are, each with a target of its own."""
    numbers = np.arange(count, dtype=float)[None, :, None] + np.zeros((3, 1, 1))
    return Batch.uniform(numbers, numbers + 0.5)


def a_round(count: int, size: int, minibatches: str) -> list[Batch]:
    """Return the batches of a fixed set up to where they begin again."""
    stream = FixedDataset(
        TASKS["parity"](3), size, np.random.RandomState(0), numbered(count), minibatches
    )
    first, batches = stream.first_batch, [stream.next()]
    assert batches[0] is first
    while (batch := stream.next()) is not first:
        batches.append(batch)
    return batches


def numbers_in(batch: Batch) -> list[int]:
    assert np.array_equal(batch.targets, batch.inputs + 0.5)
    return [int(number) for number in batch.inputs[0, :, 0]]


@settings(max_examples=100, deadline=None)
@given(count=st.integers(2, 30), data=st.data())
def test_minibatches_in_turn_have_each_example_once_in_a_round(
    count: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, count))
    batches = [numbers_in(batch) for batch in a_round(count, size, "in-turn")]
    assert list(chain.from_iterable(batches)) == list(range(count))
    assert all(len(batch) == size for batch in batches[:-1])


@settings(max_examples=100, deadline=None)
@given(count=st.integers(2, 30), data=st.data())
def test_overlapping_minibatches_each_begin_one_example_after_the_last(
    count: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, count))
    batches = [numbers_in(batch) for batch in a_round(count, size, "overlapping")]
    assert batches == [list(range(start, start + size)) for start in range(count // size)]


def test_the_tutorials_slip_shows_119_of_its_2000_examples() -> None:
    seen = {number for batch in a_round(2000, 100, "overlapping") for number in numbers_in(batch)}
    assert seen == set(range(119))


@pytest.mark.parametrize("minibatches", BATCHING_MODES)
@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 20), seed=SEEDS, data=st.data())
def test_every_sequence_of_a_minibatch_that_teaches_has_its_share(
    minibatches: str, count: int, seed: int, data: st.DataObject
) -> None:
    task, size = TASKS["subtraction"](4), data.draw(st.integers(1, count))
    examples = task.sample(np.random.RandomState(seed), count)
    random = np.random.RandomState(seed)
    stream = FixedDataset(task, size, random, examples, minibatches)
    for _ in range(2 * count):
        batch = stream.next()
        expected = task.solve(batch.inputs)
        assert batch.n_valid == expected.n_valid
        assert np.array_equal(batch.loss_weights, expected.loss_weights)
        assert all(part.flags.c_contiguous for part in batch[:3])
    assert stream.sync_rng() is random
    assert same_state(random, np.random.RandomState(seed))
