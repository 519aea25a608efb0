"""What every pane is: a titled box that is handed snapshots, and what they are drawn with."""

from abc import abstractmethod
from time import monotonic
from typing import ClassVar, final

from textual.containers import Vertical
from textual.reactive import var
from textual.widgets import Static

from rnn_tui.config.settings import Settings
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot, Status
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet


def has_cost_surface(settings: Settings) -> bool:
    """Return whether the run has the cost surface of the counting tutorial."""
    return TASKS[settings.task].has_cost_surface and MODELS[settings.model].has_cost_surface


TITLE_FRAME_CELLS = 6  # cells of a border that no label can have
SUBTITLE_SEPARATOR = " · "  # between what a border says


class Pane(Vertical):
    """A pane draws itself in `show`, from one snapshot, whenever it is handed another one.

    Of the panes that share a `place` on the screen, that is there which `suits` the run.
    """

    pane_name: ClassVar[str]
    slot: ClassVar[str]
    title: ClassVar[str]

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)
    glyphs: var[GlyphSet] = var(BRAILLE)

    def on_mount(self) -> None:
        self.add_class("pane", self.pane_name)
        self.border_title = self.title

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if self.is_mounted and self.display:
            self.update_from(snapshot)

    def on_resize(self) -> None:
        self.update_from(self.snapshot)

    @classmethod
    def applies_to(cls, _settings: Settings) -> bool:
        """Return whether the pane has something to say of such a run."""
        return True

    @abstractmethod
    def update_from(self, snapshot: Snapshot) -> None:
        """Draw what is new in `snapshot`, at the present size."""

    def throttled(self, snapshot: Snapshot, drawn_at: float, interval: float) -> bool:
        """Return whether a run that goes on was drawn less than `redraw` seconds ago."""
        return snapshot.status is Status.RUNNING and monotonic() - drawn_at < interval

    def set_titles(self, title: str, subtitle: str) -> None:
        """Name the box, with as many of the subtitle's parts as it has room for.

        A border is drawn as a whole, so only when its words are new.
        """
        while (
            len(subtitle) > self.outer_size.width - TITLE_FRAME_CELLS
            and SUBTITLE_SEPARATOR in subtitle
        ):
            subtitle = subtitle.rpartition(SUBTITLE_SEPARATOR)[0]
        if self.border_title != title:
            self.border_title = title
        if self.border_subtitle != subtitle:
            self.border_subtitle = subtitle


@final
class PlotArea(Static):
    """What a pane draws into the room that is left, and draws anew when that is another."""

    def on_resize(self) -> None:
        if isinstance(self.parent, Pane):
            self.parent.update_from(self.parent.snapshot)
