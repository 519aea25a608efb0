"""What every pane is: a titled box that is handed snapshots and knows nothing else."""

from abc import abstractmethod
from typing import ClassVar

from textual.containers import Vertical
from textual.reactive import var

from rnn_tui.session.snapshot import EMPTY, Snapshot


class Pane(Vertical):
    """A pane draws itself in `show`, from one snapshot, whenever it is handed another one."""

    pane_name: ClassVar[str]
    title: ClassVar[str]

    snapshot: var[Snapshot] = var(EMPTY)

    def on_mount(self) -> None:
        self.add_class("pane", self.pane_name)
        self.border_title = self.title

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if self.is_mounted and self.display:
            self.show(snapshot)

    def on_resize(self) -> None:
        self.show(self.snapshot)

    @abstractmethod
    def show(self, snapshot: Snapshot) -> None:
        """Draw what is new in `snapshot`, at the present size."""

    def label(self, title: str, subtitle: str) -> None:
        """Name the box; a border is drawn as a whole, so only when its words are new."""
        if self.border_title != title:
            self.border_title = title
        if self.border_subtitle != subtitle:
            self.border_subtitle = subtitle
