"""The health of a model in training: a line for each matrix, and for each layer of units."""

from math import isfinite, log10
from textwrap import wrap

from textual.content import Content

from rnn_tui.analysis.health import Health
from rnn_tui.analysis.update_ratios import TYPICAL_RATIO
from rnn_tui.text.analysis_sentences import (
    GUIDE,
    format_share,
    health_sentences,
    parameter_title,
)
from rnn_tui.text.format import format_short
from rnn_tui.tui.drawing.columns import Column, fitting_columns, table_lines
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet

LOWEST_RATIO, HIGHEST_RATIO = 1e-6, 1.0  # the ends of the scale of update ratios
BAR_CELLS, WIDE_BAR_CELLS = 6, 12  # one or two for each power of ten
MIN_TABLE_ROWS = 2
SPECTRUM_RANK = 3  # of the first of the columns on spectra
MIN_WIDE_CELLS = 64  # width from which bars are wide
GUIDE_GLYPH = "┊"
NO_FIGURE = "—"


def draw_health(health: Health, width: int, height: int, glyphs: GlyphSet = BRAILLE) -> Content:
    """Draw figures by weight, by layer of units, and in words those that are out of line.

    Where there is no room for all, the last rows are left out.
    """
    lines = _words(health, width, glyphs)
    layer_columns = fitting_columns(_layer_columns(health), width, glyphs)
    for columns in (_weight_columns(health, width, glyphs), layer_columns):
        rows = table_lines(columns)
        room = height - len(lines)
        lines += rows[:room] if room >= MIN_TABLE_ROWS and columns[0].cells else []
    return Content("\n").join(lines[:height])


def _words(health: Health, width: int, glyphs: GlyphSet) -> list[Content]:
    lines = [
        line
        for sentence in health_sentences(health)
        for line in wrap(glyphs.transliterate(sentence), max(width, 20))
    ]
    return [Content.styled(line, "bold") for line in lines]


def _weight_columns(health: Health, width: int, glyphs: GlyphSet) -> list[Column]:
    """Return the columns on weights that fit, with rows for other spectra if theirs does."""
    columns = fitting_columns(_columns(health, width, glyphs, with_spectra=True), width, glyphs)
    if columns[-1].rank >= SPECTRUM_RANK:
        return columns
    return fitting_columns(_columns(health, width, glyphs, with_spectra=False), width, glyphs)


def _columns(health: Health, width: int, glyphs: GlyphSet, *, with_spectra: bool) -> list[Column]:
    """Return the columns by weight, with rows for the spectra of gates and of the Jacobian."""
    ratios, spectra = health.update_ratios, dict(health.spectra)
    own = {"recurrent_weight": spectra.pop("recurrent weight", None)}
    rows = [(name, own.get(name)) for name in ratios]
    if with_spectra:
        rows += [*spectra.items(), *([("Jacobian", health.jacobian)] if health.jacobian else [])]
    names = [name for name, _ in rows]
    bar_cells = WIDE_BAR_CELLS if width >= MIN_WIDE_CELLS else BAR_CELLS
    bars = [ratio_bar(ratios[name], bar_cells, glyphs) if name in ratios else "" for name in names]
    fractions = health.gradient_fractions
    return [
        Column("weight", [parameter_title(name).removesuffix(" weight") for name in names]),
        Column(
            "‖Δw‖/‖w‖", [_figure(ratios[name]) if name in ratios else "" for name in names], 0, True
        ),
        Column(GUIDE.center(bar_cells + 1), bars, 1),
        Column(
            "gradient",
            [format_share(fractions[name]) if name in ratios else "" for name in names],
            2,
            True,
        ),
        Column(
            "ρ",
            [_digits(spectrum.spectral_radius) if spectrum else "" for _, spectrum in rows],
            SPECTRUM_RANK,
            True,
        ),
        Column(
            "σ_max",
            [_digits(spectrum.largest_singular_value) if spectrum else "" for _, spectrum in rows],
            SPECTRUM_RANK + 1,
            True,
        ),
    ]


def ratio_bar(ratio: float, cells: int, glyphs: GlyphSet = BRAILLE) -> str:
    """Return a bar of `cells` from 1e-6 to 1 on a log scale, with a mark at the guide of 1e-3."""
    n_full = _share_of(ratio, cells)
    bar = glyphs.progress_glyphs[0] * n_full + glyphs.progress_glyphs[1] * (cells - n_full)
    guide = _share_of(TYPICAL_RATIO, cells)
    return bar[:guide] + glyphs.transliterate(GUIDE_GLYPH) + bar[guide:]


def _share_of(ratio: float, cells: int) -> int:
    """Return the cells of a bar that are full."""
    if not ratio > LOWEST_RATIO:  # NaN too
        return 0
    share = log10(min(ratio, HIGHEST_RATIO) / LOWEST_RATIO) / log10(HIGHEST_RATIO / LOWEST_RATIO)
    return round(share * cells)


def _layer_columns(health: Health) -> list[Column]:
    layers = health.saturation
    return [
        Column("", [layer.name for layer in layers]),
        Column("saturated", [format_share(layer.fraction) for layer in layers], align_right=True),
        Column(
            "dead units",
            [f"{int(layer.dead.sum())} of {len(layer.dead)}" for layer in layers],
            rank=1,
            align_right=True,
        ),
        Column("outputs a unit", [f"{layer.n:,}" for layer in layers], rank=2, align_right=True),
    ]


def _digits(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else NO_FIGURE


def _figure(ratio: float) -> str:
    return format_short(ratio) if isfinite(ratio) else NO_FIGURE
