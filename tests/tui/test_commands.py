"""Every key runs its command."""

from pathlib import Path

import pytest

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.screens.dialogs import AboutScreen
from tests.support.variants import variants
from tests.tui.checks import CHECKS
from tests.tui.checks_navigation import NAVIGATION_CHECKS
from tests.tui.pilot import Drive, driving, run

# One for each check: that of two commands that move to and fro is the same.
ACTIONS = list({check: action for action, check in CHECKS.items()}.values())
# A view without a focus, one with room for all, and one without a trace.
MAY_KEEP_FOCUS = ("show_view", "replace_pane", "previous_stop")
NEED_LARGE_WINDOW = {
    "show_view('train')",
    "app.next_palette",
    "app.toggle_theme",
    "help",
    "compare",
    "toggle_maximized",
    "request('siblings-without-changes')",
}
SIMILAR_ACTIONS = {"show_view('train')", "show_view('inside')"}


def test_every_command_has_a_check() -> None:
    assert set(CHECKS) == {command.action for command in COMMANDS}


@pytest.mark.parametrize("action", variants(ACTIONS, short=set(ACTIONS) - SIMILAR_ACTIONS))
def test_key_runs_its_command(action: str) -> None:
    async def test() -> None:
        size = (120, 40) if action in NEED_LARGE_WINDOW else (80, 24)
        speed = 5000.0 if action in NAVIGATION_CHECKS else 500.0
        async with driving(size, speed=speed) as drive:
            await CHECKS[action](drive)

    run(test)


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        ("+u+", "learning_rate", 0.2),
        pytest.param("--u-", "learning_rate", 0.02, marks=pytest.mark.long),
        ("ouo", "optimizer", list(OPTIMIZERS)[1]),
        pytest.param("tut", "task", "subtraction", marks=pytest.mark.long),
        pytest.param("mum", "model", "gru", marks=pytest.mark.long),
    ],
)
def test_keys_pressed_at_once_each_act_on_the_run_after_the_one_before(
    keys: str, field: str, value: object
) -> None:
    async def test() -> None:
        async with driving() as drive:
            drive.press_at_once(*keys)
            assert getattr((await drive.wait_until_handled()).settings, field) == value

    run(test)


def test_dialog_opens_on_the_run_after_the_keys_before() -> None:
    async def test() -> None:
        async with driving() as drive:
            drive.press_at_once("o", "k")
            await drive.wait_for_text("momentum=")
            await drive.press("escape")
            drive.press_at_once("t", "i")
            await drive.until(lambda _: isinstance(drive.app.screen, AboutScreen))
            assert isinstance(drive.app.screen, AboutScreen)
            assert drive.app.screen._settings.task == "subtraction"

    run(test)


def has_moved(drive: Drive) -> bool:
    """Return whether keys go to a dialog or to a focused widget."""
    return drive.app.screen is not drive.dashboard or drive.app.focused is not None


@pytest.mark.long
def test_only_the_commands_that_take_focus_move_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where files are put

    async def test() -> None:
        async with driving(length=4) as drive:  # few sequences to evaluate
            for command in COMMANDS:
                if command.action == "quit_run":
                    continue
                await drive.press("s", command.keys.split(",")[0])
                await drive.wait_until_handled()
                if command.takes_focus and not command.action.startswith(MAY_KEEP_FOCUS):
                    await drive.until(lambda _: has_moved(drive))
                assert command.takes_focus or not has_moved(drive), command
                await drive.press("escape", "escape")

    run(test)
