"""Every task's examples are the arithmetic they claim to be, checked with Python's integers."""

from collections.abc import Callable
from operator import add, sub

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import MAX_BITS, MIN_BITS, TASKS
from rnn_tui.engine.tasks.pairs import gather
from tests.engine.makers import same_state

TRUTH: dict[str, Callable[[int, int], int]] = {"addition": add, "subtraction": sub}
BITS = st.integers(MIN_BITS, MAX_BITS)
SEEDS = st.integers(0, 2**32 - 1)


def is_allowed(name: str, a: int, b: int) -> bool:
    return name == "addition" or a >= b


def numbers_in(batch: Batch) -> list[tuple[int, int, int]]:
    """Read a, b and the result of every sequence back from its bits."""
    columns = (batch.inputs[:, :, 0], batch.inputs[:, :, 1], batch.targets[:, :, 0])
    return list(zip(*(gather(column > 0.5) for column in columns), strict=True))


@settings(max_examples=50, deadline=None)
@given(st.data(), BITS)
def test_gather_undoes_spread(data: st.DataObject, bits: int) -> None:
    numbers = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=9))
    spread = TASKS["addition"](bits).spread(np.array(numbers, dtype=np.uint64))
    assert spread.shape == (bits, len(numbers))
    assert gather(spread > 0.5) == numbers


def test_the_lowest_bit_comes_first() -> None:
    spread = TASKS["addition"](4).spread(np.array([1, 8, 13], dtype=np.uint64))
    assert spread.T.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 1, 1]]


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=50, deadline=None)
@given(seed=SEEDS, bits=BITS, count=st.integers(1, 20))
def test_drawn_examples_are_right(name: str, seed: int, bits: int, count: int) -> None:
    batch = TASKS[name](bits).sample(np.random.RandomState(seed), count)
    assert batch.inputs.shape == (bits, count, 2)
    assert batch.targets.shape == batch.weights.shape == (bits, count, 1)
    allowed = [is_allowed(name, a, b) for a, b, _ in numbers_in(batch)]
    assert batch.learnt == sum(allowed)
    for index, (a, b, result) in enumerate(numbers_in(batch)):
        assert a < 1 << (bits - 1)
        assert b < 1 << (bits - 1)
        share = 1 / sum(allowed) if allowed[index] else 0.0
        assert (batch.weights[:, index] == share).all()
        if allowed[index]:
            assert result == TRUTH[name](a, b)


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=50, deadline=None)
@given(seed=SEEDS, bits=BITS, count=st.integers(1, 20))
def test_drawing_at_once_is_drawing_one_by_one(name: str, seed: int, bits: int, count: int) -> None:
    task = TASKS[name](bits)
    at_once, one_by_one = np.random.RandomState(seed), np.random.RandomState(seed)
    batch = task.sample(at_once, count)
    singles = [task.sample(one_by_one, 1) for _ in range(count)]
    assert same_state(at_once, one_by_one)
    for part in ("inputs", "targets"):
        together = np.concatenate([getattr(single, part) for single in singles], axis=1)
        assert np.array_equal(getattr(batch, part), together)


@pytest.mark.parametrize("bits", range(MIN_BITS, 7))
@pytest.mark.parametrize("name", TASKS)
def test_all_pairs_are_each_allowed_pair_once(name: str, bits: int) -> None:
    task, numbers = TASKS[name](bits), range(1 << (bits - 1))
    expected = [
        (a, b, TRUTH[name](a, b)) for a in numbers for b in numbers if is_allowed(name, a, b)
    ]
    assert sorted(numbers_in(task.encode(task.all_pairs()))) == expected


@pytest.mark.parametrize("bits", [MIN_BITS - 1, MAX_BITS + 1])
@pytest.mark.parametrize("name", TASKS)
def test_a_width_that_cannot_be_is_refused(name: str, bits: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        TASKS[name](bits)
