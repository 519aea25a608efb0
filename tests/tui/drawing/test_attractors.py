"""The drawing of fixed points: verdict, table, and phase portrait."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from rnn_tui.analysis.attractors import Attractors
from rnn_tui.analysis.fixed_points import Retention
from rnn_tui.engine.losses import LOSSES, Loss
from rnn_tui.engine.tasks import TASKS
from rnn_tui.text.analysis_sentences import retention_sentence
from rnn_tui.tui.drawing.attractors import draw_attractors, draw_portrait
from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, GlyphSet
from tests.tui.drawing.analyses import GLYPH_SETS, lines_at_all_sizes, planted_result, rows

ADDITION = TASKS["addition"](5)
LOSS: Loss = LOSSES["half-squared-error"]()


@pytest.fixture(scope="module")
def result() -> Attractors:
    planted: Attractors = planted_result("attractors")
    return planted


def test_table_has_the_fixed_points_of_the_planted_adder(result: Attractors) -> None:
    verdict, _, *table = rows(draw_attractors(result, ADDITION, LOSS, 48, 10))
    assert verdict == "carry kept for ever: attractors of both outputs"
    points = [line.split() for line in table]
    assert [point[:4] for point in points if point[0] in ("0", "1")] == [
        ["0", "0", "●", "stable"],
        ["0", "1", "●", "stable"],
        ["1", "0", "●", "stable"],
        ["1", "1", "●", "stable"],
    ]
    # Under the slope of the carry unit, a quarter of the gain.
    saddles = [point for point in points if point[:2] == ["×", "saddle"]]
    assert saddles == [["×", "saddle", "0.5", "1.250", "—"]] * 2


def test_low_pane_has_a_line_for_each_input(result: Attractors) -> None:
    _, *lines = rows(draw_attractors(result, ADDITION, LOSS, 48, 7))
    assert [line[:3] for line in lines] == ["0 0", "0 1", "1 0", "1 1"]
    assert [line.count("●") for line in lines] == [1, 2, 2, 1]
    assert [line.count("×") for line in lines] == [0, 1, 1, 0]


def test_narrow_low_pane_counts_the_points_instead_of_leaving_one_out(result: Attractors) -> None:
    lines = rows(draw_attractors(result, ADDITION, LOSS, 24, 7))
    assert "0 1  2 stable, 1 saddle" in lines


def test_inputs_without_room_are_counted(result: Attractors) -> None:
    assert rows(draw_attractors(result, ADDITION, LOSS, 48, 4))[-1] == "and 2 more"


def test_inputs_without_fixed_points_have_rows(result: Attractors) -> None:
    none = tuple(entry._replace(points=()) for entry in result.by_input)
    drawn = draw_attractors(replace(result, by_input=none), ADDITION, LOSS, 76, 20).plain
    assert drawn.count("none found") == 4


def test_portrait_marks_fixed_points_with_the_letters_of_the_table(result: Attractors) -> None:
    drawn = draw_attractors(result, ADDITION, LOSS, 100, 20).plain
    table = [line for line in drawn.split("\n") if "stable" in line or "saddle" in line]
    assert [line[0] for line in table[:8]] == list("ABCDEFGH")
    portrait = "\n".join(line[47:] for line in drawn.split("\n"))
    assert "→ PC 1" in portrait
    assert "of variance" in portrait
    assert all(f"●{letter}" in portrait for letter in "AH")
    assert "×" in portrait


def test_letter_is_on_the_left_where_the_example_is_on_the_right(result: Attractors) -> None:
    centre = replace(result.by_input[0].points[0], state=result.components.mean)
    cell = np.array([np.ptp(result.visited[:, 0]) / 38, 0.0])  # of 39 columns of states
    beside = replace(
        result,
        by_input=(result.by_input[0]._replace(points=(centre,)),),
        path=result.components.project(centre.state[np.newaxis]) + cell,
    )
    assert any("A●0" in line.plain for line in draw_portrait(beside, ADDITION, 40, 12))


def test_letters_skip_inputs_without_fixed_points(result: Attractors) -> None:
    none = result.by_input[0]._replace(points=())
    without = replace(result, by_input=(none, *result.by_input[1:]))
    drawn = draw_attractors(without, ADDITION, LOSS, 100, 20).plain
    table = [line for line in drawn.split("\n") if "stable" in line[:20] or "saddle" in line[:20]]
    assert [line[0] for line in table] == list("ABCDEFG")


def test_portrait_marks_visited_states_by_required_state(result: Attractors) -> None:
    visited = replace(result, by_input=(), path=result.path[:1])
    styles = {
        (line.plain[span.start], str(span.style))
        for line in draw_portrait(visited, ADDITION, 60, 20)[1:-1]
        for span in line.spans
    }
    assert styles == {(".", "$line-2"), ("+", "$line-6"), ("0", "bold")}


def test_portrait_leaves_out_fixed_points_far_from_all_states(result: Attractors) -> None:
    point = result.by_input[0].points[0]
    far = result.by_input[0]._replace(points=(replace(point, state=point.state + 1e6),))
    drawn = draw_portrait(replace(result, by_input=(far,)), ADDITION, 60, 20)
    without = draw_portrait(replace(result, by_input=()), ADDITION, 60, 20)
    assert [line.plain for line in drawn] == [line.plain for line in without]


def test_portrait_of_single_unit_is_a_line(result: Attractors) -> None:
    components = replace(
        result.components,
        mean=np.zeros(1),
        variances=np.ones(1),
        directions=np.ones((1, 1)),
    )
    by_input = tuple(
        entry._replace(
            points=tuple(replace(point, state=point.state[:1]) for point in entry.points)
        )
        for entry in result.by_input
    )
    single = replace(
        result,
        by_input=by_input,
        components=components,
        visited=result.visited[:, :1],
        path=result.path[:, :1],
    )
    lines = draw_portrait(single, ADDITION, 40, 10)
    assert lines[0].plain == "→ PC 1 100 % of variance"
    assert sum(bool(line.plain.strip()) for line in lines[1:-1]) == 1


@pytest.mark.parametrize(
    ("retention", "sentence"),
    [
        (Retention(inf, {}), "carry kept for ever: attractors of both outputs"),
        (Retention(33.04, {}), "carry not kept for ever: memory time about 33 time steps"),
        (Retention(3.88, {}), "carry not kept for ever: memory time about 3.88 time steps"),
        (Retention(0.5, {}), "carry not kept for ever: memory time about 0.5 time steps"),
        (None, "no input is known to keep the state of this task"),
    ],
)
def test_verdict_says_how_long_the_state_is_kept(
    retention: Retention | None, sentence: str
) -> None:
    assert retention_sentence(retention, ADDITION) == sentence


@GLYPH_SETS
def test_attractors_fit_every_size(result: Attractors, glyphs: GlyphSet) -> None:
    lines = lines_at_all_sizes(
        lambda width, height: draw_attractors(result, ADDITION, LOSS, width, height, glyphs)
    )
    assert not glyphs.ascii_only or "".join(lines).isascii()


def test_ascii_marks_of_states_and_points_differ(result: Attractors) -> None:
    drawn = {
        glyphs: "".join(line.plain for line in draw_portrait(result, ADDITION, 60, 20, glyphs)[1:])
        for glyphs in (BRAILLE, ASCII)
    }
    assert drawn[BRAILLE].replace("●", "*").replace("×", "x").replace("○", "o") == drawn[ASCII]
