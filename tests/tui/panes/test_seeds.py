"""The seeds pane: arrows choose a sibling, enter and clicks open one; its height fits its rows."""

from unittest.mock import patch

import pytest

from rnn_tui.config.appearance import Appearance
from rnn_tui.session import siblings
from rnn_tui.tui.drawing.seeds import legend
from rnn_tui.tui.panes import SeedsPane
from rnn_tui.tui.panes.base import SUBTITLE_SEPARATOR, TITLE_FRAME_CELLS
from rnn_tui.tui.panes.seeds import KEYS
from tests.support.sibling_views import CannedProcess
from tests.support.siblings import InlineProcess
from tests.tui.pilot import TRUECOLOR, driving, run


def test_enter_and_click_open_a_sibling() -> None:
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
            await drive.press("a")
            await drive.wait_for_text("32 siblings of the run, with its changes")
            pane.focus()
            await drive.press("right", "down", "left", "down", "down", "down")
            await drive.wait_for_text("seed 27 · ")  # in the last row
            await drive.press("enter")
            opened = await drive.until(lambda snapshot: snapshot.branch_number == 2)
            assert (opened.settings.seed, opened.step) == (27, 100)
            rows = drive.text.splitlines()
            (row,) = (index for index, text in enumerate(rows) if text.startswith("│   14 "))
            await drive.pilot.click(offset=(rows[row].index("14") + 4, row))
            opened = await drive.until(lambda snapshot: snapshot.branch_number == 3)
            assert (opened.settings.seed, opened.step) == (14, 100)
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


SENTENCE = "27 of 32 exact by step 10,000 (Wilson 95 %: 68–93 %); diverged: seed 32"


@pytest.mark.parametrize(
    ("size", "appearance", "expected"),
    [
        (
            (80, 24),
            Appearance(glyphs="ascii", colored=False),
            [
                "+- seeds: 32 siblings of the run ---",
                "| 27 of 32 exact by step 10,000 (Wilson 95 %: 68-93 %); diverged: seed 32; the ",
                "| run is at step 0",
                "|    1 >+ + + + + + + + + + + + + + + + + + + + + + + + + + + % = : . x",
                "| seed 1 . exact by step 5,250 . accuracy 100 % . mean L1 error 0.020",
                "+----------------------------------------------- < > ^ v choose . enter opens -+",
            ],
        ),
        (
            (120, 40),
            Appearance(),
            [
                "╭─ seeds: 32 siblings of the run ──",
                f"│ {SENTENCE}; the run is at step 0",
                "│    1 ▸✓█5.25k ✓█ 5.5k ✓█5.75k ✓█   6k ✓█6.25k ✓█ 6.5k ✓█6.75k ✓█   7k ✓█7.25k",
                "│   14  ✓█ 8.5k ✓█8.75k ✓█   9k ✓█9.25k ✓█ 9.5k ✓█9.75k ✓█  10k ✓█10.2k ✓█10.5k",
                "│   27  ✓█11.8k ·▓ 99 % ·▒ 60 % ·░ 30 % ·   0 % ✗",
                "│ seed 1 · exact by step 5,250 · accuracy 100 % · mean L1 error 0.020",
                f"╰{'─' * 42} {KEYS} · {legend()} ─╯",
            ],
        ),
    ],
)
def test_pane_as_text(size: tuple[int, int], appearance: Appearance, expected: list[str]) -> None:
    async def test() -> None:
        terminal = TRUECOLOR if appearance.colored else {"TERM": "xterm"}
        async with driving(size, appearance=appearance, terminal=terminal) as drive:
            await drive.press(*"3P" if size[0] == 80 else "3")
            with patch.object(siblings, "SiblingsProcess", CannedProcess):
                await drive.press("N")
                await drive.wait_for_text("seeds: 32 siblings")
                await drive.wait_for_text("choose")
            rows = drive.text.splitlines()
            (first,) = (index for index, row in enumerate(rows) if " seeds: 32" in row)
            for row, words in zip(rows[first:], expected, strict=False):
                assert row.startswith(words)

    run(test)


def test_legend_fits_below_a_pane_of_80_columns_or_is_dropped_as_a_whole() -> None:
    assert SUBTITLE_SEPARATOR not in legend()
    assert len(f"{KEYS}{SUBTITLE_SEPARATOR}{legend()}") <= 80 - TITLE_FRAME_CELLS


def test_row_of_the_chosen_sibling_is_shown_where_not_all_rows_fit() -> None:
    async def test() -> None:
        async with driving((60, 20)) as drive:
            await drive.press("3", "P")
            with patch.object(siblings, "SiblingsProcess", CannedProcess):
                await drive.press("N")
                await drive.wait_for_text("seed 1 · ")
            pane = drive.dashboard.query_one(SeedsPane)
            pane.focus()
            pane.chosen = 31
            await drive.wait_for_text("seed 32 · diverged at step 3,211")
            await drive.wait_for_text("▸✗")

    run(test)
