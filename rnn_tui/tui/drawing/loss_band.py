"""The loss of a run as a line over a band of quantiles, those of its siblings."""

from collections.abc import Iterator
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.tui.drawing.glyphs import MUTED_STYLE, GlyphSet

Mask = npt.NDArray[np.bool_]  # of the dots of a drawing, the highest row first
Cell = tuple[str, str]  # a glyph and its style

BRAILLE_BASE = 0x2800
BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
LINE_STYLE, BAND_STYLE, MEDIAN_STYLE = "bold", MUTED_STYLE, "$text"
DASH_DOTS = 4  # of the median: as long as its gap


@final
class BandGlyphs(NamedTuple):
    """How a glyph set draws a band: the dots of a cell in rows and columns, and the glyphs.

    `line` is indexed by the dots of the line in a cell, the upper one first.
    """

    dot_rows: int
    dot_columns: int
    line: str = ""
    band: str = ""
    median: str = ""


BRAILLE_BAND = BandGlyphs(4, 2)
BLOCK_BAND = BandGlyphs(2, 1, " ▄▀█", "░", "─")
ASCII_BAND = BandGlyphs(1, 1, " *", ":", "-")


def band_glyphs(glyphs: GlyphSet) -> BandGlyphs:
    """Return how `glyphs` draws a band."""
    if glyphs.ascii_only:
        return ASCII_BAND
    return BRAILLE_BAND if glyphs.line_markers[0] == "braille" else BLOCK_BAND


def band_rows(
    line: FloatArray,
    quantiles: FloatArray,
    rows: int,
    bounds: tuple[float, float],
    kind: BandGlyphs,
) -> list[list[Cell]]:
    """Draw `rows` rows of cells, each a glyph and its style.

    `line` (n,) and the `quantiles` (3, n) have a value for each column of dots, NaN for none;
    those out of `bounds` are drawn at the border, the line over the median over the band.
    """
    height = rows * kind.dot_rows
    levels = _levels(line, height, bounds)
    low, median, high = (_levels(row, height, bounds) for row in quantiles)
    places = np.arange(height)[::-1, None]
    known = low >= 0
    inside = known & (low <= places) & (places <= high)
    dashes = known & (places == median) & (np.arange(len(line)) % (2 * DASH_DOTS) < DASH_DOTS)
    before = np.where(np.roll(levels, 1) < 0, levels, np.roll(levels, 1))
    before[:1] = levels[:1]
    drawn = (
        (levels >= 0)
        & (np.minimum(levels, before + (before < levels)) <= places)
        & (places <= np.maximum(levels, before - (before > levels)))
    )
    if kind is BRAILLE_BAND:
        return [list(row) for row in _braille_cells(drawn, dashes, inside)]
    return [list(row) for row in _glyph_cells(drawn, known & (places == median), inside, kind)]


def _levels(values: FloatArray, height: int, bounds: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Return the dot of each value, from 0 to `height` - 1, and -1 for NaN."""
    low, high = bounds
    with np.errstate(invalid="ignore"):
        fractions = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
        levels = np.rint(fractions * (height - 1))
    return np.where(np.isnan(levels), -1, levels).astype(np.int64)


def _braille_cells(line: Mask, median: Mask, band: Mask) -> Iterator[Iterator[Cell]]:
    """Yield rows of cells: the band a grid of single dots, with a gap around the line."""
    y, x = np.indices(line.shape)
    around = np.pad(line, 1)
    offsets = [(down, right) for down in (0, 1, 2) for right in (0, 1, 2)]
    near: Mask = np.any([around[y + down, x + right] for down, right in offsets], axis=0)
    dashes = median & ~near
    dots = line | dashes | (band & ~near & (y % 2 == 0) & ((x + y // 2) % 2 == 0))
    for top in range(0, len(line), BRAILLE_BAND.dot_rows):
        cells = slice(top, top + BRAILLE_BAND.dot_rows)
        codes, line_codes, dash_codes = (_cell_codes(mask[cells]) for mask in (dots, line, dashes))
        yield (
            (
                chr(BRAILLE_BASE + code) if code else " ",
                LINE_STYLE if of_line else MEDIAN_STYLE if of_dashes else BAND_STYLE,
            )
            for code, of_line, of_dashes in zip(codes, line_codes, dash_codes, strict=True)
        )


def _cell_codes(dots: Mask) -> list[int]:
    """Return the braille code of each cell of one row of cells."""
    cells = dots.reshape(len(dots), -1, BRAILLE_BAND.dot_columns)
    codes: list[int] = (cells * BRAILLE_BITS[:, None]).sum(axis=(0, 2)).tolist()
    return codes


def _glyph_cells(
    line: Mask, median: Mask, band: Mask, kind: BandGlyphs
) -> Iterator[Iterator[Cell]]:
    """Yield rows of cells with one glyph each."""
    powers = 1 << np.arange(kind.dot_rows)[::-1]
    for top in range(0, len(line), kind.dot_rows):
        cells = slice(top, top + kind.dot_rows)
        line_dots, median_dots, band_dots = (
            (mask[cells] * powers[:, None]).sum(axis=0).tolist() for mask in (line, median, band)
        )
        yield (
            (kind.line[of_line], LINE_STYLE)
            if of_line
            else (kind.median, MEDIAN_STYLE)
            if of_median
            else (kind.band if of_band else " ", BAND_STYLE)
            for of_line, of_median, of_band in zip(line_dots, median_dots, band_dots, strict=True)
        )
