"""The bit grid pane: one example by time step, with prediction, confidence and target."""

from typing import final

from textual.app import ComposeResult
from textual.content import Content

from rnn_tui.config.settings import Settings
from rnn_tui.run.example import Example
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.report import weights_text
from rnn_tui.tui.drawing.bit_grid import grid
from rnn_tui.tui.panes.base import (
    MAX_DRAWN_STEPS_PER_SECOND,
    NO_EXAMPLE,
    REDRAW_INTERVAL_SECONDS,
    Pane,
    PaneHelp,
)
from rnn_tui.tui.widgets.text_block import TextBlock

FRAME_ROWS, FRAME_CELLS = 2, 4  # border and padding
ROWS_BEFORE_FIRST_STEP = 16  # as many as a spaced grid will need


@final
class BitGridPane(Pane):
    """Displays the newest or the pinned example as a grid of bits."""

    title = "bits"
    short_title = "bits"
    help_text = PaneHelp(
        shows="One example by time step: inputs, the hidden state that the task requires, "
        "prediction, confidence and target. Columns that need the memory of earlier time steps "
        "are tinted, and ✗ marks an incorrect bit. h pins the example, p predicts your own. "
        f"Above {MAX_DRAWN_STEPS_PER_SECOND:g} steps per second at most "
        f"{1 / REDRAW_INTERVAL_SECONDS:g} examples per second are displayed.",
        formula="confidence = max(ŷ, 1−ŷ), the probability that the model gives to its prediction.",
        reading="Incorrect bits in tinted columns alone: the model does not remember yet. A "
        "confidence near 50 % is a guess.",
        caveat="It is one example, and the newest one was predicted before its update; the "
        "accuracy of all is in the accuracy pane.",
    )
    redraw_phase = 0.5  # between those of the loss, together with the gradient of the example
    _rows = _max_rows = 0  # of the text, and available to it

    DEFAULT_CSS = "BitGridPane TextBlock { height: 1fr; }"

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return settings.has_bit_grid

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def update_from(self, snapshot: Snapshot) -> None:
        example, width = snapshot.example, self.content_size.width
        origin = "pinned" if snapshot.is_pinned else "newest"
        if snapshot.step_trace:
            origin = "of the traced step"
        form = (snapshot.settings.task, example.inputs.shape) if example else None
        size = width, self._max_rows
        view = origin, form, pinned_text(snapshot), snapshot.status, size, self.glyphs
        if not self.begin_redraw_if_due(view, (example,)):
            return
        text_block = self.query_one(TextBlock)
        if example is None:
            self.set_titles(self.title, origin)
            text_block.set_text(NO_EXAMPLE)
            return
        self.set_titles(self.title, f"{origin}, predicted {weights_text(example)}")
        text = self._text(example, width)
        text_block.set_text(text)
        if (rows := _n_rows(text)) != self._rows:
            self._rows = rows
            self.refresh(layout=True)

    def fit_height(self, width: int, rows: int) -> int:
        self._max_rows = rows - FRAME_ROWS
        if self.snapshot.example is None:
            self._rows = min(rows, ROWS_BEFORE_FIRST_STEP) - FRAME_ROWS
            return self._rows + FRAME_ROWS
        self._rows = _n_rows(self._text(self.snapshot.example, width - FRAME_CELLS))
        return min(rows, self._rows + FRAME_ROWS)

    def _text(self, example: Example, width: int) -> Content:
        return grid(
            example,
            width,
            self._max_rows,
            self.glyphs,
            min_rows=self._max_rows,
            highlight=self.highlight,
        )


def pinned_text(snapshot: Snapshot) -> str:
    """Return the inputs of the pinned example, or "" where none is pinned."""
    return snapshot.example.input_text if snapshot.example and snapshot.is_pinned else ""


def _n_rows(text: Content) -> int:
    return text.plain.count("\n") + 1
