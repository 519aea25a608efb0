"""What was changed, newest first, each with the step after which it took effect."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.lines import Lines
from rnn_tui.ui.panes.base import Pane


@final
class ChangesPane(Pane):
    pane_name = "changes"
    title = "changes"

    def compose(self) -> ComposeResult:
        yield Lines()

    def show(self, snapshot: Snapshot) -> None:
        room = max(1, self.content_size.height)
        lines = [applied.notice for applied in reversed(snapshot.log)][:room]
        self.query_one(Lines).say("\n".join(lines) or "none yet: t o + - change the run")
