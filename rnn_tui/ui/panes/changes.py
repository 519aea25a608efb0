"""What was changed, newest first, each with the step after which it took effect."""

from textwrap import wrap
from typing import final

from textual.app import ComposeResult

from rnn_tui.quirks import quirks
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.lines import Lines
from rnn_tui.ui.panes.base import Pane


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
        odd = quirks(snapshot.settings)
        if odd:
            lines += ["", "by choice, unlike a textbook:", *odd]
        folded = [part for line in lines for part in (wrap(line, width) or [""])]
        self.query_one(Lines).say("\n".join(folded[:room]))
