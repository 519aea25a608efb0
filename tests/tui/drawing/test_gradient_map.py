"""The drawing of the gradient map: triangle, margins, and gain."""

from math import inf, nan

import numpy as np
import pytest

from rnn_tui.analysis.gradient_map import GradientMap
from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, GlyphSet
from rnn_tui.tui.drawing.gradient_map import draw_gradient_map
from tests.tui.drawing.analyses import GLYPH_SETS, lines_at_all_sizes, rows


def map_of(time: int, gain: float = 0.5, cell_gain: float | None = None) -> GradientMap:
    """Return the map of a linear scalar net, M[t, k] = gain^(t - k)."""
    lags = np.arange(time)[:, np.newaxis] - np.arange(time)

    def norms(factor: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.where(lags >= 0, factor ** np.maximum(lags, 0.0), 0.0)

    return GradientMap(norms(gain), None if cell_gain is None else norms(cell_gain), 7)


def test_map_is_a_lower_triangle_with_the_share_of_each_loss() -> None:
    assert rows(draw_gradient_map(map_of(4, 0.1), 60, 12, ASCII)) == [
        "loss at t = 4: vanishes, x0.1 per time step, 1/1,000 over 3",
        "0 %: states more than 3 time steps before",
        "t\\k 1   2   3   4    share",
        "  1 ####              23 %",
        "  2 ****####          25 %",
        "  3 ----****####      25 %",
        "  4 ....----****####  25 %",
        "1e-3 ..::--=**%%## 1",
    ]


def test_lowest_bit_of_a_number_is_on_the_right() -> None:
    assert rows(draw_gradient_map(map_of(4, 0.1), 60, 12, ASCII, lsb_first=True))[2:-1] == [
        "t\\k 4   3   2   1    share",
        "  1             ####  23 %",
        "  2         ####****  25 %",
        "  3     ####****----  25 %",
        "  4 ####****----....  25 %",
    ]


def test_legend_has_the_powers_of_ten_of_the_map() -> None:
    legend = rows(draw_gradient_map(map_of(4, 0.1), 60, 12, ASCII))[-1]
    assert legend.split()[0] == "1e-3"
    assert legend.split()[-1] == "1"


def test_line_on_old_states_has_their_share() -> None:
    norms = map_of(6, 1.0)
    old = rows(draw_gradient_map(norms, 76, 12))[1]
    assert old == "14 % of all norms: states more than 3 time steps before the loss"
    assert norms.old_fraction == pytest.approx(3 / 21)


def test_cell_has_its_own_map_and_the_verdict() -> None:
    result = map_of(8, 0.1, cell_gain=0.97)
    states, cells = (rows(draw_gradient_map(result, 76, 12, cell=cell)) for cell in (False, True))
    assert states[0] == "loss at t = 8: ×0.1 per time step, 1/1.0e7 over 7"
    assert cells[0] == "loss at t = 8: is stable, ×0.97 per time step, 1/1.24 over 7"
    assert states[-1].split()[0] == "1e-7"
    assert cells[-1].split()[0] == "1e-1"


def test_long_sequences_are_drawn_in_groups() -> None:
    lines = rows(draw_gradient_map(map_of(64), 48, 9, ASCII))
    labels = [line.split()[0] for line in lines[3:-1]]
    assert labels == ["1", "14", "27", "40", "53"]
    assert sum(int(line.split()[-2]) for line in lines[3:-1]) in range(95, 101)


def test_two_losses_share_a_row_in_half_blocks() -> None:
    first = rows(draw_gradient_map(map_of(8), 48, 8, BRAILLE))[3]
    assert first.startswith("  1 ▀▀▀▀▄▄▄▄ ")


@pytest.mark.parametrize(
    ("norms", "text"),
    [
        (np.zeros((3, 3)), "zero at the last t"),
        (np.full((3, 3), nan), "not finite"),
        (np.full((3, 3), inf), "not finite"),
        (np.ones((1, 1)), "a single time step"),
    ],
)
def test_map_without_a_gain_says_why(
    norms: np.ndarray[tuple[int, ...], np.dtype[np.float64]], text: str
) -> None:
    lines = rows(draw_gradient_map(GradientMap(norms, None, 1), 60, 12, ASCII))
    assert lines[0] == f"loss at t = {len(norms)}: {text}"
    assert "nan" not in "".join(lines)


@GLYPH_SETS
def test_gradient_map_fits_every_size(glyphs: GlyphSet) -> None:
    result = map_of(8, 0.9)
    lines = lines_at_all_sizes(
        lambda width, height: draw_gradient_map(result, width, height, glyphs)
    )
    assert not glyphs.ascii_only or "".join(lines).isascii()


@pytest.mark.parametrize("time", [1, 200])
def test_map_of_one_or_many_time_steps_fits_every_size(time: int) -> None:
    result = map_of(time, 0.9)
    lines_at_all_sizes(lambda width, height: draw_gradient_map(result, width, height, BRAILLE))
