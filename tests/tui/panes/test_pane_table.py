"""The table of panes: a pane that is added to it is on the screen."""

import asyncio
from dataclasses import replace
from typing import final

import pytest
from textual.app import ComposeResult

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.panes import PANES, VIEWS, Pane, PaneHelp, PanePlacement
from rnn_tui.tui.views import STEP_VIEW
from rnn_tui.tui.widgets.text_block import TextBlock
from tests.tui.pilot import SMALL, opened_app

ANALYSIS = next(iter(ANALYSES))


@final
class StepPane(Pane):
    title = "step counter"
    short_title = "steps"
    help_text = PaneHelp("the number of updates", "n", "as it is", "not the speed")
    analyses = (ANALYSIS,)

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def update_from(self, snapshot: Snapshot) -> None:
        self.query_one(TextBlock).set_text(f"{snapshot.step} updates")


PLACEMENT = PanePlacement(
    pane=StepPane, column="right", priority=4, min_height=3, height=3, weight=0
)


def test_pane_added_to_the_table_is_displayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PANES, "steps", PLACEMENT)
    monkeypatch.setitem(PANES, "bit-grid", replace(PANES["bit-grid"], views=("train",)))

    async def test() -> None:
        worker = TrainingWorker(NewRun(SMALL), 500.0, paused=True)
        async with opened_app(worker) as drive:
            await drive.press("s")
            await drive.wait_for_text("1 updates")
            pane = drive.dashboard.query_one(StepPane)
            assert pane.outer_size.height == 3
            assert drive.dashboard.displayed_analyses == (ANALYSIS,)
            await drive.until(lambda snapshot: ANALYSIS in snapshot.analyses)
            await drive.resize((80, 24))
            await drive.wait_for_text("no room: accuracy, gradient, steps, changes (P)")
            assert not drive.dashboard.displayed_analyses
            await drive.press("P", "P", "P")
            assert pane.has_focus
            await drive.press("enter")
            await drive.until(lambda _: pane.region.height > 3)
            await drive.press("question_mark")
            await drive.wait_for_text("the number of updates")
            await drive.press("escape", "4")
            await drive.wait_for_text("The view map has no pane for addition.")
        worker.stop()

    asyncio.run(test())


@pytest.mark.parametrize("name", PANES)
def test_every_pane_has_a_view_and_help(name: str) -> None:
    placement = PANES[name]
    assert placement.views
    assert {*placement.views} <= {*VIEWS, STEP_VIEW}
    assert placement.pane.title
    assert placement.pane.short_title
    assert all(placement.pane.help_text)
