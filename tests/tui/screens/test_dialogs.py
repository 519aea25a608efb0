"""Dialogs: the screen below shows through."""

from textual._context import visible_screen_stack
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip

from rnn_tui.tui.screens.dialogs import Dialog
from tests.tui.pilot import driving, run


def cells(lines: list[Strip]) -> list[tuple[str, object, str, object]]:
    """Return each character of `lines` with its visible style, and its actions."""
    return [
        (glyph, style.bgcolor, "" if glyph == " " else str(style), style.meta)
        for line in lines
        for text, style, _ in line
        for glyph in text
        if style
    ]


def test_dialog_shows_the_screen_below_as_textual_does() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.press("tab", "colon")
            dialog = drive.app.screen
            assert isinstance(dialog, Dialog)
            for region in dialog.region, Region(60, 3, 50, 20):
                visible_screen_stack.set([*drive.app.screen_stack[:-1]])
                expected = ModalScreen.render_lines(dialog, region)
                assert cells(dialog.render_lines(region)) == cells(expected)
            await drive.press("escape")
            assert dialog.render_lines(region)  # as for a click that comes too late

    run(test)
