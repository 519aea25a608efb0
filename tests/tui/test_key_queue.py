"""Keys that arrive together."""

import asyncio

import pytest

from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.key_queue import META_PREFIX_KEY
from tests.tui.pilot import SMALL, driving, opened_app, run


@pytest.mark.parametrize("factory", ["eager", "default"])
def test_keys_pressed_at_once_go_to_the_dialog_that_the_first_opens(factory: str) -> None:
    async def test() -> None:
        if factory == "eager":  # as Textual sets it from 3.12 on
            if not hasattr(asyncio, "eager_task_factory"):
                pytest.skip("tasks start eagerly from Python 3.12 on")
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        worker = TrainingWorker(NewRun(SMALL), 500.0, paused=True)
        async with opened_app(worker) as drive:
            drive.press_at_once("s", "colon", *"lr=0.3", "enter", "s")
            snapshot = await drive.until(lambda snapshot: snapshot.step == 2)
            assert snapshot.settings.learning_rate == 0.3
        worker.stop()

    asyncio.run(test())


def test_escape_and_key_in_one_piece_are_alt_in_a_text_field_with_text() -> None:
    async def test() -> None:
        async with driving() as drive:
            drive.press_at_once("s", "colon", *"lr=0.3")
            for key in "rtud":
                drive.press_at_once(META_PREFIX_KEY, key)
            drive.press_at_once("enter", "s")
            snapshot = await drive.until(lambda snapshot: snapshot.step == 2)
            assert snapshot.settings.learning_rate == 0.3
            assert len(snapshot.log) == 1
            drive.press_at_once("colon", META_PREFIX_KEY, "s")  # no text that could be lost
            await drive.until(lambda snapshot: snapshot.step == 3)
            drive.press_at_once("colon", *"lr=0.4", "escape", "s")
            snapshot = await drive.until(lambda snapshot: snapshot.step == 4)
            assert snapshot.settings.learning_rate == 0.3

    run(test)
