"""The chart of the loss: its scale, its baseline, its step axis, and the mark of the memory."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from rnn_tui.engine.evaluation import Baseline
from rnn_tui.run.changes import AppliedChange, SetField
from rnn_tui.run.events import Event
from rnn_tui.run.history import Curve
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.drawing import loss_curve
from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, GlyphSet
from rnn_tui.tui.drawing.loss_curve import BaselineSpan, draw_chart
from rnn_tui.tui.panes.loss import baseline_span
from tests.tui.drawing.analyses import GLYPH_SETS, rows
from tests.tui.drawing.test_drawing import curve_of

FALLING = curve_of(*np.linspace(4.0, 0.0, 41).tolist(), stride=100)  # 4,100 steps
NO_MEMORY = BaselineSpan(3.0)


def test_chart_has_bars_from_zero_a_baseline_and_round_steps() -> None:
    assert rows(draw_chart(FALLING, NO_MEMORY, 46, 6, ASCII).content) == [
        "4.00 #%*+=-._",
        "3.00 #########%*+=-._~~~~~~~~~~~~~~~~~~~~~~~~~",
        "     #################%*+=-._",
        "     #########################%*+=-._",
        "   0 #################################%*+=-.__",
        "     |0                  |2,000              |",
    ]


def test_bars_of_a_plateau_start_at_zero() -> None:
    drawn = draw_chart(curve_of(3.9, 4.0, 3.9, 4.0), None, 4, 2, BRAILLE)
    assert drawn.content.plain == "▇█▇█\n████"
    assert drawn.bounds == (0.0, 4.0)


def test_bars_on_a_log_scale_start_at_the_lowest_loss() -> None:
    drawn = draw_chart(curve_of(1.0, 0.1, 0.01), None, 3, 1, BRAILLE, log=True)
    assert drawn.content.plain == "█▄▁"
    assert drawn.bounds == (0.01, 1.0)


def test_baseline_out_of_range_is_not_drawn() -> None:
    drawn = draw_chart(curve_of(*[0.1] * 40), NO_MEMORY, 40, 6, ASCII)
    assert "~" not in drawn.content.plain
    assert "3.00" not in drawn.content.plain


@pytest.mark.parametrize("steps", [(0, 500), (2000, 9000)])
def test_baseline_without_a_step_of_the_curve_has_no_label(steps: tuple[int, int]) -> None:
    later = curve_of(*np.linspace(4.0, 0.0, 20).tolist(), stride=50)._replace(start=1000)
    drawn = draw_chart(later, BaselineSpan(2.5, *steps), 46, 8, ASCII).content.plain
    assert "2.50" not in drawn
    assert "2.50" in draw_chart(later, BaselineSpan(2.5), 46, 8, ASCII).content.plain


def test_baseline_is_drawn_for_its_own_steps_only() -> None:
    drawn = draw_chart(FALLING, BaselineSpan(3.0, 2050, 3075), 40, 2, ASCII).content.plain
    line = drawn.split("\n")[0]
    assert line.index("~") == 20
    assert line.rindex("~") == 29


def test_low_chart_has_no_axes() -> None:
    drawn = draw_chart(FALLING, NO_MEMORY, 40, 3, BRAILLE)
    assert drawn.margin == 0
    assert "0" not in drawn.content.plain


def test_chart_without_a_loss_is_empty() -> None:
    drawn = draw_chart(curve_of(float("nan")), NO_MEMORY, 40, 6)
    assert drawn.content.plain == ""
    assert drawn.bounds is None


@pytest.mark.parametrize("width", [20, 43, 75, 190])
@pytest.mark.parametrize("n_buckets", [1, 7, 999, 1024])
@pytest.mark.parametrize("start", [0, 9_876_543])
def test_every_tick_is_in_the_column_of_its_step(width: int, n_buckets: int, start: int) -> None:
    curve = Curve(start, 64, *[np.ones(n_buckets)] * 3)
    ticks = loss_curve.step_ticks(curve, width)
    assert len(ticks) == width
    numbered = [
        (column, piece)
        for column, glyph in enumerate(ticks)
        if glyph == "╵" and (piece := ticks[column + 1 :].split("╵")[0].strip())
    ]
    for column, number in numbered:
        step = int(number.replace(",", "")) - start
        assert column == loss_curve.column_of(step, 64 * n_buckets, width)


def test_mark_of_memory_says_by_which_step_and_longer_numbers_have_none() -> None:
    events = [Event(2000, "memory-used", "carry used"), Event(3000, "length", "random pairs")]
    marks = loss_curve.change_marks(FALLING, [], 41, events=events)
    assert marks.rstrip() == " " * 20 + "▲ used by 2,000"


@GLYPH_SETS
@pytest.mark.parametrize("log", [False, True])
def test_chart_fits_every_size(glyphs: GlyphSet, log: bool) -> None:
    for width in (10, 30, 76, 180):
        for height in (1, 3, 4, 12, 40):
            drawn = draw_chart(FALLING, NO_MEMORY, width, height, glyphs, log=log).content
            lines = drawn.plain.split("\n")
            assert len(lines) == height
            assert {len(line) for line in lines} == {width}
            assert not glyphs.ascii_only or drawn.plain.isascii()


def snapshot_at(step: int) -> Snapshot:
    """Return a snapshot of a run that changes its task at step 100 and its size at step 300."""
    subtraction = replace(EMPTY_SNAPSHOT.settings, task="subtraction")
    faster = replace(subtraction, learning_rate=0.2)
    smaller = replace(faster, hidden_size=4)
    log = tuple(
        AppliedChange(at, SetField("lr", 0.2), "", "", settings)
        for at, settings in ((100, subtraction), (200, faster), (300, smaller))
    )
    baseline = Baseline(2.5, 0.6)
    return replace(EMPTY_SNAPSHOT, step=step, latest_step=400, log=log, baseline=baseline)


@pytest.mark.parametrize(
    ("step", "first", "last"), [(50, 0, 100), (150, 100, 300), (250, 100, 300), (400, 300, inf)]
)
def test_baseline_is_for_steps_whose_losses_it_may_be_compared_with(
    step: int, first: int, last: float
) -> None:
    assert baseline_span(snapshot_at(step)) == BaselineSpan(2.5, first, last)


def test_baseline_is_not_known_before_it_is_computed() -> None:
    assert baseline_span(EMPTY_SNAPSHOT) is None
