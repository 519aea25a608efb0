"""Frames are spaced by what they cost."""

from rnn_tui.tui.frame_budget import FRAME_SHARE, MAX_FRAME_INTERVAL_SECONDS, FrameBudget


def test_frame_is_due_when_the_one_before_took_its_share_of_the_time() -> None:
    budget = FrameBudget()
    assert budget.begin_if_due(10.0, 1.0)
    cost = FRAME_SHARE * 0.2
    assert not budget.begin_if_due(10.1, 1.0 + cost)
    assert budget.begin_if_due(10.21, 1.0 + cost)
    assert budget.begin_if_due(10.22, 1.0 + cost)  # costs nothing


def test_frame_is_due_after_the_longest_interval_however_much_it_cost() -> None:
    budget = FrameBudget()
    assert budget.begin_if_due(10.0, 1.0)
    assert not budget.begin_if_due(10.0 + 0.9 * MAX_FRAME_INTERVAL_SECONDS, 2.0)
    assert budget.begin_if_due(10.0 + 1.1 * MAX_FRAME_INTERVAL_SECONDS, 2.0)
