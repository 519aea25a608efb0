"""The progress bar of the accuracy pane."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.panes.accuracy import progress_bar


@pytest.mark.parametrize(("n_correct", "full"), [(0, 0), (1, 0), (10, 1), (99, 9), (100, 10)])
def test_bar_is_full_only_if_all_are_correct(n_correct: int, full: int) -> None:
    assert progress_bar(n_correct, 100, 10, "#-").plain == "#" * full + "-" * (10 - full)


@given(st.integers(0, 16_384), st.integers(0, 300))
def test_bar_fills_its_width(n_correct: int, width: int) -> None:
    drawn = progress_bar(n_correct, 16_384, width, "━─").plain
    assert len(drawn) == width
    assert drawn == "".join(sorted(drawn, reverse=True))
    assert drawn.count("━") == n_correct * width // 16_384
