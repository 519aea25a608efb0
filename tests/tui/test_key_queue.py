"""Keys that are typed ahead, under every way in which Python starts a task."""

import asyncio

import pytest
from textual.events import Key

from rnn_tui.tui.key_queue import KeyQueue
from tests.tui.pilot import driving, run


@pytest.mark.parametrize("tasks", ["eager", "later"])
def test_key_after_key_is_handed_on(tasks: str) -> None:
    async def test() -> None:
        async with driving() as drive:
            eager = getattr(asyncio, "eager_task_factory", None)  # as Textual sets it from 3.12 on
            if tasks == "eager" and eager is None:
                pytest.skip("tasks start eagerly from Python 3.12 on")
            asyncio.get_running_loop().set_task_factory(eager if tasks == "eager" else None)
            typed = KeyQueue(drive.app)
            for step in range(1, 4):
                typed.add(Key("s", "s"))
                await drive.until(lambda snapshot, step=step: snapshot.step == step)  # type: ignore[misc]  # bound now
            typed.close()

    run(test)
