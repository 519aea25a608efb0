"""Drawing ahead is invisible: a stream gives what drawing at the moment of use would give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.stream import EXAMPLES_AHEAD, ExampleStream
from rnn_tui.engine.tasks import TASKS
from tests.engine.makers import same_state

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 40) | st.integers(EXAMPLES_AHEAD - 1, EXAMPLES_AHEAD + 1)
MOST_EXAMPLES = 3 * EXAMPLES_AHEAD


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, size=SIZES, data=st.data())
def test_batches_and_settled_state_are_as_if_drawn_when_used(
    name: str, seed: int, size: int, data: st.DataObject
) -> None:
    task = TASKS[name](5)
    stream = ExampleStream(task, size, np.random.RandomState(seed))
    plain = np.random.RandomState(seed)
    takes = st.lists(st.integers(0, MOST_EXAMPLES // size), min_size=1, max_size=3)
    for count in data.draw(takes, label="batches between two settlings"):
        for _ in range(count):
            batch, expected = stream.next(), task.sample(plain, size)
            assert batch.learnt == expected.learnt
            for part in ("inputs", "targets", "weights"):
                assert np.array_equal(getattr(batch, part), getattr(expected, part))
        assert same_state(stream.settle(), plain)
