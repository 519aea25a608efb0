"""Delays of frames, on a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.flow_control import (
    FIRST_REPLY_TIMEOUT_SECONDS,
    REPLY_SLACK_SECONDS,
    REPLY_TIMEOUT_SECONDS,
    FlowControl,
)


def flow_control_with(trip: float) -> FlowControl:
    """Return a flow control that has had one reply, after `trip` seconds."""
    link = FlowControl()
    link.sent(-trip)
    link.acknowledged(0.0)
    return link


def test_delay_is_zero_without_a_pending_reply() -> None:
    assert FlowControl().delay(0.0) == 0
    assert flow_control_with(0.1).delay(0.0) == 0


def test_delay_is_zero_while_replies_are_on_time() -> None:
    link = flow_control_with(0.5)  # a link round the world, but a wide one
    for frame in range(3):
        assert link.delay(0.15 * frame) == 0
        link.sent(0.15 * frame)


def test_delay_is_positive_while_a_reply_is_overdue() -> None:
    link = flow_control_with(0.1)
    link.sent(10.0)
    late = 10.0 + 0.1 + REPLY_SLACK_SECONDS + 0.01
    assert 0 < link.delay(late) <= REPLY_TIMEOUT_SECONDS
    link.acknowledged(late)
    assert link.delay(late) == 0


def test_missing_reply_times_out() -> None:
    link = flow_control_with(0.1)
    link.sent(10.0)
    late = 11.0
    later = late + link.delay(late)
    assert later == 10.0 + REPLY_TIMEOUT_SECONDS
    assert link.delay(later) == 0
    assert not link.pending


def test_terminal_without_replies_delays_one_frame_only() -> None:
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
def test_delay_never_exceeds_the_timeout(events: list[str]) -> None:
    link = FlowControl()
    for now, event in enumerate(events):
        if event == "ask":
            link.sent(float(now))
        elif event == "answer":
            link.acknowledged(float(now))
        assert 0 <= link.delay(float(now)) <= REPLY_TIMEOUT_SECONDS
