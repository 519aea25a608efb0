"""The changes pane: the log of changes, newest first, and the components of the run if they fit."""

from textwrap import wrap
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.deviations import deviations
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.explanations import NAME_CELLS, NON_STANDARD_TITLE, about
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import TextBlock


@final
class ChangesPane(Pane):
    """Lists changes with their steps, then components, or else non-standard settings only."""

    title = "changes"

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()

    def update_from(self, snapshot: Snapshot) -> None:
        key = len(snapshot.log), id(snapshot.settings_track), self.content_size
        if key == self._drawn_key:
            return
        self._drawn_key = key
        self._settings_track = snapshot.settings_track  # kept, so that its id stays unique
        rows, width = max(1, self.content_size.height), max(1, self.content_size.width)
        changes = [applied.message for applied in reversed(snapshot.log)][:rows]
        lines = changes or ["no changes yet: t o + - change settings"]
        components = about(snapshot.settings, self.glyphs).plain.split("\n")
        deviating = deviations(snapshot.settings)
        non_standard = ["", f"{NON_STANDARD_TITLE}:", *deviating] if deviating else []
        full = _wrap_lines([*lines, "", *components], width)
        brief = _wrap_lines([*lines, *non_standard], width)
        self.query_one(TextBlock).set_text("\n".join(full if len(full) <= rows else brief[:rows]))


def _wrap_lines(lines: list[str], width: int) -> list[str]:
    """Wrap `lines` to `width` cells, and indent the explanation of a component below its name."""
    return [
        row
        for line in lines
        for row in wrap(line, width, subsequent_indent=" " * NAME_CELLS if "  " in line else "")
        or [""]
    ]
