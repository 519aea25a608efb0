"""What every pane is: a titled box that is handed snapshots, and what they are drawn with."""

from abc import abstractmethod
from time import monotonic
from typing import ClassVar, final

from textual.containers import Vertical
from textual.reactive import var
from textual.widgets import Static

from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import EMPTY, Snapshot, Status
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look


def two_weights_count(settings: Settings) -> bool:
    """Return whether the run has the cost surface of the counting tutorial."""
    return settings.task == "counting-ones" and settings.model == "linear"


LABEL_FRAME = 6  # cells of a border that no label can have
PART = " · "  # between what a border says


class Pane(Vertical):
    """A pane draws itself in `show`, from one snapshot, whenever it is handed another one.

    Of the panes that share a `place` on the screen, that is there which `suits` the run.
    """

    pane_name: ClassVar[str]
    place: ClassVar[str]
    title: ClassVar[str]

    snapshot: var[Snapshot] = var(EMPTY)
    look: var[Look] = var(BRAILLE)

    def on_mount(self) -> None:
        self.add_class("pane", self.pane_name)
        self.border_title = self.title

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if self.is_mounted and self.display:
            self.show(snapshot)

    def on_resize(self) -> None:
        self.show(self.snapshot)

    @classmethod
    def suits(cls, _settings: Settings) -> bool:
        """Return whether the pane has something to say of such a run."""
        return True

    @abstractmethod
    def show(self, snapshot: Snapshot) -> None:
        """Draw what is new in `snapshot`, at the present size."""

    def early(self, snapshot: Snapshot, drawn_at: float, redraw: float) -> bool:
        """Return whether a run that goes on was drawn less than `redraw` seconds ago."""
        return snapshot.status is Status.RUNNING and monotonic() - drawn_at < redraw

    def label(self, title: str, subtitle: str) -> None:
        """Name the box, with as many of the subtitle's parts as it has room for.

        A border is drawn as a whole, so only when its words are new.
        """
        while len(subtitle) > self.outer_size.width - LABEL_FRAME and PART in subtitle:
            subtitle = subtitle.rpartition(PART)[0]
        if self.border_title != title:
            self.border_title = title
        if self.border_subtitle != subtitle:
            self.border_subtitle = subtitle


@final
class Plot(Static):
    """What a pane draws into the room that is left, and draws anew when that is another."""

    def on_resize(self) -> None:
        if isinstance(self.parent, Pane):
            self.parent.show(self.parent.snapshot)
