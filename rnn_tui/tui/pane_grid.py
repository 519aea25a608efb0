"""Which panes are on the screen: those that suit the run, or one of them alone."""

from typing import final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.panes import PANES, Pane

PANE_COLUMNS = {
    "left": ("loss", "gradient", "backflow", "xor"),
    "right": ("surface", "bits", "score", "changes"),
}


@final
class PaneGrid(Horizontal):
    """All panes in their columns; hands snapshots down to them."""

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)
    glyphs: var[GlyphSet] = var(BRAILLE)

    def __init__(self) -> None:
        super().__init__(id="panes")
        self._settings: Settings | None = None
        self._applicable_panes: list[Pane] = []
        self._maximized_slot = ""  # the place whose pane is shown alone

    def compose(self) -> ComposeResult:
        for column, names in PANE_COLUMNS.items():
            with Vertical(id=column):
                for name in names:
                    yield PANES[name]().data_bind(PaneGrid.snapshot, PaneGrid.glyphs)

    def on_resize(self) -> None:
        """Let panes be drawn anew that have kept their size but may have to give some of it up."""
        for pane in self._applicable_panes:
            if pane.display:
                pane.update_from(self.snapshot)

    def update_visible_panes(self, settings: Settings) -> bool:
        """Show the panes that suit a run with `settings`; return whether they may be others."""
        if settings is self._settings:
            return False
        self._settings = settings
        panes = self._panes
        self._applicable_panes = [pane for pane in panes if pane.applies_to(settings)]
        for pane in panes:
            pane.set_class(pane not in self._applicable_panes, "unsuited")
        if self._maximized_slot:
            self._maximize_slot(self._maximized_slot)
        return True

    def is_applicable(self, pane: Pane) -> bool:
        """Return whether `pane` has something to say of the run."""
        return pane in self._applicable_panes

    def toggle_maximized(self, slot: str) -> None:
        """Show the pane of `place` alone, or all panes again where it is already."""
        self._maximize_slot("" if slot == self._maximized_slot else slot)

    @property
    def _panes(self) -> list[Pane]:
        return [self.query_one(pane) for pane in PANES.values()]

    def _maximize_slot(self, slot: str) -> None:
        """Show the pane of `place` alone, or all panes where there is none or it is empty."""
        chosen = [pane for pane in self._applicable_panes if pane.slot == slot]
        self._maximized_slot = slot if chosen else ""
        self.screen.set_class(bool(chosen), "-only")
        for pane in self._panes:
            pane.set_class(pane in chosen, "only")
        for column in self.query("#left, #right"):
            column.set_class(not column.query(".only"), "idle")
