"""At every size that is promised, what is shown is shown whole."""

from typing import Any

import pytest
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Label, Static

from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.tui.controls import Controls
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import PANES
from rnn_tui.tui.panes.base import Pane
from tests.tui.pilot import Drive, driving, run

SIZES = [
    (60, 20),
    (80, 24),
    (80, 50),
    (60, 30),
    (100, 30),
    (112, 30),
    (120, 24),
    (80, 38),
    (112, 38),
    (120, 40),
    (200, 60),
    (300, 80),
]


FEW = [(60, 20), (60, 30), (80, 24), (80, 38), (112, 30), (120, 40)]


def shown(drive: Drive) -> set[str]:
    panes = [drive.dashboard.query_one(pane) for pane in PANES.values()]
    return {pane.pane_name for pane in panes if pane.display and pane.size.height > 0}


ROOM = {
    (60, 20): {"loss", "bits"},
    (80, 24): {"loss", "bits"},
    (80, 50): {"loss", "bits", "score", "gradient"},
    (120, 40): {"loss", "bits", "score", "gradient", "changes"},
    (200, 60): {"loss", "bits", "score", "gradient", "changes"},
}

RUNS: dict[str, dict[str, Any]] = {
    "8 bits": {},
    "64 bits": {"length": 64},
    "counting-ones": {"recipe": "counting-ones"},
    "xor-deep": {"recipe": "xor-deep"},
    "nonlinear-addition": {"recipe": "nonlinear-addition"},
    "twos-complement": {"task": "twos-complement", "model": "lstm"},
}


def cut(drive: Drive) -> list[Static]:
    """Return the texts of panes that are not wholly in their room."""
    texts = [
        text
        for text in drive.dashboard.query(Static)
        if isinstance(text.parent, Pane | Vertical) and text.is_on_screen
    ]
    return [text for text in texts if not isinstance(text, Label) and not _fits(text)]


def _fits(text: Static) -> bool:
    drawn, room = str(text.render()).split("\n"), text.size
    assert isinstance(text.parent, Widget)
    return (
        text.parent.content_region.contains_region(text.region)
        and len(drawn) <= room.height
        and (max(map(len, drawn)) <= room.width or room.height >= 2)
    )


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_cut_off(name: str) -> None:
    texts: dict[tuple[int, int], str] = {}  # the same on the way there and back

    async def test() -> None:
        async with driving(**RUNS[name]) as drive:
            await drive.press("s", "plus")
            await drive.until(lambda snapshot: len(snapshot.log) == 1)
            await drive.press("o", "O")
            await drive.until(lambda snapshot: len(snapshot.log) == 3)
            await drive.until(lambda snapshot: snapshot.score_step == 1)
            sizes = SIZES if name in ("8 bits", "64 bits") else FEW
            for size in (*sizes, *reversed(sizes)):
                await drive.resize(size)
                if (name, size) != ("counting-ones", (60, 20)):  # where the map has all the room
                    await drive.says(TASKS[drive.snapshot.settings.task].baseline_name)
                await drive.until(lambda _: not cut(drive))
                assert_all_is_there(drive)
                assert texts.setdefault(size, drive.text) == drive.text

    run(test)


def assert_all_is_there(drive: Drive) -> None:
    screen = drive.dashboard.region
    for widget in drive.dashboard.query("*"):
        if widget.display and widget.region.area and widget.is_on_screen:
            assert screen.contains_region(widget.region), widget
    for control in drive.dashboard.query_one(Controls).query("Select, Input, Label"):
        assert control.region.area == 0 or screen.contains_region(control.region), control
    lines = drive.text.splitlines()
    assert "? help" in lines[-1]
    assert "q quit" in lines[-1]


@pytest.mark.parametrize("recipe", ["binary-addition", "counting-ones", "xor"])
def test_panes_that_a_size_has_room_for(recipe: str) -> None:
    others = {
        "counting-ones": {"bits": "surface", "gradient": "backflow"},
        "xor": {"bits": "xor", "gradient": "xor"},
    }
    instead = others.get(recipe, {})
    crowded = {(120, 40): {"changes"}, (60, 20): {"loss"}}  # the map needs the room

    async def test() -> None:
        async with driving(recipe=recipe) as drive:
            for size, names in ROOM.items():
                full = crowded.get(size, set()) if recipe == "counting-ones" else set()
                await drive.resize(size)
                assert shown(drive) == {instead.get(name, name) for name in names - full}

    run(test)


@pytest.mark.parametrize("recipe", ["binary-addition", "counting-ones", "xor"])
def test_one_pane_alone_has_all_the_room(recipe: str) -> None:
    async def test() -> None:
        async with driving(recipe=recipe) as drive:
            arrangement = drive.dashboard.query_one(PaneGrid)
            for key in "1245" if recipe == "xor" else "12345":  # it has no time to flow through
                await drive.press(key)
                for size in FEW:
                    await drive.resize(size)
                    (name,) = shown(drive)
                    assert drive.dashboard.query_one(PANES[name]).region == arrangement.region
                await drive.until(lambda _: not cut(drive))

    run(test)


def test_the_score_is_said_above_where_its_pane_is_not() -> None:
    async def test() -> None:
        async with driving() as drive:
            await drive.until(lambda snapshot: snapshot.score)
            assert "exact" not in drive.text.splitlines()[3]
            await drive.press("3")
            await drive.until(lambda _: "exact" in drive.text.splitlines()[3])
            await drive.press("3")
            await drive.until(lambda _: "exact" not in drive.text.splitlines()[3])

    run(test)


@pytest.mark.parametrize("size", [(59, 24), (80, 19), (20, 5)])
def test_a_window_too_small_is_said_so_and_the_run_goes_on(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with driving((80, 24), paused=False) as drive:
            await drive.press("plus")
            await drive.resize(size)
            await drive.until(lambda _: "needs 60 columns" in " ".join(drive.text.split()))
            assert "step" not in drive.text
            assert "pause" not in drive.text
            step = drive.snapshot.step
            await drive.until(lambda snapshot: snapshot.step > step)
            await drive.resize((80, 24))
            await drive.says("─ bits")

    run(test)


@pytest.mark.parametrize("key", ["question_mark", "colon", "v", "ctrl+p"])
def test_the_key_line_is_blank_while_its_keys_go_elsewhere(key: str) -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.says("? help")
            await drive.press(key)
            await drive.until(lambda _: "? help" not in drive.text)
            await drive.press("escape")
            await drive.says("? help")

    run(test)


def test_a_wider_window_is_used() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            narrow = {name: drive.dashboard.query_one(pane).size for name, pane in PANES.items()}
            await drive.resize((200, 60))
            for name in ("loss", "gradient", "bits"):
                wide = drive.dashboard.query_one(PANES[name]).size
                assert wide.width > narrow[name].width

    run(test)


@pytest.mark.parametrize("recipe", RECIPES)
def test_no_border_cuts_what_it_says(recipe: str) -> None:
    async def test() -> None:
        async with driving(recipe=recipe) as drive:
            await drive.press("s", "w")
            await drive.until(lambda snapshot: snapshot.step == 1)
            for size in [(60, 20), (112, 38), (120, 40), (200, 60)]:
                await drive.resize(size)
                cut = [line for line in drive.text.splitlines() if "─" in line and "…" in line]
                assert cut == []

    run(test)


def test_all_that_is_said_below_the_table_of_runs_is_there_in_the_smallest_window() -> None:
    async def test() -> None:
        async with driving((60, 20)) as drive:
            await drive.press("v")
            await drive.says("final loss: mean of the last 100 steps")
            assert "from the current one" in " ".join(drive.text.replace("│", "").split())

    run(test)
