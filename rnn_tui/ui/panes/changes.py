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

    def show(self, snapshot: Snapshot) -> None:
        room, width = max(1, self.content_size.height), max(1, self.content_size.width)
        changes = [applied.notice for applied in reversed(snapshot.log)]
        lines = changes or ["none yet: t o + - change the run"]
        odd = quirks(snapshot.settings)
        if odd:
            lines += ["", "by choice, unlike a textbook:", *odd]
        folded = [part for line in lines for part in (wrap(line, width) or [""])]
        self.query_one(Lines).say("\n".join(folded[:room]))
