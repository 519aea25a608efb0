"""A session traces the next step while it is paused, and drops the trace while it trains."""

from rnn_tui.run.changes import SetField
from rnn_tui.session.requests import (
    DisplayTracedExample,
    LeaveTrace,
    Pause,
    PinExample,
    Resume,
    SeekTo,
    Step,
    TraceStep,
)
from rnn_tui.session.snapshot import Status
from tests.session.conftest import SMALL
from tests.support.driver import Start
from tests.support.makers import settings_with


def test_tracing_pauses_and_displays_the_example_of_the_next_step(start: Start) -> None:
    driver = start(paused=False)
    driver.until_step(10)
    traced = driver.ask(TraceStep())
    assert traced.status is Status.PAUSED
    assert traced.step_trace is not None
    assert traced.example is not None
    assert traced.step_trace.step == traced.step
    example = traced.step_trace.example(0)
    assert example is not None
    assert (traced.example.inputs == example.inputs[:, 0]).all()
    left = driver.ask(LeaveTrace())
    assert (left.step, left.status, left.step_trace) == (traced.step, Status.PAUSED, None)
    assert not left.is_pinned


def test_training_the_traced_step_traces_the_next_one(start: Start) -> None:
    driver = start(paused=True)
    first = driver.ask(TraceStep()).step_trace
    driver.settled(Step())
    second = driver.until(lambda snapshot: snapshot.step_trace not in (None, first)).step_trace
    assert first is not None
    assert second is not None
    assert (first.step, second.step) == (0, 1)
    assert (second.record.weights_before == first.record.weights_after).all()


def test_running_session_has_no_trace_until_it_is_paused(start: Start) -> None:
    driver = start(settings_with(length=4, hidden_size=5, steps=500), paused=True)
    driver.ask(PinExample("3+4"), TraceStep(), Resume())
    running = driver.until_step(1)
    assert running.step_trace is None or running.status is not Status.RUNNING
    finished = driver.until(lambda snapshot: snapshot.status is Status.FINISHED)
    assert finished.step_trace is not None
    assert finished.step_trace.step == 500
    left = driver.ask(LeaveTrace())
    assert left.example is not None
    assert left.example.input_text == "3 + 4"


def test_example_pinned_meanwhile_is_displayed_after_the_trace(start: Start) -> None:
    driver = start(settings_with(length=4, hidden_size=5), paused=True)
    traced = driver.ask(TraceStep())
    pinned = driver.ask(PinExample("3+4"))
    assert traced.example is not None
    assert pinned.example is not None
    assert pinned.example.input_text == traced.example.input_text
    assert not pinned.is_pinned
    left = driver.ask(LeaveTrace())
    assert left.example is not None
    assert (left.example.input_text, left.is_pinned) == ("3 + 4", True)


def test_pause_before_the_next_step_traces_the_same_step_again(start: Start) -> None:
    driver = start(settings_with(length=4, hidden_size=5), speed=0.001, paused=True)
    first = driver.ask(TraceStep()).step_trace
    assert driver.ask(Resume()).step_trace is None
    again = driver.ask(Pause()).step_trace
    assert first is not None
    assert again is not None
    assert again.step in (0, 1)


def test_change_of_a_setting_is_traced(start: Start) -> None:
    driver = start(paused=True)
    driver.ask(TraceStep())
    changed = driver.ask(SetField("optimizer", "adam")).step_trace
    assert changed is not None
    assert changed.stops[-1].title == "Adam: W_o"


def test_viewed_step_is_traced(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(20))
    driver.ask(SeekTo(7))
    viewed = driver.ask(TraceStep())
    assert viewed.status is Status.VIEWING
    assert viewed.step_trace is not None
    assert viewed.step_trace.step == 7
    assert driver.ask(LeaveTrace()).step == 7


def test_sequence_of_the_traced_batch_is_displayed(start: Start) -> None:
    driver = start(settings_with(length=4, hidden_size=5, batch_size=3), paused=True)
    trace = driver.ask(TraceStep()).step_trace
    assert trace is not None
    shown = driver.ask(DisplayTracedExample(2)).example
    example = trace.example(2)
    assert shown is not None
    assert example is not None
    assert (shown.inputs == example.inputs[:, 0]).all()


def test_step_that_halts_training_is_refused(start: Start) -> None:
    driver = start(settings_with(length=4, hidden_size=5), paused=True)
    assert not driver.ask(TraceStep(unit=5)).refused
    refused = driver.ask(TraceStep(unit=6))
    assert refused.message == "the unit must be from 1 to 5, not 6"
    assert SMALL.hidden_size == 5
