"""Which panes are on the screen: those that suit the run, or one of them alone."""

from typing import final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import EMPTY, Snapshot
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look
from rnn_tui.tui.panes import PANES, Pane

COLUMNS = {
    "left": ("loss", "gradient", "backflow", "xor"),
    "right": ("surface", "bits", "score", "changes"),
}


@final
class Arrangement(Horizontal):
    """All panes in their columns; hands snapshots down to them."""

    snapshot: var[Snapshot] = var(EMPTY)
    look: var[Look] = var(BRAILLE)

    def __init__(self) -> None:
        super().__init__(id="panes")
        self._chosen_for: Settings | None = None
        self._suited: list[Pane] = []
        self._only = ""  # the place whose pane is shown alone

    def compose(self) -> ComposeResult:
        for column, names in COLUMNS.items():
            with Vertical(id=column):
                for name in names:
                    yield PANES[name]().data_bind(Arrangement.snapshot, Arrangement.look)

    def on_resize(self) -> None:
        """Let panes be drawn anew that have kept their size but may have to give some of it up."""
        for pane in self._suited:
            if pane.display:
                pane.show(self.snapshot)

    def choose(self, settings: Settings) -> bool:
        """Show the panes that suit a run with `settings`; return whether they may be others."""
        if settings is self._chosen_for:
            return False
        self._chosen_for = settings
        panes = self._panes
        self._suited = [pane for pane in panes if pane.suits(settings)]
        for pane in panes:
            pane.set_class(pane not in self._suited, "unsuited")
        if self._only:
            self._show_only(self._only)
        return True

    def suits(self, pane: Pane) -> bool:
        """Return whether `pane` has something to say of the run."""
        return pane in self._suited

    def turn_to(self, place: str) -> None:
        """Show the pane of `place` alone, or all panes again where it is already."""
        self._show_only("" if place == self._only else place)

    @property
    def _panes(self) -> list[Pane]:
        return [self.query_one(pane) for pane in PANES.values()]

    def _show_only(self, place: str) -> None:
        """Show the pane of `place` alone, or all panes where there is none or it is empty."""
        chosen = [pane for pane in self._suited if pane.place == place]
        self._only = place if chosen else ""
        self.screen.set_class(bool(chosen), "-only")
        for pane in self._panes:
            pane.set_class(pane in chosen, "only")
        for column in self.query("#left, #right"):
            column.set_class(not column.query(".only"), "idle")
