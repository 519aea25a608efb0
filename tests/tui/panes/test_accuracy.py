"""The progress bar of the accuracy pane, and the step that its figures belong to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.engine.evaluation import Score
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.tui.panes.accuracy import evaluation_text, progress_bar

SCORE = Score(3, 4, 31, 32, exhaustive=True)


@pytest.mark.parametrize(("n_correct", "full"), [(0, 0), (1, 0), (10, 1), (99, 9), (100, 10)])
def test_bar_is_full_only_if_all_are_correct(n_correct: int, full: int) -> None:
    assert progress_bar(n_correct, 100, 10, "#-").plain == "#" * full + "-" * (10 - full)


@given(st.integers(0, 16_384), st.integers(0, 300))
def test_bar_fills_its_width(n_correct: int, width: int) -> None:
    drawn = progress_bar(n_correct, 16_384, width, "━─").plain
    assert len(drawn) == width
    assert drawn == "".join(sorted(drawn, reverse=True))
    assert drawn.count("━") == n_correct * width // 16_384


def test_lagging_accuracy_has_its_step_and_the_progress_of_the_next_evaluation() -> None:
    started = replace(EMPTY_SNAPSHOT, step=9605)
    assert evaluation_text(started) == "evaluating 0 %"
    lagging = replace(started, score=SCORE, score_step=4541, evaluation_progress=0.419)
    assert evaluation_text(lagging) == "after step 4,541 · evaluating 41 %"
    assert evaluation_text(replace(lagging, score_step=9605)) == "after step 9,605"
