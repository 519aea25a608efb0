"""Keys that arrive together, under every task factory with which Textual runs."""

import asyncio

import pytest

from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from tests.tui.pilot import SETTINGS, opened_app


@pytest.mark.parametrize("factory", ["eager", "default"])
def test_keys_pressed_at_once_go_to_the_dialog_that_the_first_opens(factory: str) -> None:
    async def test() -> None:
        if factory == "eager":  # as Textual sets it from 3.12 on
            if not hasattr(asyncio, "eager_task_factory"):
                pytest.skip("tasks start eagerly from Python 3.12 on")
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        worker = TrainingWorker(NewRun(SETTINGS), 500.0, paused=True)
        async with opened_app(worker) as drive:
            drive.press_at_once("s", "colon", *"lr=0.3", "enter", "s")
            snapshot = await drive.until(lambda snapshot: snapshot.step == 2)
            assert snapshot.settings.learning_rate == 0.3
        worker.stop()

    asyncio.run(test())
