"""The panes of the view inside, on results of the analyses in the running app."""

import pytest

from rnn_tui.config.switching import switched
from rnn_tui.engine.tasks import TASKS
from rnn_tui.tui.panes import AttractorsPane, GradientMapPane, HealthPane, LengthPane
from tests.support.makers import SMALL
from tests.tui.pilot import driving, run


def test_inside_view_draws_the_analyses_of_the_step_with_their_numbers() -> None:
    async def test() -> None:
        async with driving((200, 130), length=5, hidden_size=4) as drive:
            await drive.press("2")
            for text in (
                "carry not kept for ever: memory time about 0.",
                "PC 1",
                "after step 0 · from 256 starts · n = 1,280 states",
                "ripples are correct up to",
                "n = 8,000 ripples",
                "‖Δw‖/‖w‖",
                "saturated",
                "loss at t = 5: vanishes",
            ):
                await drive.wait_for_text(text)
            panes = drive.dashboard.query_one(AttractorsPane), drive.dashboard.query_one(HealthPane)
            assert all(pane.display for pane in panes)
            await drive.press("s")
            for pane in panes:
                await drive.until(
                    lambda _, pane=pane: "after step 1 " in str(pane.border_subtitle)  # type: ignore[misc]
                )

    run(test)


def test_arrow_keys_switch_the_gradient_map_to_the_cell_of_an_lstm() -> None:
    async def test() -> None:
        async with driving((120, 40), model="lstm", length=5, hidden_size=3) as drive:
            pane, grid = drive.dashboard.query_one(GradientMapPane), drive.dashboard._grid
            await drive.dashboard._change_display(
                lambda: grid.show_pane("gradient-map", maximized=True), lambda: pane
            )
            await drive.wait_for_text("arrow keys: cell c")
            await drive.press("right")
            await drive.wait_for_text("arrow keys: state h")
            await drive.press("left")
            await drive.wait_for_text("arrow keys: cell c")

    run(test)


@pytest.mark.parametrize("task", TASKS)
def test_length_pane_is_for_sequences_of_any_length(task: str) -> None:
    assert LengthPane.applies_to(switched(SMALL, task)) == (task != "xor")
