"""The link's patience, on a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.flow_control import FIRST_PATIENCE, PATIENCE, SLACK, Link


def link_of(trip: float) -> Link:
    """Return a link on which an answer has come after `trip` seconds."""
    link = Link()
    link.asked(-trip)
    link.answered(0.0)
    return link


def test_a_frame_may_go_when_nothing_is_under_way() -> None:
    assert Link().wait(0.0) == 0
    assert link_of(0.1).wait(0.0) == 0


def test_frames_follow_each_other_while_answers_are_on_time() -> None:
    link = link_of(0.5)  # a link round the world, but a wide one
    for frame in range(3):
        assert link.wait(0.15 * frame) == 0
        link.asked(0.15 * frame)


def test_nothing_is_sent_while_an_answer_is_overdue() -> None:
    link = link_of(0.1)
    link.asked(10.0)
    late = 10.0 + 0.1 + SLACK + 0.01
    assert 0 < link.wait(late) <= PATIENCE
    link.answered(late)
    assert link.wait(late) == 0


def test_an_answer_that_never_comes_is_given_up() -> None:
    link = link_of(0.1)
    link.asked(10.0)
    late = 11.0
    later = late + link.wait(late)
    assert later == 10.0 + PATIENCE
    assert link.wait(later) == 0
    assert not link.awaits


def test_a_terminal_that_never_answers_is_asked_in_vain_but_once() -> None:
    link = Link()
    link.asked(0.0)
    assert link.wait(0.1) > 0
    assert link.wait(FIRST_PATIENCE) == 0
    for frame in range(100):
        link.asked(3.0 + frame)
        assert link.wait(3.0 + frame) == 0
        assert not link.awaits
    link.answered(200.0)  # it was only slow
    link.asked(201.0)
    assert link.awaits


@given(st.lists(st.sampled_from(["ask", "answer", "wait"]), max_size=50))
def test_it_never_waits_for_ever(events: list[str]) -> None:
    link = Link()
    for now, event in enumerate(events):
        if event == "ask":
            link.asked(float(now))
        elif event == "answer":
            link.answered(float(now))
        assert 0 <= link.wait(float(now)) <= PATIENCE
