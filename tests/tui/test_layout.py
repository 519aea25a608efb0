"""At every supported size of window, nothing that is displayed is cut off."""

from typing import Any

import pytest
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Label, Static

from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.controls import Controls
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import PANES
from rnn_tui.tui.panes.base import Pane
from tests.support.variants import variants
from tests.tui.pilot import SMALL, Drive, driving, opened_app, run

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

FEW_SIZES = [(60, 20), (60, 30), (80, 24), (80, 38), (112, 30), (120, 40)]


def displayed(drive: Drive) -> set[str]:
    panes = {name: drive.dashboard.query_one(entry.pane) for name, entry in PANES.items()}
    return {name for name, pane in panes.items() if pane.display and pane.size.height > 0}


RUNS: dict[str, dict[str, Any]] = {
    "8 bits": {},
    "64 bits": {"length": 64},
    "counting-ones": {"recipe": "counting-ones"},
    "xor-deep": {"recipe": "xor-deep"},
    "nonlinear-addition": {"recipe": "nonlinear-addition"},
    "twos-complement": {"task": "twos-complement", "model": "lstm"},
}


def cut(drive: Drive) -> list[Static]:
    """Return the texts of panes that do not fit."""
    texts = [
        text
        for text in drive.dashboard.query(Static)
        if isinstance(text.parent, Pane | Vertical) and text.is_on_screen
    ]
    return [text for text in texts if not isinstance(text, Label) and not _fits(text)]


def cut_titles(drive: Drive) -> list[str]:
    return [line for line in drive.text.splitlines() if "─" in line and "…" in line]


def _fits(text: Static) -> bool:
    drawn, room = str(text.render()).split("\n"), text.size
    assert isinstance(text.parent, Widget)
    return (
        text.parent.content_region.contains_region(text.region)
        and len(drawn) <= room.height
        and (max(map(len, drawn)) <= room.width or room.height >= 2)
    )


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("8 bits", FEW_SIZES),
        ("counting-ones", FEW_SIZES[1::2]),
        *(
            pytest.param(
                name, SIZES if name in ("8 bits", "64 bits") else FEW_SIZES, marks=pytest.mark.long
            )
            for name in RUNS
        ),
    ],
)
def test_texts_are_not_cut_off(name: str, sizes: list[tuple[int, int]]) -> None:
    texts: dict[tuple[int, int], str] = {}  # equal while growing and shrinking

    async def test() -> None:
        async with driving((120, 40), **RUNS[name]) as drive:
            await drive.press("s", "plus")
            await drive.until(lambda snapshot: len(snapshot.log) == 1)
            await drive.press("o", "O")
            await drive.until(lambda snapshot: len(snapshot.log) == 3)
            await drive.until(lambda snapshot: snapshot.score_step == 1)
            for size in (*sizes, *sizes[-2::-1]):
                await drive.resize(size)
                if (name, size) != ("counting-ones", (60, 20)):  # the map fills the window
                    await drive.wait_for_text(TASKS[drive.snapshot.settings.task].baseline_name)
                await drive.until(lambda _: not cut(drive))
                text = drive.text
                assert_complete(drive, text)
                assert texts.setdefault(size, text) == text

    run(test)


def assert_complete(drive: Drive, text: str) -> None:
    screen = drive.dashboard.region
    for widget in drive.dashboard.query("*"):
        if widget.display and widget.region.area and widget.is_on_screen:
            assert screen.contains_region(widget.region), widget
    for control in drive.dashboard.query_one(Controls).query("Select, Input, Label"):
        assert control.region.area == 0 or screen.contains_region(control.region), control
    last = text.splitlines()[-1]
    assert "? help" in last
    assert "q quit" in last


@pytest.mark.parametrize(
    "recipe", variants(["binary-addition", "counting-ones", "xor"], short=["counting-ones"])
)
def test_maximized_pane_fills_the_grid(recipe: str) -> None:
    async def test() -> None:
        async with driving(recipe=recipe) as drive:
            grid = drive.dashboard.query_one(PaneGrid)
            for index, name in enumerate(grid.displayed_names):
                grid.focus_target(name).focus()
                await drive.press("Z")
                await drive.wait_for_text("esc shows all panes ·")  # in its border
                for size in FEW_SIZES[index % 2 :: 2]:
                    await drive.resize(size)
                    assert displayed(drive) == {name}
                    assert drive.dashboard.query_one(PANES[name].pane).region == grid.region
                await drive.until(lambda _: not cut(drive))
                await drive.press("escape")

    run(test)


def test_message_line_has_the_accuracy_without_its_pane() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.until(lambda snapshot: snapshot.score)
            assert "accuracy" not in drive.text.splitlines()[3]
            await drive.press("4")
            await drive.until(lambda _: "accuracy" in drive.text.splitlines()[3])
            await drive.press("1")
            await drive.until(lambda _: "accuracy" not in drive.text.splitlines()[3])

    run(test)


@pytest.mark.parametrize(
    "size", variants([(59, 24), (80, 19), (20, 5)], short=[(59, 24), (80, 19)])
)
def test_too_small_window_has_a_message_and_the_run_continues(size: tuple[int, int]) -> None:
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
            await drive.wait_for_text("─ bits")

    run(test)


@pytest.mark.parametrize("key", ["question_mark", "colon", "ctrl+p"])
def test_key_line_is_blank_below_dialogs(key: str) -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.wait_for_text("? help")
            await drive.press(key)
            await drive.until(lambda _: "? help" not in drive.text)
            await drive.press("escape")
            await drive.wait_for_text("? help")

    run(test)


@pytest.mark.parametrize("key", ["p", "J"])
def test_text_dialog_covers_no_row_of_a_pane(key: str) -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.press("s")
            await drive.wait_until_handled()
            before = drive.text.split("\n")
            await drive.press(key)
            await drive.wait_for_text("esc cancels")
            after = drive.text.split("\n")
            first_pane_row = drive.dashboard.query_one(PaneGrid).region.y + 1  # below the border
            assert before[0] == after[0]
            assert before[first_pane_row:-1] == after[first_pane_row:-1]

    run(test)


def styles(drive: Drive) -> list[object]:
    nodes = drive.dashboard.walk_children(with_self=True)
    return [(node, node.styles.base.get_rules(), sorted(node._component_styles)) for node in nodes]


def test_widgets_of_a_new_dashboard_have_the_styles_of_its_window() -> None:
    async def test() -> None:
        worker = TrainingWorker(NewRun(SMALL), 500.0, paused=True)
        async with opened_app(worker, (60, 20)) as drive:
            await drive.until(lambda snapshot: snapshot.baseline is not None)
            at_start = styles(drive)
            drive.app.stylesheet.update(drive.dashboard)
            assert styles(drive) == at_start
        worker.stop()

    run(test)


def test_panes_grow_with_the_window() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            narrow = {
                name: drive.dashboard.query_one(entry.pane).size for name, entry in PANES.items()
            }
            await drive.resize((200, 60))
            for name in ("loss", "gradient-norms", "bit-grid"):
                wide = drive.dashboard.query_one(PANES[name].pane).size
                assert wide.width > narrow[name].width

    run(test)


@pytest.mark.long
@pytest.mark.parametrize("recipe", RECIPES)
def test_borders_do_not_cut_titles(recipe: str) -> None:
    async def test() -> None:
        async with driving(recipe=recipe) as drive:
            await drive.press("s", "w")
            await drive.until(lambda snapshot: snapshot.step == 1)
            for size in [(60, 20), (112, 38), (120, 40), (200, 60)]:
                await drive.resize(size)
                assert cut_titles(drive) == []

    run(test)


def test_notes_of_the_compare_pane_fit_the_smallest_window() -> None:
    async def test() -> None:
        async with driving((60, 20)) as drive:
            await drive.press("v")
            await drive.wait_for_text("mean of 100: L1 error or loss")
            assert "differences: from current" in " ".join(drive.text.replace("│", "").split())

    run(test)
