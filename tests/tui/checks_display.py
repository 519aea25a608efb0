"""What each command is expected to do that changes the screen and not the run."""

from collections.abc import Awaitable, Callable

from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.panes import LossPane
from rnn_tui.tui.screens.dialogs import AboutScreen, HelpScreen
from tests.tui.pilot import Drive

Check = Callable[[Drive], Awaitable[None]]


async def explains(drive: Drive) -> None:
    await drive.press("i")
    await drive.until(lambda _: isinstance(drive.app.screen, AboutScreen))
    for words in ("addition", "Elman 16 σ", "half-squared-error", "backpropagation", "SGD"):
        await drive.wait_for_text(words)
    await drive.press("escape")
    await drive.until(lambda _: "components of this run" not in drive.text)


async def changes_window(drive: Drive) -> None:
    loss = drive.dashboard.query_one(LossPane)
    await drive.wait_for_text("full run")
    await drive.press("w")
    await drive.wait_for_text("last 1,000 steps")
    assert not loss.shows_full_run


TITLES = ("─ L1 error", "─ bits", "─ gradient", "─ accuracy", "─ changes", "─ branches")


def shows_view(key: str, *titles: str) -> Check:
    async def check(drive: Drive) -> None:
        await drive.press(key)
        await drive.until(lambda _: {title for title in TITLES if title in drive.text} == {*titles})

    return check


async def shows_the_inside_view(drive: Drive) -> None:
    await drive.press("2")
    await drive.wait_for_text("─ hidden states")


async def maximizes(drive: Drive) -> None:
    await drive.press("tab", "tab", "enter")
    await drive.until(lambda _: [title for title in TITLES if title in drive.text] == ["─ bits"])
    await drive.wait_for_text("esc shows loss, accuracy, gradient, changes")
    await drive.press("Z")
    await drive.until(lambda _: all(title in drive.text for title in TITLES[:5]))


async def replaces_a_pane(drive: Drive) -> None:
    """Bring each pane on a small screen, then two that were hidden, and reset."""
    await drive.resize((80, 24))
    await drive.wait_for_text("no room: accuracy, gradient, changes (P)")
    for title in ("─ accuracy", "─ gradient", "─ changes", "─ bits", "─ accuracy"):
        await drive.press("P")
        await drive.until(lambda _, title=title: title in drive.text)  # type: ignore[misc]  # bound now
        assert "─ L1 error" in drive.text
    await drive.press("shift+tab", "P")
    await drive.until(lambda _: "─ gradient" in drive.text and "─ accuracy" in drive.text)
    assert "─ L1 error" not in drive.text


async def resets_the_view(drive: Drive) -> None:
    await drive.resize((80, 24))
    await drive.press("P", "enter", "0")
    await drive.until(lambda _: "─ bits" in drive.text and "─ L1 error" in drive.text)
    await drive.wait_for_text("no room: accuracy, gradient, changes (P)")


async def changes_palette(drive: Drive) -> None:
    await drive.press("s")
    await drive.wait_for_text("✗")
    await drive.press("c")
    await drive.wait_for_text("palette: safe; start with it by --palette safe")
    assert "#f0a830" in drive.colors("✗")
    await drive.press("c")
    await drive.wait_for_text("palette: standard")
    assert "#ff8a9c" in drive.colors("✗")


async def changes_theme(drive: Drive) -> None:
    await drive.press("T")
    await drive.wait_for_text("theme: light; start with it by --theme light")
    assert drive.app.theme == "textual-light"
    await drive.press("T")
    await drive.wait_for_text("theme: dark")
    assert drive.app.theme == "textual-dark"


async def helps(drive: Drive) -> None:
    await drive.press("tab", "f1")
    await drive.wait_for_text("loss as in the title: training lowers that one")
    await drive.press("question_mark")
    await drive.until(lambda _: isinstance(drive.app.screen, HelpScreen))
    await drive.press("question_mark", "escape", "question_mark")
    await drive.until(lambda _: isinstance(drive.app.screen, HelpScreen))
    await drive.until(lambda _: COMMANDS[0].help in drive.text)
    first = drive.text
    await drive.press("pagedown")
    await drive.until(lambda _: COMMANDS[0].help not in drive.text)
    first += drive.text
    await drive.press("end")
    await drive.until(lambda _: COMMANDS[-1].help in drive.text)
    assert all(command.help in first + drive.text for command in COMMANDS)
    await drive.press("escape")
    await drive.until(lambda _: "─ keys" not in drive.text)
