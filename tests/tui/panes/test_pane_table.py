"""The table of panes: a pane that is added to it is on the screen."""

import asyncio
from typing import final

import pytest
from textual.app import ComposeResult

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.pane_grid import layout_css
from rnn_tui.tui.panes import PANES, Pane, PanePlacement
from rnn_tui.tui.widgets.text_block import TextBlock
from tests.tui.pilot import SETTINGS, opened_app


@final
class StepPane(Pane):
    title = "step counter"

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def update_from(self, snapshot: Snapshot) -> None:
        self.query_one(TextBlock).set_text(f"{snapshot.step} updates")


PLACEMENT = PanePlacement(
    pane=StepPane, slot="steps", column="right", height="3", stacked="high", side_by_side="tall"
)


def test_pane_added_to_the_table_is_displayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PANES, "steps", PLACEMENT)

    async def test() -> None:
        worker = TrainingWorker(NewRun(SETTINGS), 500.0, paused=True)
        async with opened_app(worker) as drive:
            await drive.press("s")
            await drive.wait_for_text("1 updates")
            pane = drive.dashboard.query_one(StepPane)
            assert pane.outer_size.height == 3
            for size, is_displayed in (((120, 24), False), ((80, 30), False), ((80, 38), True)):
                await drive.resize(size)
                assert pane.display == is_displayed
            drive.dashboard.action_maximize_pane("steps")
            await drive.until(lambda _: pane.region.height > 3)
        worker.stop()

    asyncio.run(test())


def test_layout_css_hides_a_pane_in_windows_too_low() -> None:
    assert layout_css({"steps": PLACEMENT}).splitlines() == [
        ".steps { height: 3; min-height: 0; }",
        ".-narrow.-low .steps { display: none; }",
        ".-normal.-low .steps { display: none; }",
        ".-narrow.-tall .steps { display: none; }",
        ".-normal.-tall .steps { display: none; }",
        ".-wide.-low .steps { display: none; }",
        ".-broad.-low .steps { display: none; }",
    ]
