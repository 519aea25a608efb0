import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.drawing.share import progress_bar


@pytest.mark.parametrize(("right", "full"), [(0, 0), (1, 0), (10, 1), (99, 9), (100, 10)])
def test_is_full_only_where_all_is_right(right: int, full: int) -> None:
    assert progress_bar(right, 100, 10, "#-").plain == "#" * full + "-" * (10 - full)


@given(st.integers(0, 16_384), st.integers(0, 300))
def test_fills_its_width(right: int, width: int) -> None:
    drawn = progress_bar(right, 16_384, width, "━─").plain
    assert len(drawn) == width
    assert drawn == "".join(sorted(drawn, reverse=True))
    assert drawn.count("━") == right * width // 16_384
