"""Every task, model and optimizer can be switched to and from during training."""

import asyncio
from functools import partial
from math import inf, isfinite
from random import Random

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.panes import PANES, ChangesPane, CostMapPane, LossPane
from rnn_tui.tui.panes.cost_map import INITIAL_CURSOR
from tests.support.variants import variants
from tests.tui.pilot import Drive, driving, run


@pytest.mark.parametrize("seed", variants([1, 2], short=[1]))
def test_many_switches_at_unlimited_speed_are_repeatable(seed: int) -> None:
    async def test() -> None:
        random = Random(seed)
        async with driving((120, 40), speed=inf, paused=False, steps=10**9) as drive:
            every = [
                *(SetField("task", task) for task in TASKS),
                *(SetField("optimizer", name) for name in OPTIMIZERS),
            ]
            switches = [*every, *random.choices(every, k=36 - len(every))]
            random.shuffle(switches)
            for switch in switches:
                drive.dashboard.send(switch)
                await asyncio.sleep(random.choice([0.0, 0.01]))
            # The tutorial's Rprop without bounds may have halted the run: any change resumes it.
            drive.dashboard.send(SetField("task", "addition"))
            drive.dashboard.send(SetField("optimizer", "adam"))
            end = await drive.wait_until_handled()
            assert len(end.log) >= 18
            await drive.until(lambda snapshot: snapshot.step > end.step and snapshot.metric >= 0)
            await drive.press("space")
            paused = await drive.until(lambda snapshot: snapshot.status is Status.PAUSED)
            assert isfinite(paused.metric)
            assert paused.failure == ""
            alone = Run(
                paused.initial_settings, [(applied.step, applied.change) for applied in paused.log]
            )
            alone.advance(paused.step)
            assert alone.step == paused.step
            assert alone.settings == paused.settings
            assert alone.history.last == paused.metric

    run(test)


@pytest.mark.parametrize(
    "recipe", variants(RECIPES, short=("binary-addition", "counting-ones", "xor"))
)
def test_recipe_shows_the_panes_that_apply_to_it(recipe: str) -> None:
    async def test() -> None:
        async with driving((120, 40), recipe=recipe) as drive:
            await drive.press("s")
            snapshot = await drive.until(lambda snapshot: snapshot.step == 1)
            settings = snapshot.settings
            for pane in (entry.pane for entry in PANES.values() if "train" in entry.views):
                crowded = pane is ChangesPane and recipe == "counting-ones"  # the map has its room
                shown = pane.applies_to(settings) and not crowded
                assert drive.dashboard.query_one(pane).display == shown, pane
            assert (snapshot.cost_map is not None) == (recipe == "counting-ones")
            assert (snapshot.output_grid is not None) == settings.task.startswith("xor")
            await drive.wait_for_text(settings.update_rule)
            for words in ("seed", "step 1"):
                await drive.wait_for_text(words)

    run(test)


def _is_past(step: int, snapshot: Snapshot) -> bool:
    return snapshot.step > step


async def _walk_through(drive: Drive) -> None:
    for task in TASKS:
        drive.dashboard.send(SetField("task", task))
        step = (await drive.wait_until_handled()).step
        await drive.press("s")
        await drive.until(partial(_is_past, step))
        map_alone = task == "counting-ones" and drive.dashboard.size.width < 80
        await drive.wait_for_text("loss over" if map_alone else TASKS[task].baseline_name)
        await drive.press("4")
        await drive.press("1")


@pytest.mark.parametrize("size", variants([(60, 20), (80, 24), (120, 40)], short=[(60, 20)]))
def test_every_task_is_drawn_at_every_size(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with driving(size) as drive:
            await _walk_through(drive)
            assert drive.snapshot.settings.task == list(TASKS)[-1]
            assert drive.snapshot.status is Status.PAUSED

    run(test)


def test_switch_reports_the_transfer_of_weights() -> None:
    async def test() -> None:
        async with driving((200, 60)) as drive:
            for task, text in (
                ("subtraction", "task addition → subtraction, weights kept"),
                ("echo", "kept recurrent, output; new input"),
                ("counting-ones", "model linear"),
                ("xor", "all weights new"),
            ):
                drive.dashboard.send(SetField("task", task))
                await drive.wait_until_handled()
                await drive.wait_for_text(text)

    run(test)


def test_switch_to_a_task_shows_its_summary() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            for task in ("echo", "flip-flop", "times-three"):
                await drive.press("s")
                drive.dashboard.send(SetField("task", task))
                await drive.wait_until_handled()
                await drive.wait_for_text(TASKS[task].summary[:30])

    run(test)


def test_view_does_not_change_with_the_branch() -> None:
    async def test() -> None:
        async with driving((120, 40), recipe="counting-ones") as drive:
            loss, cost_map = (
                drive.dashboard.query_one(LossPane),
                drive.dashboard.query_one(CostMapPane),
            )
            await drive.press("s", "right", "z", "w")
            loss.focus()
            await drive.press("Z", "plus", "s")
            cursor = cost_map.cursor
            assert cursor != INITIAL_CURSOR
            for keys in ("rs", "f", "b", "u", "[", "t"):
                await drive.press(*keys)
                await drive.wait_until_handled()
                assert (cost_map.cursor, cost_map.zoomed) == (cursor, True)
                assert not loss.shows_full_run
                assert loss.maximized

    run(test)
