"""Keys and clicks that are faster than the palette and the dialogs open and close."""

import pytest
from rich.style import Style
from textual.events import Click
from textual.widgets import Input

from rnn_tui.tui.screens.command_palette import StableCommandPalette
from rnn_tui.tui.widgets.select import CommandResults
from tests.tui.pilot import driving, run

BURSTS = {
    "enter twice": ("ctrl+p", *"Task: par", "enter", "enter", "enter"),
    "a page of a list that is not there": ("ctrl+p", "pagedown", "pageup", "end", "down"),
    "a page of a list of a control": ("tab", "enter", "pagedown", "pageup", "escape"),
    "opened before it is closed": ("ctrl+p", *("escape", "ctrl+p") * 6, "escape"),
    "left twice": ("ctrl+p", "a", "d", "escape", "escape", "escape"),
    "nothing found, and left": ("ctrl+p", *"zzzz", "escape", "escape"),
    "help, left twice": ("question_mark", "escape", "escape", "enter"),
    "a change, twice": ("colon", *"lr=0.2", "enter", "enter"),
    "a question, left twice": ("p", "escape", "escape"),
}


@pytest.mark.parametrize("keys", BURSTS.values(), ids=BURSTS)
def test_dashboard_survives_a_burst_of_keys(keys: tuple[str, ...]) -> None:
    async def test() -> None:
        async with driving() as drive:
            drive.press_at_once(*keys)
            await drive.pilot.pause(0.8)  # longer than the palette looks for what it lacks
            while drive.app.screen is not drive.dashboard:
                await drive.press("escape")
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step >= 100)
            await drive.wait_for_text("paused at step")

    run(test)


def test_palette_finds_a_theme_and_a_task() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("ctrl+p", *"Task: par")
            await drive.wait_for_text("Task: parity")
            await drive.press("enter", "enter")
            await drive.until(lambda snapshot: snapshot.settings.task == "parity")
            drive.app.search_themes()
            await drive.until(lambda _: isinstance(drive.app.screen, StableCommandPalette))
            await drive.press(*"nord")
            await drive.wait_for_text("nord")
            await drive.press("enter", "enter")
            await drive.until(lambda _: drive.app.theme == "nord")

    run(test)


def test_enter_waits_for_the_search() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("ctrl+p")
            await drive.wait_for_text("Batch size: type a value")
            field = drive.app.screen.query_one(Input)
            field.value = "Optimizer: Momentum"
            await field.action_submit()
            await drive.until(lambda snapshot: snapshot.settings.optimizer == "momentum")

    run(test)


def test_click_on_a_removed_result_is_ignored() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.press("ctrl+p", *"Task: par")
            await drive.wait_for_text("Task: parity")
            commands = drive.app.screen.query_one(CommandResults)
            gone = Style(meta={"option": 1000})
            commands.post_message(
                Click(commands, 1, 1, 0, 0, 1, shift=False, meta=False, ctrl=False, style=gone)
            )
            await drive.press("escape")
            await drive.until(lambda _: drive.app.screen is drive.dashboard)
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.step >= 100)

    run(test)


def test_click_beyond_a_smaller_window_is_ignored() -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.press("ctrl+p")
            await drive.until(lambda _: isinstance(drive.app.screen, StableCommandPalette))
            click = Click(None, 116, 2, 0, 0, 1, False, False, False, screen_x=116, screen_y=2)
            drive.app.screen.post_message(click)
            await drive.press("escape", "S")
            await drive.until(lambda snapshot: snapshot.step == 100)

    run(test)
