"""Analyses run beside the training, by turns, and leave no trace in it."""

import re
from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.length import length_of_subject
from rnn_tui.analysis.memory_curve import CurvePoint, memory_used_from
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.swap import SwapPairs
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import initializer_defaults, switched
from rnn_tui.run.changes import SetWeights
from rnn_tui.run.run import Run
from rnn_tui.run.subject import subject_of
from rnn_tui.session.analysis_scheduler import AnalysisResult, length_event
from rnn_tui.session.requests import Pause, PinExample, SeekTo, Step, SwitchToNext
from rnn_tui.session.snapshot import Snapshot
from tests.support.driver import Driver, Start
from tests.support.makers import settings_with, state_of

SMALL = settings_with(length=4, hidden_size=4, steps=10**9)
QUICK = ("hidden-states", "memory", "accuracy-by")


def analyzed(driver: Driver, *names: str) -> Snapshot:
    """Return a snapshot of a paused run once the analyses of `names` are of its step."""

    def is_done(snapshot: Snapshot) -> bool:
        results = snapshot.analyses
        return all(name in results and results[name].step == snapshot.step for name in names)

    driver.worker.display_analyses(names)
    return driver.until(is_done)


@pytest.fixture
def paused(start: Start) -> Driver:
    return start(SMALL, paused=True)


def test_nothing_is_analyzed_before_a_screen_displays_it(start: Start) -> None:
    snapshot = start(SMALL).until_step(2000)
    assert not snapshot.analyses
    assert not snapshot.memory_curve


def test_displayed_analyses_are_of_the_step_of_a_paused_run(paused: Driver) -> None:
    paused.settled(Step(50))
    results = analyzed(paused, *ANALYSES).analyses
    assert set(results) == set(ANALYSES)
    assert not [name for name, result in results.items() if result.reason]


def test_analysis_without_meaning_has_a_reason(start: Start) -> None:
    driver = start(switched(SMALL, "xor"), paused=True)
    result = analyzed(driver, "length").analyses["length"]
    assert result.value is None
    assert "one time step" in result.reason


def test_results_of_another_model_are_not_displayed(paused: Driver) -> None:
    analyzed(paused, *QUICK)
    snapshot = paused.ask(SwitchToNext("model"))
    assert not [result for result in snapshot.analyses.values() if result.step != snapshot.step]
    states = analyzed(paused, *QUICK).analyses["hidden-states"].value
    assert [layer.name for layer in states.layers][1:] == ["reset gate", "update gate", "candidate"]


def test_hidden_states_are_of_the_pinned_example(paused: Driver) -> None:
    paused.settled(Step(20), PinExample("5 + 6"))
    states = analyzed(paused, "hidden-states").analyses["hidden-states"].value
    assert states.inputs.T.tolist() == [[1, 0, 1, 0], [0, 1, 1, 0]]
    assert states.targets.tolist() == [1, 1, 0, 1]


def test_curve_covers_all_keyframes_up_to_the_step_viewed(start: Start) -> None:
    driver = start(SMALL)
    driver.worker.display_analyses(())
    driver.until(lambda snapshot: len(snapshot.memory_curve) > 2)
    last = driver.settled(Pause())
    whole = driver.until(lambda snapshot: len(snapshot.memory_curve) > 2)
    steps = [point.step for point in whole.memory_curve]
    assert steps == sorted(set(steps))
    assert steps[-1] <= last.step
    driver.ask(SeekTo(1))
    rewound = driver.until(lambda snapshot: snapshot.step == 1)
    assert [point.step for point in rewound.memory_curve] == [0]


def test_curve_begins_after_the_latest_change_of_all_weights(start: Start) -> None:
    driver = start(planted(SMALL), paused=True)
    driver.worker.display_analyses(())
    before = driver.until(lambda snapshot: bool(snapshot.memory_curve))
    assert [point.step for point in before.memory_curve] == [0]
    weights = driver.worker._controller.session.viewed.trainer.model.parameters.vector
    snapshot = driver.ask(SetWeights(tuple((0.5 * weights).tolist())))
    assert snapshot.memory_curve == ()


def test_curve_of_a_paused_run_is_drawn_once(start: Start) -> None:
    driver = start(SMALL)
    driver.until_step(3000)
    driver.settled(Pause())
    sizes = set[int]()

    def is_complete(snapshot: Snapshot) -> bool:
        sizes.add(len(snapshot.memory_curve))
        return len(snapshot.memory_curve) > 0

    driver.worker.display_analyses(())
    driver.until(is_complete)
    assert len(sizes) == 2
    assert max(sizes) == len(driver.worker._controller.session.current.keyframes.entries)


def test_longer_numbers_are_evaluated_once_every_sequence_is_correct(start: Start) -> None:
    driver = start(planted(SMALL), paused=True)
    driver.worker.display_analyses(())
    assert driver.settled(Step(240)).analysis_events == ()
    driver.settled(Step(5000))  # which takes longer than from one keyframe to the next
    (event,) = driver.until(lambda snapshot: bool(snapshot.analysis_events)).analysis_events
    assert (event.kind, event.step >= 250) == ("length", True)
    pattern = r"random pairs of up to [\d,]+ bits correct, (every )?ripple .*"
    assert re.fullmatch(pattern, event.text)


def test_event_of_a_model_that_fails_at_random_pairs_counts_the_correct_ones() -> None:
    result = length_of_subject(subject_of(Run(SMALL).state))
    event = length_event(AnalysisResult(250, result))
    first = result.samples[0]
    text = f"random pairs of {first.length} bits: {first.n_correct} of {first.n:,} correct, ripple"
    assert event is not None
    assert event.text.startswith(text)


def planted(settings: Settings) -> Settings:
    """Return settings with the planted adder."""
    return replace(settings, **initializer_defaults("planted"), initializer="planted")


def curve(*swap_accuracies: float) -> list[CurvePoint]:
    """Return a curve of a point every 400 steps with these accuracies of 100 differing pairs."""
    run = Run(SMALL)
    memory = ANALYSES["memory"].compute(Subject(run.task, run.trainer, max_sequences=8))
    points = []
    for number, accuracy in enumerate(swap_accuracies):
        pairs = SwapPairs(np.array([100]), np.array([round(100 * accuracy)]))
        swapped = replace(memory.swap, differing_pairs=pairs)
        points.append(CurvePoint(400 * number, replace(memory, swap=swapped)))
    return points


@pytest.mark.parametrize(
    ("accuracies", "used_from"),
    [
        ((0.1, 0.5, 0.98), None),
        ((0.1, 1.0), None),
        ((0.1, 1.0, 0.99), None),
        ((0.1, 1.0, 0.99, 1.0), 400),
        ((1.0, 1.0, 1.0, 0.9), None),
        ((1.0, 0.9, 1.0, 1.0, 1.0), 800),
        ((), None),
    ],
)
def test_memory_is_used_from_the_first_step_after_which_swaps_stay_correct(
    accuracies: tuple[float, ...], used_from: int | None
) -> None:
    assert memory_used_from(curve(*accuracies)) == used_from


def test_analyses_leave_no_trace_in_the_run(start: Start) -> None:
    driver = start(SMALL)
    driver.worker.display_analyses(QUICK)
    driver.until(lambda snapshot: set(snapshot.analyses) == set(QUICK))
    step = driver.settled(Pause()).step
    alone = Run(SMALL)
    alone.advance(step)
    assert state_of(driver.worker._controller.run) == state_of(alone)
