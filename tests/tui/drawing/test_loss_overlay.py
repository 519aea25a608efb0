"""The loss overlay and its legend as rows of text, and the selection of overlaid runs."""

from dataclasses import replace
from math import inf, nan
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from rnn_tui.config.appearance import GLYPHS, Appearance
from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.run.changes import AppliedChange, SetField
from rnn_tui.run.history import EMPTY_CURVE, Curve, MetricHistory
from rnn_tui.run.settings_history import SettingsSpan
from rnn_tui.run.summary import RunSummary
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.drawing import loss_curve, loss_overlay, plot
from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, GlyphSet, glyphs_for
from rnn_tui.tui.drawing.loss_overlay import OverlayInput
from rnn_tui.tui.panes.overlay_selection import OverlaySelection

SETTINGS = RECIPES[DEFAULT_RECIPE].settings
EVERY = [
    glyphs_for(Appearance(glyphs=glyphs, colored=colored), colors)
    for glyphs in GLYPHS
    for colored in (True, False)
    for colors in ("standard", "truecolor")
]
PLAIN = replace(BRAILLE, colored_lines=False)
SIZES = [(50, 1), (50, 3), (66, 9), (110, 20), (190, 30)]


def curve_of(*means: float, start: int = 0, stride: int = 1) -> Curve:
    values = np.array(means, dtype=np.float64)
    return Curve(start, stride, values, values, values)


def summary(
    number: int = 1,
    *means: float,
    parent: int = 0,
    fork_step: int = 0,
    first: int | None = None,
    stride: int = 100,
    **changed: Any,
) -> RunSummary:
    return RunSummary(
        number=number,
        name="" if number > 0 else "20260102-030405-binary-addition",
        parent=parent,
        fork_step=fork_step,
        settings_history=(SettingsSpan(0, replace(SETTINGS, **changed)),),
        step=len(means) * stride,
        n_changes=0,
        curve=curve_of(*means, stride=stride),
        mean_metric=means[-1] if means else nan,
        score=None,
        score_step=-1,
        known_exact_step=first,
        speed=1000.0,
    )


FALLING = [4.0 - 0.1 * step for step in range(40)]
LEVEL = [3.0] * 20
FORKED = summary(2, *FALLING[:10], *LEVEL, parent=1, fork_step=1000, optimizer="adam")
FIRST = summary(1, *FALLING, first=3750)


def many(count: int) -> list[RunSummary]:
    others = [
        summary(number, *LEVEL[:number], learning_rate=number / 10)
        for number in range(3, count + 1)
    ]
    return [FORKED, FIRST, *others][:count]


def snapshot_of(*summaries: RunSummary, branch: int = 1) -> Snapshot:
    return replace(EMPTY_SNAPSHOT, summaries=summaries, branch_number=branch)


def test_resample_range_places_means_at_their_steps() -> None:
    means = loss_curve.resample_range(curve_of(1, 2, 3, 4, start=2, stride=2), 0, 12, 6)
    assert means.tolist()[1:5] == [1, 2, 3, 4]
    assert np.isnan(means[[0, 5]]).all()
    assert loss_curve.resample_range(curve_of(1, 2, 3, 4), 0, 4, 2).tolist() == [1.5, 3.5]
    assert loss_curve.resample_range(curve_of(nan, 2, nan, 4), 0, 4, 4).tolist() == [2, 2, 3, 4]
    for nothing in (EMPTY_CURVE, curve_of(nan, nan)):
        assert np.isnan(loss_curve.resample_range(nothing, 0, 4, 4)).all()
    assert loss_curve.resample_range(curve_of(1.0), 0, 4, 0).tolist() == []


@pytest.mark.parametrize("glyphs", EVERY)
@pytest.mark.parametrize(("size", "count"), list(zip([*SIZES, SIZES[0]], [2, 6] * 3, strict=True)))
def test_overlay_and_legend_fit_their_size(
    glyphs: GlyphSet, size: tuple[int, int], count: int
) -> None:
    width, height = size
    drawn = loss_overlay.draw_overlay(OverlayInput(many(count)), width, height, glyphs)
    rows = drawn.plot.plain.split("\n")
    assert len(rows) == height
    assert max(map(len, [*rows, drawn.marks])) <= width
    assert bool(drawn.step_range) == (height < loss_overlay.MIN_FRAMED_ROWS)
    legend = loss_overlay.legend(many(count), width, count, glyphs).plain.split("\n")
    assert len(legend) == count
    assert max(map(len, legend)) <= width


@pytest.mark.parametrize("glyphs", EVERY)
def test_runs_differ_by_glyph_and_colour(glyphs: GlyphSet) -> None:
    shown = many(6)
    drawn = loss_overlay.draw_overlay(OverlayInput(shown), 110, 24, glyphs)
    rows = [
        line.partition("┤")[2] or line.partition("│")[2] for line in drawn.plot.plain.split("\n")
    ]
    for number in range(1, 7):
        count = "".join(rows).count(str(number))
        assert count >= 1 if glyphs.colored_lines else count >= 2
        assert any(span.style == f"$line-{number}" for span in drawn.plot.spans)
    legend = loss_overlay.legend(shown, 110, 6, glyphs)
    assert [span.style for span in legend.spans] == [
        f"$line-{number}" for number in (2, 1, 3, 4, 5, 6)
    ]


def test_axes_are_labelled_with_steps_and_losses() -> None:
    rows = loss_overlay.draw_overlay(OverlayInput([FORKED, FIRST]), 66, 10, PLAIN).plot.plain.split(
        "\n"
    )
    assert rows[-1].split() == ["0", "1,000", "2,000", "3,000", "4,000"]
    assert [row.split("┤")[0].strip() for row in rows if "┤" in row] == list("420")
    ends = "".join(rows)
    assert ends.count("1") > 20
    assert ends.count("2") > 10


def test_loss_has_a_logarithmic_axis() -> None:
    losses = [10.0**-step for step in range(9)]
    low = [summary(number, *losses, loss="cross-entropy") for number in (1, 2)]
    rows = loss_overlay.draw_overlay(OverlayInput(low), 66, 12).plot.plain.split("\n")
    named = [row.split("┤")[0].strip() for row in rows if "┤" in row]
    assert named == ["1", "1e-2", "1e-4", "1e-6", "1e-8"]


def test_forks_and_viewed_step_are_marked() -> None:
    for glyphs in (BRAILLE, PLAIN, ASCII):
        plain = loss_overlay.draw_overlay(OverlayInput([FIRST, FORKED]), 66, 10, glyphs)
        assert plain.plot.plain.count(glyphs.point) == 1
        assert glyphs.model not in plain.plot.plain + plain.marks
        back = loss_overlay.draw_overlay(
            OverlayInput([FIRST, FORKED], viewed_step=2500), 66, 10, glyphs
        )
        (row,) = (row for row in back.plot.plain.split("\n") if glyphs.model in row)
        assert row.index(glyphs.model) == pytest.approx(back.marks.index(glyphs.model), abs=1)
        assert f"{glyphs.model} 2,500" in back.marks
    immediate = summary(2, *LEVEL, parent=1, fork_step=0)
    assert (
        BRAILLE.point
        in loss_overlay.draw_overlay(OverlayInput([FIRST, immediate]), 66, 10).plot.plain
    )


def test_changes_of_the_current_run_are_marked_below_the_plot() -> None:
    log = [AppliedChange(1000, SetField("lr", 0.2), "lr 0.1 → 0.2", "lr 0.1→0.2", SETTINGS)]
    assert (
        "▲ 1,000 lr 0.1→0.2"
        in loss_overlay.draw_overlay(OverlayInput([FIRST, FORKED], log), 66, 10).marks
    )


def test_recent_losses_have_an_axis_of_the_latest_steps() -> None:
    recent = curve_of(*LEVEL, start=2980)
    overlay_input = OverlayInput([FORKED, FIRST], recent=recent)
    drawn = loss_overlay.draw_overlay(overlay_input, 66, 10, PLAIN).plot.plain.split("\n")
    assert drawn[-1].split() == ["2,000", "2,200", "2,400", "2,600", "2,800", "3,000"]


@pytest.mark.parametrize(("n_steps", "is_recent"), [(650, False), (9_700, True)])
def test_equal_losses_look_equal_in_runs_of_unequal_length(n_steps: int, is_recent: bool) -> None:
    losses = np.random.RandomState(1).uniform(0, 4, 10_000).tolist()
    earlier, current = MetricHistory(), MetricHistory()
    earlier.extend(losses[: n_steps if is_recent else None])
    current.extend(losses[: None if is_recent else n_steps])
    runs = [
        replace(FIRST, number=number, step=history.steps, curve=history.full_run())
        for number, history in enumerate((current, earlier), 1)
    ]
    with patch.object(plot, "overlay_plot", wraps=plot.overlay_plot) as overlay_plot:
        recent = current.recent() if is_recent else None
        loss_overlay.draw_overlay(OverlayInput(runs, recent=recent), 210, 10)
    drawn = [series.values for series in overlay_plot.call_args.args[0]]
    both = np.flatnonzero(np.isfinite(drawn).all(axis=0))
    inner = both[is_recent:-1]  # at the ends, one of the runs may have more losses in a column
    assert len(inner) >= 10
    np.testing.assert_allclose(drawn[0][inner], drawn[1][inner], rtol=1e-12)


@pytest.mark.parametrize(
    "values", [[], [nan], [nan, nan, 2.0], [inf, 1.0, 2.0], [1e308] * 9, [0.0], [1e-300, 1e300]]
)
@pytest.mark.parametrize("loss", ["half-squared-error", "cross-entropy"])
@pytest.mark.parametrize("glyphs", [BRAILLE, ASCII])
def test_overlay_has_its_height_for_any_values(
    values: list[float], loss: str, glyphs: GlyphSet
) -> None:
    shown = [summary(1, *values, loss=loss), summary(2, *values, parent=1, loss=loss)]
    for height in (1, 4, 12):
        drawn = loss_overlay.draw_overlay(
            OverlayInput(shown, viewed_step=0), 66, height, glyphs
        ).plot.plain
        assert len(drawn.split("\n")) == height


def test_single_run_can_be_drawn() -> None:
    assert "1" in loss_overlay.draw_overlay(OverlayInput([FIRST]), 66, 10, PLAIN).plot.plain
    assert loss_overlay.legend([FIRST], 66, 1).plain == "▸1 branch 1  same settings  100 % by 3,750"


def test_legend_lists_only_differing_settings() -> None:
    assert loss_overlay.legend([FORKED, FIRST], 90, 2).plain.split("\n") == [
        "▸2 branch 2  optimizer adam  • from 1 at 1,000  not yet 100 %",
        " 1 branch 1  optimizer sgd                      100 % by 3,750",
    ]
    assert loss_overlay.legend([FORKED, FIRST], 60, 2, ASCII).plain.split("\n") == [
        ">2 branch 2  optimizer adam  o 1 at 1,000  not yet 100 %",
        " 1 branch 1  optimizer sgd                 100 % by 3,750",
    ]
    assert loss_overlay.legend([FORKED, FIRST], 48, 2).plain.split("\n") == [
        "▸2 branch 2  adam  • 1 at 1,000  not yet 100 %",
        " 1 branch 1  sgd                 100 % by 3,750",
    ]


def test_legend_counts_the_runs_left_out() -> None:
    lines = loss_overlay.legend(many(6), 90, 3).plain.split("\n")
    assert lines[-1].strip() == "and 4 more: see v"
    assert lines[0].startswith("▸2 branch 2")
    assert loss_overlay.legend(many(6), 90, 1).plain == (
        "▸2 adam · lr 0.1   1 sgd · lr 0.1 100 % by 3,750   3 sgd · lr 0.3  …: see v"
    )
    assert loss_overlay.legend(many(2), 50, 1).plain == "▸2 adam   1 sgd 100 % by 3,750"
    assert loss_overlay.legend(many(6), 90, 0).plain == ""


def test_run_with_different_loss_is_not_drawn_and_labelled_so() -> None:
    other = summary(3, *LEVEL, loss="cross-entropy")
    drawn = loss_overlay.draw_overlay(OverlayInput([FIRST, FORKED, other]), 110, 14, PLAIN).plot
    assert all(span.style != "$line-3" for span in drawn.spans)
    *_, last = loss_overlay.legend([FIRST, FORKED, other], 110, 3).plain.split("\n")
    assert last.startswith("   branch 3  loss cross-entropy")
    assert last.endswith("not drawn: different loss")


def test_run_with_different_reduction_is_drawn_only_where_the_metric_is_no_loss() -> None:
    for loss, drawn in (("half-squared-error", [1, 3]), ("cross-entropy", [1])):
        runs = [summary(1, *LEVEL, loss=loss), summary(3, *LEVEL, loss=loss, reduction="sum")]
        assert [run.number for run in loss_overlay.with_same_loss(runs)] == drawn


def test_default_selection_is_the_current_and_the_latest_branches() -> None:
    numbers = [run.number for run in OverlaySelection().drawn_runs(snapshot_of(*many(6), branch=2))]
    assert numbers == [2, 1, 3, 4, 5, 6]
    eight = [summary(number, *LEVEL) for number in range(1, 9)]
    numbers = [run.number for run in OverlaySelection().drawn_runs(snapshot_of(*eight, branch=3))]
    assert numbers == [3, 4, 5, 6, 7, 8]


def test_selection_rejects_a_seventh_run() -> None:
    seven = snapshot_of(*(summary(number, *LEVEL) for number in range(1, 8)), branch=7)
    full = OverlaySelection()
    assert [run.number for run in full.drawn_runs(seven)] == [7, 2, 3, 4, 5, 6]
    with pytest.raises(UserError, match="6 runs are drawn already"):
        full.toggled(seven, seven.summaries[0])
    with pytest.raises(UserError, match="always drawn"):
        full.toggled(seven, seven.summaries[-1])
    fewer = full.toggled(seven, seven.summaries[2])
    assert [run.number for run in fewer.drawn_runs(seven)] == [7, 2, 4, 5, 6]
    other = fewer.toggled(seven, seven.summaries[0])
    assert [run.number for run in other.drawn_runs(seven)] == [7, 1, 2, 4, 5, 6]


def test_recorded_run_is_drawn_only_if_selected() -> None:
    recorded = summary(-1, *LEVEL)
    snapshot = snapshot_of(FIRST, FORKED)
    chosen = OverlaySelection().toggled(snapshot, recorded)
    assert [run.number for run in chosen.drawn_runs(snapshot)] == [1, 2, -1]
    assert chosen.recorded_runs == (recorded,)
    left = chosen.toggled(snapshot, recorded)
    assert [run.number for run in left.drawn_runs(snapshot)] == [1, 2]
    assert left.recorded_runs == ()
    legend = loss_overlay.legend(chosen.drawn_runs(snapshot), 100, 3).plain
    assert " e 20260102-030405-binary-…" in legend


def test_colours_and_glyphs_do_not_depend_on_the_order_of_runs() -> None:
    both = loss_overlay.color_slots([FIRST, FORKED])
    assert loss_overlay.color_slots([FORKED, FIRST]) == both == {1: 0, 2: 1}
    numbers = [1, 7, 13, -1, 12, 19]
    slots = loss_overlay.color_slots([summary(number) for number in numbers])
    assert sorted(slots.values()) == list(range(6))
    glyphs = {loss_overlay.glyph_for(number, slots[number]) for number in numbers}
    assert len(glyphs) == 6


def test_viewed_step_is_marked_below_the_loss_curve() -> None:
    log = [AppliedChange(40, SetField("lr", 0.2), "lr 0.1 → 0.2", "lr 0.1→0.2", SETTINGS)]
    bars = curve_of(*[1.0] * 100)
    assert loss_curve.change_marks(bars, [], 50, 60, "◆") == "◆ 60".rjust(34).ljust(50)
    both = loss_curve.change_marks(bars, log, 50, 60, "◆")
    assert both.index("◆") == 30
    assert both.index("▲") == 20
    assert "◆ 60" in both
    assert "40 lr 0.1→0.2 ▲" in both
    same = loss_curve.change_marks(bars, log, 50, 40, "◆")
    assert same.strip() == "◆ 40 lr 0.1→0.2"
    assert loss_curve.change_marks(curve_of(*[1.0] * 10, start=50), [], 50, 40, "◆").strip() == ""
    assert loss_curve.change_marks(bars, log, 0, 40, "◆") == ""
