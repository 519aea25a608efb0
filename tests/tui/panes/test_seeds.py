"""The seeds pane: arrows choose a sibling, enter opens it, and its height follows its rows."""

from unittest.mock import patch

from rnn_tui.session import siblings
from rnn_tui.tui.panes import SeedsPane
from tests.support.siblings import InlineProcess
from tests.tui.pilot import driving, run


def test_arrows_choose_a_sibling_and_enter_opens_it() -> None:
    async def test() -> None:
        async with driving((120, 40), length=3, hidden_size=4) as drive:
            pane = drive.dashboard.query_one(SeedsPane)
            await drive.press("3")
            await drive.wait_for_text("N trains 32 siblings")
            low = pane.outer_size.height
            with patch.object(siblings, "SiblingsProcess", InlineProcess):
                await drive.press("N", "S")
                await drive.wait_for_text("of 32 exact by step 100")
            await drive.wait_for_text("seed 1 · not yet exact")
            assert pane.outer_size.height > low
            pane.focus()
            await drive.press("right", "down", "left", "down", "down", "down")
            await drive.wait_for_text("seed 27 · ")  # in the last row
            await drive.press("enter")
            opened = await drive.until(lambda snapshot: snapshot.branch_number == 2)
            assert (opened.settings.seed, opened.step) == (27, 100)
            await drive.press("question_mark")
            await drive.wait_for_text("Wilson's")

    run(test)


def test_enter_maximizes_the_pane_without_siblings() -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.press("3", "P")
            await drive.until(lambda _: drive.dashboard.query_one(SeedsPane).has_focus)
            await drive.press("enter")
            await drive.wait_for_text("esc shows all panes")

    run(test)
