"""The loss as a line over the band of its siblings, in every glyph set and without colour."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from rnn_tui.run.history import Curve
from rnn_tui.session.siblings_band import LossBand
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.drawing.glyphs import ASCII, BLOCK, BRAILLE, GlyphSet
from rnn_tui.tui.drawing.loss_band import ASCII_BAND, BLOCK_BAND, BRAILLE_BAND, band_rows
from rnn_tui.tui.drawing.loss_curve import BaselineSpan, draw_chart
from rnn_tui.tui.drawing.loss_overlay import OverlayInput, draw_overlay
from rnn_tui.tui.panes.loss import loss_band_of
from tests.support.sibling_views import inexact, view_of
from tests.tui.drawing.analyses import rows
from tests.tui.drawing.test_drawing import curve_of

LINE = np.array([4.0, 4.0, 3.0, 2.0, 1.0, 1.0, 0.0, 0.0])
BAND = np.stack([LINE - 1, LINE, LINE + 1])
FALLING = curve_of(*np.linspace(4.0, 1.0, 64).tolist(), stride=16)


def text(cells: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(glyph for glyph, _ in row) for row in cells]


def band_of(offset: float, stride: int = 16) -> tuple[Curve, ...]:
    return tuple(
        FALLING._replace(mean=FALLING.mean + shift, stride=stride) for shift in (-offset, 0, offset)
    )


def test_line_hides_the_median_and_the_median_the_band() -> None:
    flat = np.stack([np.full(8, 0.0), np.full(8, 2.0), np.full(8, 3.0)])
    assert text(band_rows(LINE, flat, 5, (0.0, 4.0), ASCII_BAND)) == [
        "**      ",
        "::*:::::",
        "---*----",
        "::::**::",
        "::::::**",
    ]


def test_blocks_have_two_dots_a_cell() -> None:
    missing = np.full((3, 8), nan)
    assert text(band_rows(LINE, missing, 3, (0.0, 4.0), BLOCK_BAND)) == [
        "▀▀▄     ",
        "   █    ",
        "    ▀▀▄▄",
    ]


def test_braille_keeps_a_gap_between_line_and_band() -> None:
    line, band = np.full(8, 4.0), np.stack([np.zeros(8), np.full(8, nan), np.full(8, 4.0)])
    assert text(band_rows(line, band, 2, (0.0, 4.0), BRAILLE_BAND)) == ["⠩⠩⠩⠩", "⠡⠡⠡⠡"]


def test_lines_of_different_height_are_joined() -> None:
    steep = np.array([0.0, 4.0, 0.0, nan, 4.0])
    drawn = text(band_rows(steep, np.full((3, 5), nan), 5, (0.0, 4.0), ASCII_BAND))
    assert drawn == [" *  *", " **  ", " **  ", " **  ", "* *  "]


def test_quantiles_beyond_the_bounds_are_at_the_border() -> None:
    band = np.stack([np.full(3, -1e9), np.full(3, nan), np.full(3, 1e300)])
    assert text(band_rows(np.full(3, 1.0), band, 3, (0.0, 2.0), ASCII_BAND)) == [
        ":::",
        "***",
        ":::",
    ]


@pytest.mark.parametrize("glyphs", [BRAILLE, BLOCK, ASCII])
def test_chart_with_a_band_has_baseline_axis_and_labels(glyphs: GlyphSet) -> None:
    chart = draw_chart(FALLING, BaselineSpan(3.5), 40, 7, glyphs, band=band_of(0.5))
    drawn = rows(chart.content)
    assert len(drawn) == 7
    assert all(len(row) <= 40 for row in drawn)
    assert drawn[0].startswith("4.")
    assert any(row.startswith("3.50 ") and ("~" in row or "╌" in row) for row in drawn)
    assert drawn[-1].lstrip()[:2] in ("|0", "╵0")
    assert chart.bounds == pytest.approx((0.0, 4.5), abs=0.1)


def test_band_far_above_the_losses_does_not_compress_them() -> None:
    chart = draw_chart(FALLING, None, 40, 6, band=band_of(1e9))
    assert chart.bounds
    assert chart.bounds[1] <= 6.0
    diverged = tuple(FALLING._replace(mean=np.full(64, inf)) for _ in range(3))
    chart = draw_chart(FALLING, None, 40, 6, band=diverged)
    assert chart.bounds == draw_chart(FALLING, None, 40, 6).bounds


def test_curve_over_a_band_has_the_resolution_of_the_band() -> None:
    noisy = curve_of(*[1.0, 3.0] * 32, stride=1)
    flat = Curve(0, 2, *[np.full(32, 2.0)] * 3)
    drawn = rows(draw_chart(noisy, None, 64, 3, ASCII, band=(flat, flat, flat)).content)
    assert drawn[0] == "" or set(drawn[0]) <= {" ", "*"}
    assert sum("*" in row for row in drawn) == 1  # as even as the mean over two steps


def snapshot_with_band(stride: int, **changed: object) -> Snapshot:
    """Return a snapshot with siblings, whose settings are `changed`."""
    view = view_of(inexact(1, 0.5))
    assert view.update
    settings = replace(EMPTY_SNAPSHOT.settings, **changed)  # type: ignore[arg-type]  # fields
    band = LossBand(0, stride, np.array([[1.0], [2.0], [3.0]]))
    update = view.update._replace(band=band, settings=settings)
    return replace(EMPTY_SNAPSHOT, siblings=replace(view, update=update))


def test_band_is_of_the_same_loss_in_buckets_that_fit() -> None:
    low, median, high = loss_band_of(snapshot_with_band(128), FALLING)  # of 1,024 steps
    assert (low.mean[0], median.mean[0], high.mean[0]) == (1.0, 2.0, 3.0)
    assert loss_band_of(snapshot_with_band(256), FALLING) == ()
    assert loss_band_of(snapshot_with_band(128, loss="cross-entropy"), FALLING) == ()
    assert loss_band_of(EMPTY_SNAPSHOT, FALLING) == ()


def test_band_of_several_runs_ends_where_it_is_infinite() -> None:
    (first,) = EMPTY_SNAPSHOT.summaries
    branches = [replace(first, number=number, curve=FALLING, step=1024) for number in (1, 2)]
    part = FALLING._replace(mean=np.where(np.arange(64) < 32, 0.5, inf))
    drawn = draw_overlay(OverlayInput(branches, band=(part,) * 3), 60, 12, ASCII).plot.plain
    assert 20 < max(row.count("·") for row in drawn.split("\n")) < 30
    assert "·" not in draw_overlay(OverlayInput(branches), 60, 12, ASCII).plot.plain
