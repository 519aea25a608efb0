"""Named views and the flat vector share memory."""

from math import prod

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.parameters import CACHE_LINE_BYTES, Parameters, aligned_zeros

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
LAYOUTS = st.dictionaries(st.text("abc", min_size=1), SHAPES, min_size=1, max_size=5)


@settings(max_examples=20, deadline=None)
@given(LAYOUTS)
def test_views_are_contiguous_in_layout_order(
    layout: dict[str, tuple[int, ...]],
) -> None:
    parameters = Parameters(layout)
    parameters.vector[:] = np.arange(parameters.vector.size)
    assert list(parameters) == list(layout)
    assert [parameters[name].shape for name in parameters] == list(layout.values())
    in_order = np.concatenate([parameters[name].ravel() for name in layout])
    assert np.array_equal(in_order, np.arange(sum(map(prod, layout.values()))))


@settings(max_examples=20, deadline=None)
@given(LAYOUTS)
def test_writing_to_a_view_writes_to_the_vector(layout: dict[str, tuple[int, ...]]) -> None:
    parameters = Parameters(layout)
    for value, name in enumerate(layout, start=1):
        parameters[name][...] = value
    counts = [np.count_nonzero(parameters.vector == k + 1) for k in range(len(layout))]
    assert counts == list(map(prod, layout.values()))


def test_aligned_zeros_start_at_a_cache_line() -> None:
    for size in range(1, 20):  # kept alive, so that each has another address
        values = [aligned_zeros(2, size) for _ in range(5)]
        assert all(array.shape == (2, size) and not array.any() for array in values)
        assert not any(array.ctypes.data % CACHE_LINE_BYTES for array in values)
