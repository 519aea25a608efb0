"""Every command of the table does by its key what its help says."""

import pytest

from rnn_tui.ui.commands import COMMANDS
from tests.ui.checks import CHECKS
from tests.ui.pilot import driving, run


def test_every_command_has_a_check() -> None:
    assert set(CHECKS) == {command.action for command in COMMANDS}


@pytest.mark.parametrize("action", [command.action for command in COMMANDS])
def test_key_does_what_its_help_says(action: str) -> None:
    async def test() -> None:
        async with driving() as drive:
            await CHECKS[action](drive)

    run(test)
