"""A pace keeps its speed over any length of time, on a clock that the tests turn."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.session import rate_limiter as pace
from rnn_tui.session.rate_limiter import TRAINING_SLICE_SECONDS, RateLimiter

TINY = 1e-6  # seconds, for what floating point makes of a deadline


class Clock:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        patch.setattr(pace, "monotonic", lambda: self.now)


def run_for(clock: Clock, held: RateLimiter, seconds: float, cost: float) -> int:
    """Take every step when it is due, each at `cost` seconds, and return how many there were."""
    end, taken = clock.now + seconds, 0
    while clock.now < end:
        steps = held.steps_due()
        if steps:
            clock.now += steps * cost
            held.record(steps, steps * cost)
            taken += steps
        else:
            clock.now += held.seconds_until_due() + TINY
    return taken


@settings(max_examples=50, deadline=None)
@given(speed=st.floats(0.5, 5000), seconds=st.floats(1, 20))
def test_a_held_pace_takes_the_steps_that_were_asked_for(speed: float, seconds: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        taken = run_for(clock, RateLimiter(speed), seconds, cost=1e-5)
        assert taken == pytest.approx(speed * seconds, rel=0.01, abs=2)


@settings(max_examples=50, deadline=None)
@given(speed=st.floats(0.5, 5000))
def test_the_first_step_is_due_at_once_and_the_second_is_not(speed: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock, held = Clock(patch), RateLimiter(speed)
        assert held.steps_due() == 1
        held.record(1, 1e-5)
        assert held.steps_due() == 0
        clock.now += 0.9 / speed
        assert held.steps_due() == 0
        clock.now += held.seconds_until_due() + TINY
        assert held.steps_due() == 1


def test_what_a_slow_machine_missed_is_not_caught_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, held = Clock(monkeypatch), RateLimiter(100)
    run_for(clock, held, 5, cost=1e-5)
    clock.now += 60
    assert run_for(clock, held, 1, cost=1e-5) <= 1.25 * 100 + 5


def test_a_machine_too_slow_for_the_speed_goes_as_fast_as_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, held = Clock(monkeypatch), RateLimiter(1000)
    assert run_for(clock, held, 10, cost=0.01) == pytest.approx(1000, rel=0.01)
    assert held.measured_speed == pytest.approx(100, rel=0.05)


def test_without_a_limit_a_slice_of_training_becomes_as_long_as_it_should(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, held = Clock(monkeypatch), RateLimiter(inf)
    run_for(clock, held, 1, cost=1e-5)
    assert held.steps_due() == round(TRAINING_SLICE_SECONDS / 1e-5)
    assert held.measured_speed == pytest.approx(1e5, rel=0.01)
    run_for(clock, held, 1, cost=1e-3)
    assert held.steps_due() == round(TRAINING_SLICE_SECONDS / 1e-3)


def test_after_a_pause_a_pace_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, held = Clock(monkeypatch), RateLimiter(100)
    run_for(clock, held, 2, cost=1e-5)
    clock.now += 60
    held.reset()
    assert held.steps_due() == 1
    assert run_for(clock, held, 1, cost=1e-5) == pytest.approx(100, abs=2)
