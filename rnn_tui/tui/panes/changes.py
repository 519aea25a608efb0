"""What was changed, newest first, each with its step; and what runs, where there is room."""

from textwrap import wrap
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.deviations import deviations
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.explanations import NAME_CELLS, about
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import TextBlock


@final
class ChangesPane(Pane):
    pane_name = "changes"
    slot = "changes"
    title = "changes"

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()

    def update_from(self, snapshot: Snapshot) -> None:
        drawn = len(snapshot.log), id(snapshot.settings_track), self.content_size
        if drawn == self._drawn_key:
            return
        self._drawn_key, self._settings_track = (
            drawn,
            snapshot.settings_track,
        )  # kept, so that its id stays its own
        room, width = max(1, self.content_size.height), max(1, self.content_size.width)
        changes = [applied.message for applied in reversed(snapshot.log)][:room]
        lines = changes or ["none yet: t o + - change the run"]
        parts = about(snapshot.settings, self.glyphs).plain.split("\n")
        odd = deviations(snapshot.settings)
        unlike = ["", "by choice, unlike a textbook:", *odd] if odd else []
        whole, brief = (
            _wrap_lines([*lines, "", *parts], width),
            _wrap_lines([*lines, *unlike], width),
        )
        self.query_one(TextBlock).set_text("\n".join(whole if len(whole) <= room else brief[:room]))


def _wrap_lines(lines: list[str], width: int) -> list[str]:
    """Return `lines` in rows of `width` cells, those of a part below its name."""
    return [
        row
        for line in lines
        for row in wrap(line, width, subsequent_indent=" " * NAME_CELLS if "  " in line else "")
        or [""]
    ]
