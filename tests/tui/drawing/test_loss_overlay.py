"""Several runs in one plot with a legend, as rows of text."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.appearance import GLYPHS, Appearance
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import UserError
from rnn_tui.run.changes import AppliedChange, SetField
from rnn_tui.run.history import EMPTY_CURVE, Curve
from rnn_tui.run.summary import RunSummary, differing_settings, format_settings
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot, Status
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import loss_overlay as strands
from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, GlyphSet, glyphs_for
from rnn_tui.tui.drawing.loss_overlay import OverlayInput, OverlaySelection

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


def strand(
    number: int = 1,
    *means: float,
    parent: int = 0,
    forked: int = 0,
    first: int | None = None,
    stride: int = 100,
    **changed: Any,
) -> RunSummary:
    return RunSummary(
        number=number,
        name="" if number > 0 else "20260102-030405-binary-addition",
        parent=parent,
        fork_step=forked,
        initial_settings=SETTINGS,
        settings=replace(SETTINGS, **changed),
        step=len(means) * stride,
        n_changes=0,
        curve=curve_of(*means, stride=stride),
        mean_loss=means[-1] if means else nan,
        score=None,
        score_step=-1,
        first_exact=first,
        speed=1000.0,
    )


FALLING = [4.0 - 0.1 * step for step in range(40)]
LEVEL = [3.0] * 20
FORKED = strand(2, *FALLING[:10], *LEVEL, parent=1, forked=1000, optimizer="adam")
FIRST = strand(1, *FALLING, first=3750)


def many(count: int) -> list[RunSummary]:
    others = [strand(it, *LEVEL[:it], learning_rate=it / 10) for it in range(3, count + 1)]
    return [FORKED, FIRST, *others][:count]


def snapshot_of(*all_of_them: RunSummary, branch: int = 1) -> Snapshot:
    return replace(EMPTY_SNAPSHOT, summaries=all_of_them, branch_number=branch)


def test_a_curve_is_put_where_its_steps_are() -> None:
    means = curve.resample_range(curve_of(1, 2, 3, 4, start=2, stride=2), 0, 12, 6)
    assert means.tolist()[1:5] == [1, 2, 3, 4]
    assert np.isnan(means[[0, 5]]).all()
    assert curve.resample_range(curve_of(1, 2, 3, 4), 0, 4, 2).tolist() == [1.5, 3.5]
    assert curve.resample_range(curve_of(nan, 2, nan, 4), 0, 4, 4).tolist() == [2, 2, 3, 4]
    for nothing in (EMPTY_CURVE, curve_of(nan, nan)):
        assert np.isnan(curve.resample_range(nothing, 0, 4, 4)).all()
    assert curve.resample_range(curve_of(1.0), 0, 4, 0).tolist() == []


@pytest.mark.parametrize("look", EVERY)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [2, 6])
def test_a_picture_keeps_to_its_room(look: GlyphSet, size: tuple[int, int], count: int) -> None:
    width, height = size
    drawn = strands.draw_overlay(OverlayInput(many(count)), width, height, look)
    rows = drawn.plot.plain.split("\n")
    assert len(rows) == height
    assert max(map(len, [*rows, drawn.marks])) <= width
    assert bool(drawn.step_range) == (height < strands.MIN_FRAMED_ROWS)
    legend = strands.legend(many(count), width, count, look).plain.split("\n")
    assert len(legend) == count
    assert max(map(len, legend)) <= width


@pytest.mark.parametrize("look", EVERY)
def test_every_strand_is_told_apart_by_its_glyph_and_its_colour(look: GlyphSet) -> None:
    shown = many(6)
    drawn = strands.draw_overlay(OverlayInput(shown), 110, 24, look)
    rows = [
        line.partition("┤")[2] or line.partition("│")[2] for line in drawn.plot.plain.split("\n")
    ]
    for number in range(1, 7):
        count = "".join(rows).count(str(number))
        assert count >= 1 if look.colored_lines else count >= 2
        assert any(span.style == f"$line-{number}" for span in drawn.plot.spans)
    legend = strands.legend(shown, 110, 6, look)
    assert [span.style for span in legend.spans] == [f"$line-{it}" for it in (2, 1, 3, 4, 5, 6)]


def test_the_axes_say_steps_and_errors() -> None:
    rows = strands.draw_overlay(OverlayInput([FORKED, FIRST]), 66, 10, PLAIN).plot.plain.split("\n")
    assert rows[-1].split() == ["0", "1,000", "2,000", "3,000", "4,000"]
    assert [row.split("┤")[0].strip() for row in rows if "┤" in row] == list("43210")
    ends = "".join(rows)
    assert ends.count("1") > 20
    assert ends.count("2") > 10


def test_a_loss_is_drawn_on_a_logarithmic_axis() -> None:
    low = [strand(it, *(10.0**-step for step in range(9)), loss="cross-entropy") for it in (1, 2)]
    rows = strands.draw_overlay(OverlayInput(low), 66, 12).plot.plain.split("\n")
    named = [row.split("┤")[0].strip() for row in rows if "┤" in row]
    assert named == ["1", "1e-2", "1e-4", "1e-6", "1e-8"]


def test_forks_and_the_moment_are_marked() -> None:
    for look in (BRAILLE, PLAIN, ASCII):
        plain = strands.draw_overlay(OverlayInput([FIRST, FORKED]), 66, 10, look)
        assert plain.plot.plain.count(look.point) == 1
        assert look.model not in plain.plot.plain + plain.marks
        back = strands.draw_overlay(OverlayInput([FIRST, FORKED], viewed_step=2500), 66, 10, look)
        (row,) = (row for row in back.plot.plain.split("\n") if look.model in row)
        assert row.index(look.model) == pytest.approx(back.marks.index(look.model), abs=1)
        assert f"{look.model} 2,500" in back.marks
    at_once = strand(2, *LEVEL, parent=1, forked=0)
    assert BRAILLE.point in strands.draw_overlay(OverlayInput([FIRST, at_once]), 66, 10).plot.plain


def test_the_changes_of_the_current_one_are_marked_below() -> None:
    log = [AppliedChange(1000, SetField("lr", 0.2), "lr 0.1 → 0.2", "lr 0.1→0.2")]
    assert (
        "▲ 1,000 lr 0.1→0.2"
        in strands.draw_overlay(OverlayInput([FIRST, FORKED], log), 66, 10).marks
    )


def test_the_latest_steps_alone_are_drawn_where_they_are_wanted() -> None:
    recent = curve_of(*LEVEL, start=2980)
    sight = OverlayInput([FORKED, FIRST], recent=recent)
    drawn = strands.draw_overlay(sight, 66, 10, PLAIN).plot.plain.split("\n")
    assert drawn[-1].split() == ["2,000", "2,200", "2,400", "2,600", "2,800", "3,000"]


@pytest.mark.parametrize(
    "values", [[], [nan], [nan, nan, 2.0], [inf, 1.0, 2.0], [1e308] * 9, [0.0], [1e-300, 1e300]]
)
@pytest.mark.parametrize("loss", ["half-squared-error", "cross-entropy"])
@pytest.mark.parametrize("look", [BRAILLE, ASCII])
def test_whatever_the_values_there_is_a_picture(
    values: list[float], loss: str, look: GlyphSet
) -> None:
    shown = [strand(1, *values, loss=loss), strand(2, *values, parent=1, loss=loss)]
    for height in (1, 4, 12):
        drawn = strands.draw_overlay(
            OverlayInput(shown, viewed_step=0), 66, height, look
        ).plot.plain
        assert len(drawn.split("\n")) == height


def test_one_strand_alone_can_be_drawn() -> None:
    assert "1" in strands.draw_overlay(OverlayInput([FIRST]), 66, 10, PLAIN).plot.plain
    assert strands.legend([FIRST], 66, 1).plain == "▸1 branch 1  same settings  exact at 3,750"


def test_the_legend_says_only_what_differs() -> None:
    assert strands.legend([FORKED, FIRST], 90, 2).plain.split("\n") == [
        "▸2 branch 2  optimizer adam  • from 1 at 1,000  not exact yet",
        " 1 branch 1  optimizer sgd                      exact at 3,750",
    ]
    assert strands.legend([FORKED, FIRST], 60, 2, ASCII).plain.split("\n") == [
        ">2 branch 2  optimizer adam  o 1 at 1,000  not exact yet",
        " 1 branch 1  optimizer sgd                 exact at 3,750",
    ]
    assert strands.legend([FORKED, FIRST], 48, 2).plain.split("\n") == [
        "▸2 branch 2  adam  • 1 at 1,000  not exact yet",
        " 1 branch 1  sgd                 exact at 3,750",
    ]


def test_a_legend_without_room_says_how_many_more_there_are() -> None:
    lines = strands.legend(many(6), 90, 3).plain.split("\n")
    assert lines[-1].strip() == "and 4 more: see v"
    assert lines[0].startswith("▸2 branch 2")
    assert strands.legend(many(6), 90, 1).plain.startswith("▸2 branch 2")
    assert strands.legend(many(6), 90, 0).plain == ""


def test_a_strand_with_another_loss_is_left_out_and_said_so() -> None:
    other = strand(3, *LEVEL, loss="cross-entropy")
    drawn = strands.draw_overlay(OverlayInput([FIRST, FORKED, other]), 110, 14, PLAIN).plot
    assert all(span.style != "$line-3" for span in drawn.spans)
    *_, last = strands.legend([FIRST, FORKED, other], 110, 3).plain.split("\n")
    assert last.startswith("   branch 3  loss cross-entropy")
    assert last.endswith("not drawn: another loss")


def test_settings_that_one_has_not_are_not_said() -> None:
    tuned = SETTINGS.updated(optimizer="momentum", momentum=0.5)
    names = differing_settings([SETTINGS, tuned])
    assert names == ["optimizer", "momentum"]
    assert format_settings(names, tuned) == "optimizer momentum · momentum 0.5"
    assert format_settings(names, tuned, brief=True) == "momentum · momentum 0.5"
    assert format_settings(names, SETTINGS) == "optimizer sgd"
    own = tuned.updated(momentum=None)
    told = tuned.updated(momentum=own.hyperparameters["momentum"])
    assert differing_settings([own, told]) == []
    assert differing_settings([SETTINGS, replace(SETTINGS, steps=3)]) == []


def test_the_current_one_and_the_latest_branches_are_drawn_by_themselves() -> None:
    numbers = [it.number for it in OverlaySelection().drawn_runs(snapshot_of(*many(6), branch=2))]
    assert numbers == [2, 1, 3, 4, 5, 6]
    eight = [strand(number, *LEVEL) for number in range(1, 9)]
    numbers = [it.number for it in OverlaySelection().drawn_runs(snapshot_of(*eight, branch=3))]
    assert numbers == [3, 4, 5, 6, 7, 8]


def test_a_seventh_is_refused() -> None:
    seven = snapshot_of(*(strand(number, *LEVEL) for number in range(1, 8)), branch=7)
    full = OverlaySelection()
    assert [it.number for it in full.drawn_runs(seven)] == [7, 2, 3, 4, 5, 6]
    with pytest.raises(UserError, match="6 are drawn already"):
        full.toggled(seven, seven.summaries[0])
    with pytest.raises(UserError, match="always drawn"):
        full.toggled(seven, seven.summaries[-1])
    fewer = full.toggled(seven, seven.summaries[2])
    assert [it.number for it in fewer.drawn_runs(seven)] == [7, 2, 4, 5, 6]
    other = fewer.toggled(seven, seven.summaries[0])
    assert [it.number for it in other.drawn_runs(seven)] == [7, 1, 2, 4, 5, 6]


def test_an_earlier_run_is_drawn_only_when_chosen() -> None:
    earlier = strand(-1, *LEVEL)
    snapshot = snapshot_of(FIRST, FORKED)
    chosen = OverlaySelection().toggled(snapshot, earlier)
    assert [it.number for it in chosen.drawn_runs(snapshot)] == [1, 2, -1]
    assert chosen.earlier_runs == (earlier,)
    left = chosen.toggled(snapshot, earlier)
    assert [it.number for it in left.drawn_runs(snapshot)] == [1, 2]
    assert left.earlier_runs == ()
    legend = strands.legend(chosen.drawn_runs(snapshot), 100, 3).plain
    assert " e 20260102-030405-binary-…" in legend


def test_the_only_branch_is_a_strand_too() -> None:
    log = (AppliedChange(1, SetField("lr", 0.2), "lr 0.1 → 0.2", "lr 0.1→0.2"),)
    errors = curve_of(*[5.0] * 50, nan, *[1.0] * 100)
    past = replace(
        EMPTY_SNAPSHOT,
        log=log,
        latest_step=151,
        recent=errors,
        full_run=errors,
        status=Status.VIEWING,
    )
    (alone,) = strands.session_summaries(past)
    assert (alone.number, alone.step, alone.n_changes, alone.mean_loss) == (1, 151, 1, 1.0)
    assert alone.settings.learning_rate == 0.2


def test_colours_and_glyphs_stay_with_their_strands() -> None:
    both = strands.color_slots([FIRST, FORKED])
    assert strands.color_slots([FORKED, FIRST]) == both == {1: 0, 2: 1}
    numbers = [1, 7, 13, -1, 12, 19]
    places = strands.color_slots([strand(number) for number in numbers])
    assert sorted(places.values()) == list(range(6))
    glyphs = {strands.glyph_for(number, places[number]) for number in numbers}
    assert len(glyphs) == 6


def test_the_moment_is_marked_below_the_bars() -> None:
    log = [AppliedChange(40, SetField("lr", 0.2), "lr 0.1 → 0.2", "lr 0.1→0.2")]
    bars = curve_of(*[1.0] * 100)
    assert curve.change_marks(bars, [], 50, 60, "◆") == "◆ 60".rjust(34).ljust(50)
    both = curve.change_marks(bars, log, 50, 60, "◆")
    assert both.index("◆") == 30
    assert both.index("▲") == 20
    assert "◆ 60" in both
    assert "40 lr 0.1→0.2 ▲" in both
    same = curve.change_marks(bars, log, 50, 40, "◆")
    assert same.strip() == "◆ 40 lr 0.1→0.2"
    assert curve.change_marks(curve_of(*[1.0] * 10, start=50), [], 50, 40, "◆").strip() == ""
    assert curve.change_marks(bars, log, 0, 40, "◆") == ""
