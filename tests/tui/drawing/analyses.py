"""Results of analyses that the tests of drawings share, and a check of their sizes."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from textual.content import Content

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.subject import Subject
from rnn_tui.engine.planted import planted_adder
from rnn_tui.run.run import Run
from rnn_tui.tui.drawing.glyphs import ASCII, BLOCK, BRAILLE, SHADES
from tests.support.makers import settings_with

SIXTEEN_COLORS = replace(BRAILLE, shades=SHADES["braille"], required_state_style="underline")
NO_COLOR = replace(SIXTEEN_COLORS, colored_lines=False)
GLYPH_SETS = pytest.mark.parametrize(
    "glyphs",
    [BRAILLE, BLOCK, SIXTEEN_COLORS, NO_COLOR, ASCII],
    ids=["braille", "block", "16-colors", "no-color", "ascii"],
)
LOW_GAIN = 5.0
SIZES = [(width, height) for width in (30, 48, 76, 180) for height in (2, 5, 7, 14, 40)]


@cache
def planted_subject() -> Subject:
    """Return the adder with readable weights as a subject of analyses, at 128 sequences.

    Its gain is so low that starts near the states visited lead to its saddles.
    """
    run = Run(settings_with(hidden_size=3, biases=1, length=5))
    for name, values in planted_adder(LOW_GAIN).items():
        run.trainer.model.parameters[name][...] = values
    return Subject(run.task, run.trainer, max_sequences=128)


@cache
def planted_result(name: str) -> Any:
    return ANALYSES[name].compute(planted_subject())


def lines_at_all_sizes(draw: Callable[[int, int], Content]) -> list[str]:
    """Return the lines of a drawing at all SIZES, after a check that they fit."""
    lines = []
    for width, height in SIZES:
        rows = draw(width, height).plain.split("\n")
        assert len(rows) <= height
        assert max(map(len, rows)) <= width
        lines += rows
    return lines


def rows(content: Content) -> list[str]:
    """Return the rows of a drawing without blanks at their ends."""
    return [row.rstrip() for row in content.plain.split("\n")]
