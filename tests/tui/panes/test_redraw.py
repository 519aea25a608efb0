"""When a pane draws new data: at once, or in its turn while a run is fast."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot, Status
from rnn_tui.tui.panes import BitGridPane, LossPane
from rnn_tui.tui.panes.base import MAX_DRAWN_STEPS_PER_SECOND, REDRAW_INTERVAL_SECONDS, Pane

FAST = replace(EMPTY_SNAPSHOT, status=Status.RUNNING, speed=inf, step=100, taken_at=1000.0)
LATER, MUCH_LATER = 0.9 * REDRAW_INTERVAL_SECONDS, 2 * REDRAW_INTERVAL_SECONDS


def draws(pane: Pane, snapshot: Snapshot, view: str = "") -> bool:
    """Return whether `pane` draws a snapshot, whose data are its step."""
    pane.set_reactive(Pane.snapshot, snapshot)
    is_drawn = pane.begin_redraw_if_due((view,), (snapshot.step,))
    pane.watch_snapshot(snapshot)
    return is_drawn


def drawn_pane() -> Pane:
    pane = LossPane()
    assert draws(pane, FAST)
    return pane


def after(seconds: float, **fields: Any) -> Snapshot:
    return replace(FAST, step=200, taken_at=FAST.taken_at + seconds, **fields)


def test_fast_run_is_drawn_once_an_interval() -> None:
    assert not draws(drawn_pane(), after(LATER))
    assert draws(drawn_pane(), after(MUCH_LATER))


@pytest.mark.parametrize(
    "snapshot",
    [
        after(0.0, speed=MAX_DRAWN_STEPS_PER_SECOND),
        after(0.0, status=Status.PAUSED),
        replace(FAST, step=50),
    ],
    ids=["slow", "paused", "earlier step"],
)
def test_data_that_do_not_change_fast_are_drawn_at_once(snapshot: Snapshot) -> None:
    assert draws(drawn_pane(), snapshot)


def test_new_view_is_drawn_at_once() -> None:
    assert draws(drawn_pane(), after(0.0), view="another size")


def test_effect_of_a_key_is_not_delayed_by_new_data_unless_they_are_late() -> None:
    pane = drawn_pane()
    assert not draws(pane, after(REDRAW_INTERVAL_SECONDS, requests_handled=1))
    assert draws(pane, after(REDRAW_INTERVAL_SECONDS, requests_handled=1))
    assert draws(drawn_pane(), after(MUCH_LATER, requests_handled=1))


def test_panes_of_different_phases_take_turns() -> None:
    loss, bits = LossPane(), BitGridPane()
    snapshots = [replace(FAST, step=101 + n, taken_at=FAST.taken_at + n / 10) for n in range(50)]
    drawn = [{s.step for s in snapshots if draws(pane, s)} - {101} for pane in (loss, bits)]
    assert [len(steps) for steps in drawn] == [9, 10]
    assert not drawn[0] & drawn[1]
