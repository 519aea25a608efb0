"""A playback depends on steps alone, and passes breakpoints."""

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.run.conditions import parse_condition
from rnn_tui.session.playback import Playback
from rnn_tui.session.requests import Step
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun
from tests.support.makers import settings_with

SETTINGS = settings_with(length=4, hidden_size=4, steps=600)


def test_playback_passes_breakpoints_and_ends_finished() -> None:
    start = NewRun(SETTINGS, breakpoints=[parse_condition("step=250")])
    playback = Playback(start, 100.0)
    playback.train(400)
    playback.show(4.0, evaluate=True)
    snapshot = playback.latest_snapshot()
    assert (snapshot.step, snapshot.score_step) == (400, 400)
    assert [hit.step for hit in snapshot.breakpoint_hits] == [250]
    assert (snapshot.training_seconds, snapshot.taken_at) == (4.0, 4.0)
    playback.train(600)
    playback.pause()
    playback.show(6.0, evaluate=False)
    assert playback.latest_snapshot().status is Status.FINISHED
    assert playback.latest_snapshot().score_step == 400


def test_displayed_analyses_have_results_of_the_evaluated_step() -> None:
    playback = Playback(NewRun(SETTINGS), 100.0)
    playback.display_analyses(("health",))
    playback.train(100)
    playback.show(1.0, evaluate=True)
    assert {*playback.latest_snapshot().analyses} == {"health"}
    playback.display_analyses(("health", "machine"))
    results = playback.latest_snapshot().analyses
    assert {name: result.step for name, result in results.items()} == {
        "health": 100,
        "machine": 100,
    }
    playback.show(1.0, evaluate=True)
    assert [point.step for point in playback.latest_snapshot().memory_curve] == [100]


def test_playback_rejects_requests() -> None:
    with pytest.raises(UserError, match="no requests during a playback"):
        Playback(NewRun(SETTINGS), 100.0).send(Step(1))
