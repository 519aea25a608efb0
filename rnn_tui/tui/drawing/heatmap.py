"""Heat maps: two values a cell in half blocks, or one value a cell by a shading character.

The colormap resembles viridis: perceptually uniform, safe for the colour-blind, and of increasing
luminance, so that it can be read in greyscale.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip
from textual.style import Style as ContentStyle

from rnn_tui.engine.parameters import FloatArray

CellMark = tuple[str, str]  # a glyph and its style; without a colour, black or white
LevelArray = npt.NDArray[np.int64]

COLORMAP_LEVELS = 24  # few enough that neighbours are often equal and make one segment
COLORMAP_ANCHORS = (  # keep their order, and turn none grey, in 256 colours
    (0x39, 0x08, 0x51),
    (0x2E, 0x43, 0x9F),
    (0x2B, 0x7D, 0x9B),
    (0x2B, 0xAC, 0xAC),
    (0x88, 0xCE, 0x57),
    (0xFE, 0xF9, 0x30),
)
NO_LEVEL = -1  # the level of NaN, through which the background shows
NO_MARKS: Mapping[tuple[int, int], CellMark] = MappingProxyType({})
BLACK, WHITE = Color.from_rgb(0, 0, 0), Color.from_rgb(255, 255, 255)
MID_LUMINANCE = 0.179  # black and white have equal contrast on this luminance


def _colormap() -> tuple[Color, ...]:
    places = np.linspace(0, len(COLORMAP_ANCHORS) - 1, COLORMAP_LEVELS)
    channels = [
        np.interp(places, range(len(COLORMAP_ANCHORS)), values)
        for values in zip(*COLORMAP_ANCHORS, strict=True)
    ]
    return tuple(Color.from_rgb(*map(round, rgb)) for rgb in zip(*channels, strict=True))


COLORMAP = _colormap()  # from dark, for 0, to light, for 1


def luminance(color: Color) -> float:
    """Return the relative luminance of `color` as WCAG 2 defines it, from 0 to 1."""
    shares = np.array(color.get_truecolor()) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear.dot((0.2126, 0.7152, 0.0722)))


def heat_map(
    values: FloatArray, marks: Mapping[tuple[int, int], CellMark] = NO_MARKS, shades: str = ""
) -> list[Strip]:
    """Draw `values` (2 · rows, columns), from 0 to 1 and the top row first, as `rows` strips.

    Values are clipped to that range; NaN is blank. A mark, keyed by the (row, column) of its cell,
    has the mean of the cell's two values as background; `shades`, from the lowest to the highest,
    are drawn for that mean as well.
    """
    levels = _shade_levels(values, len(shades)) if shades else _levels(values)
    strips = []
    for row, (upper, lower) in enumerate(zip(levels[::2], levels[1::2], strict=True)):
        codes = (upper - NO_LEVEL) * (COLORMAP_LEVELS + 1) + (lower - NO_LEVEL)
        marked = [column for column in range(len(codes)) if (row, column) in marks]
        codes[marked] = -1 - np.arange(len(marked))  # marks are segments of their own
        starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] + 1)).tolist()
        segments = []
        for start, stop in pairwise([*starts, len(codes)]):
            mark = marks.get((row, start))
            high, low = int(upper[start]), int(lower[start])
            style: Style | None
            if mark is not None:
                pair = values[2 * row : 2 * row + 2, start]
                glyph, style = mark[0], _style_on(high if shades else _mean_level(pair), mark[1])
            elif shades and high != NO_LEVEL:
                glyph, style = (
                    shades[round(high * (len(shades) - 1) / (COLORMAP_LEVELS - 1))],
                    _style_on(high, ""),
                )
            else:
                glyph, style = _cell_glyph(high, low)
            segments.append(Segment(glyph * (stop - start), style))
        strips.append(Strip(segments, len(codes)).simplify())
    return strips


def colorbar(width: int, low: str, high: str, shades: str = "") -> Strip:
    """Draw one row of exactly `width` cells: `low`, all colours or shades, `high`."""
    room = max(0, width - cell_len(low) - cell_len(high) - 2)
    ramp = heat_map(np.tile(np.linspace(0, 1, room), (2, 1)), shades=shades)[0]
    row = Strip([Segment(f"{low} "), *ramp, Segment(f" {high}")])
    return row.adjust_cell_length(max(0, width))


def strip_content(strip: Strip) -> Content:
    """Return a strip as content, for texts with a heat map in them."""
    return Content.assemble(
        *((text, ContentStyle.from_rich_style(style) if style else "") for text, style, _ in strip)
    )


def _levels(values: FloatArray) -> LevelArray:
    """Return each value's index into `COLORMAP`, or `NO_LEVEL` for NaN."""
    known = np.clip(np.where(np.isnan(values), 0.0, values), 0.0, 1.0)
    levels = np.minimum((known * COLORMAP_LEVELS).astype(np.int64), COLORMAP_LEVELS - 1)
    return np.where(np.isnan(values), NO_LEVEL, levels)


def _shade_levels(values: FloatArray, count: int) -> LevelArray:
    """Return the level of each cell's mean, of `count` evenly spaced ones, for both values."""
    known = ~np.isnan(values)
    sums = np.where(known, np.clip(values, 0.0, 1.0), 0.0)
    counts = known[::2] + known[1::2].astype(np.int64)
    means = (sums[::2] + sums[1::2]) / np.maximum(counts, 1)
    shades = np.minimum((means * count).astype(np.int64), count - 1)
    levels = np.rint(shades * (COLORMAP_LEVELS - 1) / max(1, count - 1)).astype(np.int64)
    return np.repeat(np.where(counts > 0, levels, NO_LEVEL), 2, axis=0)


def _mean_level(pair: FloatArray) -> int:
    """Return the level of the mean of a cell's two values, ignoring NaN."""
    known = np.clip(pair[~np.isnan(pair)], 0.0, 1.0)
    return int(_levels(known.mean(keepdims=True))[0]) if len(known) else NO_LEVEL


@lru_cache(maxsize=(COLORMAP_LEVELS + 1) ** 2)
def _cell_glyph(upper: int, lower: int) -> tuple[str, Style | None]:
    """Return the half block and the style of a cell with these two levels."""
    if upper == lower == NO_LEVEL:
        return " ", None
    if upper == NO_LEVEL:
        return "▄", Style(color=COLORMAP[lower])
    return "▀", Style(color=COLORMAP[upper], bgcolor=None if lower == NO_LEVEL else COLORMAP[lower])


@lru_cache(maxsize=1024)
def _style_on(level: int, style: str) -> Style:
    """Return `style` on the colour of `level`; without a colour, black or white is used."""
    parsed = Style.parse(style)
    if level == NO_LEVEL:
        return parsed
    background = COLORMAP[level]
    legible = BLACK if luminance(background) > MID_LUMINANCE else WHITE
    return Style(color=legible) + parsed + Style(bgcolor=background)
