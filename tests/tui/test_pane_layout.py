"""Panes get room in the order of their priority, and fill the grid without overlap."""

from collections.abc import Sequence

import pytest
from textual.geometry import Region, Size

from rnn_tui.tui.pane_layout import pane_regions, panes_with_room, with_pane_first
from rnn_tui.tui.panes import PANES, VIEWS

SMALL, MEDIUM, LARGE = Size(80, 17), Size(120, 33), Size(200, 54)  # at 80 × 24, 120 × 40, 200 × 60
SMALLEST = Size(60, 14)
TRAIN = ("loss", "bit-grid", "accuracy", "gradient-norms", "changes")
COUNTING = ("cost-map", "loss", "accuracy", "gradient-paths", "changes")
XOR = ("loss", "xor-map", "accuracy", "changes")


def regions(names: Sequence[str], size: Size, fit: int = 1000) -> dict[str, Region]:
    """Return the regions of `names`, where no bit grid uses more than `fit` rows."""
    shown = [name for name in PANES if name in panes_with_room(names, PANES, size)]
    limits = {"bit-grid": fit}
    return pane_regions(
        shown, PANES, size, lambda name, _, rows: min(rows, limits.get(name, rows)), {}
    )


@pytest.mark.parametrize(
    ("names", "size", "expected"),
    [
        (TRAIN, SMALLEST, {"loss", "bit-grid"}),
        (TRAIN, SMALL, {"loss", "bit-grid"}),
        (TRAIN, Size(80, 23), {"loss", "bit-grid", "accuracy"}),
        (TRAIN, Size(80, 31), {*TRAIN} - {"changes"}),
        (TRAIN, Size(120, 17), {*TRAIN} - {"changes"}),
        (TRAIN, MEDIUM, {*TRAIN}),
        (COUNTING, SMALLEST, {"cost-map"}),
        (COUNTING, SMALL, {"cost-map", "loss"}),
        (COUNTING, MEDIUM, {*COUNTING} - {"changes"}),
        (COUNTING, LARGE, {*COUNTING}),
        (XOR, SMALL, {"loss", "xor-map"}),
    ],
)
def test_panes_with_room_by_window_size(
    names: tuple[str, ...], size: Size, expected: set[str]
) -> None:
    assert {*panes_with_room(names, PANES, size)} == expected


@pytest.mark.parametrize("names", [TRAIN, COUNTING[:3], XOR])
def test_any_two_panes_of_a_run_have_room_at_80_by_24(names: tuple[str, ...]) -> None:
    for first in names:
        for second in set(names) - {first}:
            others = [name for name in names if name not in (first, second)]
            shown = panes_with_room((first, second, *others), PANES, SMALL)
            assert {first, second} <= {*shown}


@pytest.mark.parametrize("size", [SMALLEST, SMALL, MEDIUM, LARGE, Size(112, 17), Size(300, 75)])
@pytest.mark.parametrize("view", VIEWS)
def test_panes_do_not_overlap_and_have_their_lowest_height(view: str, size: Size) -> None:
    names = sorted(
        (name for name, entry in PANES.items() if view in entry.views),
        key=lambda name: PANES[name].priority,
    )
    found = regions(names, size)
    for name, region in found.items():
        assert size.region.contains_region(region)
        assert region.height >= PANES[name].min_height
        assert not any(region.overlaps(other) for key, other in found.items() if key != name)
    if found:
        assert sum(region.area for region in found.values()) == size.width * size.height


def test_rows_that_a_pane_cannot_use_go_to_the_others() -> None:
    found = regions(TRAIN, MEDIUM, fit=16)
    assert found["bit-grid"].height == 16
    assert found["changes"].height == MEDIUM.height - 16 - PANES["accuracy"].height
    assert found["bit-grid"].width == found["accuracy"].width == 52


def test_replacing_gives_room_to_each_pane_in_turn() -> None:
    order: tuple[str, ...] = TRAIN
    focused, shown = "", panes_with_room(TRAIN, PANES, SMALL)
    brought = []
    for _ in range(4):
        order = with_pane_first(order, shown, focused, PANES, SMALL.width)
        shown = panes_with_room(order, PANES, SMALL)
        focused = order[0]
        brought.append(focused)
        assert focused in shown
        assert "loss" in shown
    assert brought == ["accuracy", "gradient-norms", "changes", "bit-grid"]


def test_replaced_pane_is_in_the_column_of_the_new_one() -> None:
    size = Size(120, 17)
    shown = panes_with_room(TRAIN, PANES, size)
    order = with_pane_first(TRAIN, shown, "loss", PANES, size.width)
    assert {*panes_with_room(order, PANES, size)} == {*TRAIN} - {"accuracy"}
