"""The link's patience, on a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.flow_control import (
    FIRST_REPLY_TIMEOUT_SECONDS,
    REPLY_SLACK_SECONDS,
    REPLY_TIMEOUT_SECONDS,
    FlowControl,
)


def link_of(trip: float) -> FlowControl:
    """Return a link on which an answer has come after `trip` seconds."""
    link = FlowControl()
    link.sent(-trip)
    link.acknowledged(0.0)
    return link


def test_a_frame_may_go_when_nothing_is_under_way() -> None:
    assert FlowControl().delay(0.0) == 0
    assert link_of(0.1).delay(0.0) == 0


def test_frames_follow_each_other_while_answers_are_on_time() -> None:
    link = link_of(0.5)  # a link round the world, but a wide one
    for frame in range(3):
        assert link.delay(0.15 * frame) == 0
        link.sent(0.15 * frame)


def test_nothing_is_sent_while_an_answer_is_overdue() -> None:
    link = link_of(0.1)
    link.sent(10.0)
    late = 10.0 + 0.1 + REPLY_SLACK_SECONDS + 0.01
    assert 0 < link.delay(late) <= REPLY_TIMEOUT_SECONDS
    link.acknowledged(late)
    assert link.delay(late) == 0


def test_an_answer_that_never_comes_is_given_up() -> None:
    link = link_of(0.1)
    link.sent(10.0)
    late = 11.0
    later = late + link.delay(late)
    assert later == 10.0 + REPLY_TIMEOUT_SECONDS
    assert link.delay(later) == 0
    assert not link.pending


def test_a_terminal_that_never_answers_is_asked_in_vain_but_once() -> None:
    link = FlowControl()
    link.sent(0.0)
    assert link.delay(0.1) > 0
    assert link.delay(FIRST_REPLY_TIMEOUT_SECONDS) == 0
    for frame in range(100):
        link.sent(3.0 + frame)
        assert link.delay(3.0 + frame) == 0
        assert not link.pending
    link.acknowledged(200.0)  # it was only slow
    link.sent(201.0)
    assert link.pending


@given(st.lists(st.sampled_from(["ask", "answer", "wait"]), max_size=50))
def test_it_never_waits_for_ever(events: list[str]) -> None:
    link = FlowControl()
    for now, event in enumerate(events):
        if event == "ask":
            link.sent(float(now))
        elif event == "answer":
            link.acknowledged(float(now))
        assert 0 <= link.delay(float(now)) <= REPLY_TIMEOUT_SECONDS
