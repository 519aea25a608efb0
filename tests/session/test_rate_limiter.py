"""The rate limiter keeps its speed over any length of time, on a simulated clock."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.session import rate_limiter as rate_limiter_module
from rnn_tui.session.rate_limiter import TRAINING_SLICE_SECONDS, RateLimiter

TINY = 1e-6  # seconds, for what floating point makes of a deadline


class Clock:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        patch.setattr(rate_limiter_module, "monotonic", lambda: self.now)


def run_for(clock: Clock, limiter: RateLimiter, seconds: float, cost: float) -> int:
    """Take every step when it is due, each at `cost` seconds, and return how many there were."""
    end, taken = clock.now + seconds, 0
    while clock.now < end:
        steps = limiter.steps_due()
        if steps:
            clock.now += steps * cost
            limiter.record(steps, steps * cost)
            taken += steps
        else:
            clock.now += limiter.seconds_until_due() + TINY
    return taken


@settings(max_examples=20, deadline=None)
@given(speed=st.floats(0.5, 5000), seconds=st.floats(1, 10))
def test_limited_speed_takes_the_expected_number_of_steps(speed: float, seconds: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        taken = run_for(clock, RateLimiter(speed), seconds, cost=1e-5)
        assert taken == pytest.approx(speed * seconds, rel=0.01, abs=2)


@settings(max_examples=50, deadline=None)
@given(speed=st.floats(0.5, 5000))
def test_first_step_is_due_at_once_and_the_second_is_not(speed: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock, limiter = Clock(patch), RateLimiter(speed)
        assert limiter.steps_due() == 1
        limiter.record(1, 1e-5)
        assert limiter.steps_due() == 0
        clock.now += 0.9 / speed
        assert limiter.steps_due() == 0
        clock.now += limiter.seconds_until_due() + TINY
        assert limiter.steps_due() == 1


def test_missed_steps_are_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limiter = Clock(monkeypatch), RateLimiter(100)
    run_for(clock, limiter, 5, cost=1e-5)
    clock.now += 60
    assert run_for(clock, limiter, 1, cost=1e-5) <= 1.25 * 100 + 5


def test_slow_machine_trains_as_fast_as_possible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, limiter = Clock(monkeypatch), RateLimiter(1000)
    assert run_for(clock, limiter, 10, cost=0.01) == pytest.approx(1000, rel=0.01)
    assert limiter.measured_speed == pytest.approx(100, rel=0.05)


def test_unlimited_speed_takes_slices_of_the_intended_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, limiter = Clock(monkeypatch), RateLimiter(inf)
    run_for(clock, limiter, 1, cost=1e-5)
    assert limiter.steps_due() == round(TRAINING_SLICE_SECONDS / 1e-5)
    assert limiter.measured_speed == pytest.approx(1e5, rel=0.01)
    run_for(clock, limiter, 1, cost=1e-3)
    assert limiter.steps_due() == round(TRAINING_SLICE_SECONDS / 1e-3)


def test_reset_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limiter = Clock(monkeypatch), RateLimiter(100)
    run_for(clock, limiter, 2, cost=1e-5)
    clock.now += 60
    limiter.reset()
    assert limiter.steps_due() == 1
    assert run_for(clock, limiter, 1, cost=1e-5) == pytest.approx(100, abs=2)
