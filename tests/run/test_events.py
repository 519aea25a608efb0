"""Events of a run depend on its numbers alone, and are found at documented steps."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.analysis.units import MAX_SATURATED_FRACTION
from rnn_tui.config.settings import ANALYSIS_INTERVAL_STEPS
from rnn_tui.run.changes import parse_change
from rnn_tui.run.events import END_PLATEAU_RATIO, PLATEAU_STEPS, Event
from rnn_tui.run.run import Run
from tests.support.makers import settings_with

SMALL = settings_with(length=3, hidden_size=4)


def events_at_losses(*losses: float) -> list[Event]:
    """Return the events of a run with this loss in each 250 steps, relative to the baseline."""
    run = Run(SMALL)
    for loss in losses:
        run.history.extend([loss * run.baseline.metric] * 250)
        run.step += 250
        run.events.check(run)
    return [event for event in run.events.events if event.kind.startswith("plateau")]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ((1.0, 1.0, 1.0), []),
        ((1.0, 1.0, 1.0, 1.0), [(1000, "plateau")]),
        ((1.09, 1.09, 1.0, 1.0), []),
        ((1.09, 1.09, 1.0, 1.0, 1.0, 1.0), [(1500, "plateau")]),
        ((0.94, 0.94, 0.94, 0.94), []),
        ((1.2, 1.2, 1.2, 1.2), []),
        ((1.0, 1.0, 1.0, 1.0, 0.92, 0.92), [(1000, "plateau")]),
        ((1.0, 1.0, 1.0, 1.0, 0.85, 0.85), [(1000, "plateau"), (1500, "plateau-end")]),
        ((1.0, 1.0, 1.0, 1.0, 1.4), [(1000, "plateau"), (1250, "plateau-end")]),
        ((np.nan, np.nan, np.nan, np.nan), []),
    ],
)
def test_plateau_is_a_mean_loss_that_stays_at_the_baseline(
    losses: tuple[float, ...], expected: list[tuple[int, str]]
) -> None:
    assert [(event.step, event.kind) for event in events_at_losses(*losses)] == expected


def test_end_of_a_plateau_has_its_length() -> None:
    *_, end = events_at_losses(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, END_PLATEAU_RATIO - 0.1)
    assert end.text == "end of a plateau: 750 steps at the loss of a model without memory"


def test_change_of_the_task_ends_a_plateau_and_its_means() -> None:
    run = Run(SMALL)
    run.history.extend([run.baseline.metric] * 2 * PLATEAU_STEPS)
    run.step = 2 * PLATEAU_STEPS
    run.events.check(run)
    assert run.events.plateau_start == 2 * PLATEAU_STEPS
    run.apply(parse_change("task=parity"))
    run.step += 250
    run.events.check(run)
    assert run.events.plateau_start is None
    assert run.events.events[-1].kind == "plateau-end"
    for _ in range(2 * PLATEAU_STEPS // 250 - 2):
        run.history.extend([run.baseline.metric] * 250)
        run.step += 250
        run.events.check(run)
    assert run.events.plateau_start is None


def test_saturation_is_reported_once_after_each_change() -> None:
    run = Run(SMALL)
    run.weights["input_weight"][:] = 100.0
    run.step = ANALYSIS_INTERVAL_STEPS - 250
    run.events.check(run)
    assert run.events.events == []
    for step in (1000, 2000):
        run.step = step
        run.events.check(run)
    (event,) = run.events.events
    assert (event.step, event.kind) == (1000, "saturated")
    percentage = int(event.text.split(": ")[1].split(" %")[0])
    assert 100 * MAX_SATURATED_FRACTION < percentage <= 100
    assert event.text == f"learning rate 0.1: {percentage} % of hidden state outputs are saturated"
    run.apply(parse_change("lr=10"))
    run.step = 3000
    run.events.check(run)
    assert run.events.events[1] == Event(3000, "saturated", event.text.replace("0.1:", "10:"))


def test_events_are_part_of_the_state() -> None:
    settings = replace(SMALL, hidden_size=6, learning_rate=2.0)
    run = Run(settings, [(1030, parse_change("lr=3"))])
    run.advance(1500)
    assert run.events.events == [Event(1250, "exact", "all 16 sequences are correct")]
    copy = Run.from_state(run.state, run.initial_settings, run.log)
    assert copy.events.events == run.events.events
    assert copy.events.events is not run.events.events
