"""What was changed, newest first, each with its step; and what runs, where there is room."""

from textwrap import wrap
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.deviations import quirks
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.explanations import NAME, about
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import Lines


@final
class ChangesPane(Pane):
    pane_name = "changes"
    place = "changes"
    title = "changes"

    def compose(self) -> ComposeResult:
        yield Lines()

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()

    def show(self, snapshot: Snapshot) -> None:
        drawn = len(snapshot.log), id(snapshot.course), self.content_size
        if drawn == self._drawn:
            return
        self._drawn, self._course = drawn, snapshot.course  # kept, so that its id stays its own
        room, width = max(1, self.content_size.height), max(1, self.content_size.width)
        changes = [applied.notice for applied in reversed(snapshot.log)][:room]
        lines = changes or ["none yet: t o + - change the run"]
        parts = about(snapshot.settings, self.look).plain.split("\n")
        odd = quirks(snapshot.settings)
        unlike = ["", "by choice, unlike a textbook:", *odd] if odd else []
        whole, brief = _folded([*lines, "", *parts], width), _folded([*lines, *unlike], width)
        self.query_one(Lines).say("\n".join(whole if len(whole) <= room else brief[:room]))


def _folded(lines: list[str], width: int) -> list[str]:
    """Return `lines` in rows of `width` cells, those of a part below its name."""
    return [
        row
        for line in lines
        for row in wrap(line, width, subsequent_indent=" " * NAME if "  " in line else "") or [""]
    ]
