"""The cost map's keys, and the XOR map, in the running app."""

from math import inf

import numpy as np
import pytest

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.run.changes import SetWeights
from rnn_tui.session.snapshot import Status
from rnn_tui.text.format import format_short
from rnn_tui.tui.panes import CostMapPane, GradientPathsPane
from rnn_tui.tui.panes.cost_map import INITIAL_CURSOR
from tests.tui.pilot import driving, run


def test_arrow_keys_move_the_cursor_of_map_and_gradient_paths() -> None:
    async def test() -> None:
        async with driving((120, 40), recipe="counting-ones") as drive:
            pane = drive.dashboard.query_one(CostMapPane)
            assert drive.app.focused is pane
            assert pane.cursor == INITIAL_CURSOR
            await drive.press("right", "up", "shift+left")
            await drive.until(lambda _: pane.cursor[0] < INITIAL_CURSOR[0])
            moved = pane.cursor
            assert moved[0] < INITIAL_CURSOR[0]
            assert moved[1] > INITIAL_CURSOR[1]
            await drive.until(
                lambda _: drive.dashboard.query_one(GradientPathsPane).cursor == moved
            )
            cost_map = drive.snapshot.cost_map
            assert cost_map
            await drive.wait_for_text(format_short(float(cost_map.cost_surface.cost(*moved))))
            await drive.wait_for_text(f"✛ ({moved[0]:.3g}, {moved[1]:.3g})")

    run(test)


def test_enter_sets_the_weights_to_those_of_the_cursor() -> None:
    async def test() -> None:
        async with driving(recipe="counting-ones") as drive:
            await drive.press("left", "enter")
            handled = await drive.wait_until_handled()
            cursor = drive.dashboard.query_one(CostMapPane).cursor
            assert handled.log[-1].change == SetWeights(cursor)
            assert handled.cost_map
            assert tuple(handled.cost_map.weight_path[-1]) == cursor
            await drive.wait_for_text("weights set to")
            await drive.press("s")
            after = await drive.until(lambda snapshot: snapshot.step == 1)
            assert after.cost_map
            assert after.metric == pytest.approx(
                float(after.cost_map.cost_surface.cost(*cursor)), rel=1e-12
            )

    run(test)


def test_race_does_not_change_the_run() -> None:
    async def test() -> None:
        async with driving((120, 40), recipe="counting-ones") as drive:
            await drive.press("x")
            raced = await drive.wait_until_handled()
            assert raced.cost_map
            ends = {racer.title: float(racer.costs[-1]) for racer in raced.cost_map.race_results}
            assert ends["Rprop .001"] == pytest.approx(1.8008530879581043e-06, rel=1e-9)
            assert ends["Adam .05"] == pytest.approx(176, abs=1)
            assert raced.step == 0
            assert raced.log == ()
            await drive.wait_for_text("race of 500 steps from (-1.5, 2)")
            await drive.press("t")
            assert (await drive.wait_until_handled()).cost_map is None

    run(test)


def test_weight_path_is_that_of_the_tutorial() -> None:
    async def test() -> None:
        async with driving(recipe="counting-ones", speed=inf, paused=False) as drive:
            done = await drive.until(lambda snapshot: snapshot.status is Status.FINISHED)
            assert done.cost_map
            path = done.cost_map.weight_path
            assert len(path) == 501
            np.testing.assert_allclose(path[0], [-1.5, 2.0])
            np.testing.assert_allclose(
                path[-1], [1.001355547207059, 0.9996744737846419], rtol=1e-12
            )
            await drive.wait_for_text("1.80e-6")

    run(test)


def test_focused_map_leaves_other_keys_to_the_dashboard() -> None:
    async def test() -> None:
        async with driving(recipe="counting-ones") as drive:
            names = list(OPTIMIZERS)
            await drive.press("o")
            assert (await drive.wait_until_handled()).settings.optimizer == names[
                (names.index("rprop-tutorial") + 1) % len(names)
            ]
            await drive.press("z")
            assert drive.dashboard.query_one(CostMapPane).zoomed
            await drive.press("tab")
            assert drive.app.focused is not drive.dashboard.query_one(CostMapPane)

    run(test)


def test_xor_outputs_are_those_of_the_tutorial() -> None:
    async def test() -> None:
        async with driving(recipe="xor", speed=inf, paused=False) as drive:
            done = await drive.until(lambda snapshot: snapshot.status is Status.FINISHED)
            assert done.output_grid
            for output in ("0.14415894", "0.85082494", "0.84732689", "0.15698159"):
                await drive.wait_for_text(output)
            grid = done.output_grid.grid
            corners = grid[0, 0], grid[-1, 0], grid[0, -1], grid[-1, -1]
            np.testing.assert_allclose(corners, done.output_grid.outputs, rtol=1e-12)
            await drive.wait_for_text("layerwise")

    run(test)


@pytest.mark.parametrize("keys", [("L", "0.01", "enter"), ("L", "escape"), ("question_mark", "q")])
def test_cost_map_regains_focus_after_controls_and_dialogs(keys: tuple[str, ...]) -> None:
    async def test() -> None:
        async with driving(recipe="counting-ones") as drive:
            for key in keys:
                await drive.press(*(key if key[0].isdigit() else (key,)))
            pane = drive.dashboard.query_one(CostMapPane)
            await drive.until(lambda _: drive.app.focused is pane)
            before = pane.cursor
            await drive.press("right")
            assert pane.cursor[0] > before[0]

    run(test)


@pytest.mark.parametrize(
    ("recipe", "typed", "message"),
    [
        ("counting-ones", "1111111111", "pinned: ones in 1111111111 = 10 ✗ -1530"),
        ("xor", "10", "pinned: 1 XOR 0 = 1"),
    ],
)
def test_pinned_example_is_in_the_message_line_without_a_bit_grid(
    recipe: str, typed: str, message: str
) -> None:
    async def test() -> None:
        async with driving(recipe=recipe) as drive:
            await drive.press("s", "p")
            await drive.wait_for_text("pin an example")
            await drive.press(*typed, "enter")
            assert (await drive.wait_until_handled()).is_pinned
            await drive.wait_for_text(message)

    run(test)
