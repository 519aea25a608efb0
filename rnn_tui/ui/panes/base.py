"""What every pane is: a titled box that is handed snapshots and knows nothing else."""

from abc import abstractmethod
from typing import ClassVar

from textual.containers import Vertical
from textual.reactive import reactive

from rnn_tui.session.snapshot import EMPTY, Snapshot


class Pane(Vertical):
    """A pane draws itself in `show`, from one snapshot, whenever it is handed another one."""

    pane_name: ClassVar[str]
    title: ClassVar[str]

    snapshot: reactive[Snapshot] = reactive(EMPTY)

    def on_mount(self) -> None:
        self.add_class("pane", self.pane_name)
        self.border_title = self.title

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        self.show(snapshot)

    def on_resize(self) -> None:
        self.show(self.snapshot)

    @abstractmethod
    def show(self, snapshot: Snapshot) -> None:
        """Draw `snapshot` at the present size."""
