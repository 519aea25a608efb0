"""The drawing of a stop, and the place of its term in the other panes."""

import numpy as np
import pytest
from textual.content import Content

from rnn_tui.analysis.step_trace import Place, StepTrace
from rnn_tui.run.run import Run
from rnn_tui.run.step_trace import trace_next_step
from rnn_tui.tui.drawing.bit_grid import grid
from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, HIGHLIGHT_STYLE
from rnn_tui.tui.drawing.gradient_map import draw_gradient_map
from rnn_tui.tui.drawing.step_trace import draw_stop
from tests.support.makers import example_of, settings_with
from tests.tui.drawing.analyses import rows
from tests.tui.drawing.test_gradient_map import map_of


@pytest.fixture(scope="module")
def run() -> Run:
    run = Run(settings_with(length=4, hidden_size=5))
    run.advance(5)
    return run


@pytest.fixture(scope="module")
def trace(run: Run) -> StepTrace:
    return trace_next_step(run)


def highlighted(content: Content) -> list[tuple[int, str]]:
    """Return the row and the text of each highlighted part of `content`."""
    plain = content.plain
    return [
        (plain[: span.start].count("\n"), plain[span.start : span.end])
        for span in content.spans
        if HIGHLIGHT_STYLE in str(span.style)
    ]


def test_selected_term_is_marked_without_colours(trace: StepTrace) -> None:
    content, n_terms, place = draw_stop(trace, trace.stops[0], {"unit": 2}, (76, 12), BRAILLE, 1)
    assert n_terms == 7
    assert place == Place(time=0, feature=1)
    ((row, text),) = highlighted(content)
    assert text == rows(content)[row]
    assert text.startswith("▸ x_1[b] W_x[b,3] ")


@pytest.mark.parametrize("height", [5, 7, 20])
@pytest.mark.parametrize("glyphs", [BRAILLE, ASCII])
def test_every_stop_fits_its_pane(trace: StepTrace, height: int, glyphs: object) -> None:
    for stop in trace.stops:
        content, _, _ = draw_stop(trace, stop, {}, (60, height), glyphs, 0)  # type: ignore[arg-type]
        assert len(rows(content)) <= height
        assert len(highlighted(content)) == 1


def test_term_of_an_input_is_its_bit(run: Run) -> None:
    example = example_of(run)
    marked = highlighted(grid(example, 76, 12, highlight=Place(time=0, feature=1)))
    ((row, text),) = marked
    assert rows(grid(example, 76, 12))[row].startswith("b ")
    assert text.strip() == str(int(example.inputs[0, 1]))


def test_term_of_a_time_step_is_its_column(run: Run) -> None:
    content = grid(example_of(run), 76, 12, highlight=Place(time=2, unit=3))
    texts = [text.strip() for _, text in highlighted(content)]
    assert texts[0] == "4"  # place value 2²
    grid_rows = [row for row in rows(content) if row]
    assert len(texts) == grid_rows.index(next(row for row in grid_rows if " = " in row))


def test_term_of_a_loss_is_a_row_and_a_column_of_the_gradient_map() -> None:
    content = draw_gradient_map(map_of(4), 60, 12, highlight=Place(time=1, loss=2))
    assert sorted(text.strip() for _, text in highlighted(content)) == ["2", "3"]
    assert not highlighted(draw_gradient_map(map_of(4), 60, 12))
    assert np.array_equal(rows(content), rows(draw_gradient_map(map_of(4), 60, 12)))
