"""Columns of plots and grids: steps, ticks and bits stand where they belong."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rnn_tui.run.changes import AppliedChange, SetField
from rnn_tui.tui.drawing import bit_grid, loss_overlay
from rnn_tui.tui.drawing.glyphs import BRAILLE
from rnn_tui.tui.drawing.loss_overlay import OverlayInput
from tests.tui.drawing.test_drawing import example_of
from tests.tui.drawing.test_loss_overlay import SETTINGS, summary

GLYPHS = replace(BRAILLE, colored_lines=False)


@pytest.mark.parametrize("width", [66, 76, 90, 110, 190])
@pytest.mark.parametrize("steps", [23_000, 35_500, 47_000, 60_000])
def test_tick_mark_and_end_of_curve_are_in_one_column(width: int, steps: int) -> None:
    runs = [summary(1, *[4.0] * 101), summary(2, *[3.0] * (steps // 100))]
    log = [AppliedChange(10_000, SetField("lr", 0.2), "", "lr 10→0.1", SETTINGS)]
    drawn = loss_overlay.draw_overlay(OverlayInput(runs, log), width, 12, GLYPHS)
    *rows, axis, labels = drawn.plot.plain.split("\n")
    mark = drawn.marks.index("▲")
    (curve,) = (row for row in rows if row.lstrip().startswith("4┤"))
    assert curve.rindex("1") - 1 in (mark, mark + 1)  # the run ends in the cell, the glyph follows
    if "10,000" in labels:
        label = labels.index("10,000")
        tick = min((i for i, c in enumerate(axis) if c == "┬"), key=lambda i: abs(i - label - 2.5))
        assert tick == mark


@pytest.mark.parametrize("height", [4, 6, 8, 11, 14, 25])
@pytest.mark.parametrize("losses", [(4.0, 0.1), (4.1, 3.7), (1e-3, 2e-3), (0.52, 0.47)])
@pytest.mark.parametrize("loss", ["half-squared-error", "cross-entropy"])
def test_ticks_of_the_losses_are_equally_far_apart(
    height: int, losses: tuple[float, float], loss: str
) -> None:
    run = summary(1, *np.linspace(*losses, 40), loss=loss)
    drawn = loss_overlay.draw_overlay(OverlayInput([run]), 76, height, GLYPHS)
    rows = drawn.plot.plain.split("\n")
    ticks = [row for row, text in enumerate(rows) if "┤" in text]
    assert len({below - above for above, below in pairwise(ticks)}) <= 1
    assert ticks
    drawn_rows = sum("1" in row.partition("┤")[2] + row.partition("│")[2] for row in rows)
    assert drawn_rows >= (2 if loss == "half-squared-error" else 1)  # less than a decade is flat


def test_glyphs_of_curves_that_end_together_are_apart() -> None:
    runs = [summary(number, *[3.0] * 20) for number in (1, 2, 3, 4)]
    rows = loss_overlay.draw_overlay(OverlayInput(runs), 76, 9, BRAILLE).plot.plain.split("\n")
    assert any("4 3 2 1" in row for row in rows)


@pytest.mark.parametrize("width", [76, 48])
def test_narrow_columns_have_place_values_where_rows_are_spare(width: int) -> None:
    example = example_of(3, 5, 8, count=64)
    rows = bit_grid.grid(example, width, 20).plain.split("\n")
    places = [row for row in rows if row.startswith("place 2^")]
    targets = [row for row in rows if row.startswith("target")]
    assert len(places) == len(targets) == (1 if width == 76 else 2)
    assert places[-1].rstrip().endswith("8       0")
    assert len(places[-1].rstrip()) == len(targets[-1].rstrip())
    assert not any("place" in row for row in bit_grid.grid(example, 76, 8).plain.split("\n"))
