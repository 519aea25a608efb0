"""The grid of panes: shows those that apply to the run and fit, or one of them maximized."""

from collections.abc import Iterator, Mapping
from typing import final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.panes import PANES, Pane, PanePlacement

COLUMNS = ("left", "right")
WINDOW_HEIGHTS = ("low", "tall", "high", "never")
STACKED_WIDTHS, SIDE_BY_SIDE_WIDTHS = ("narrow", "normal"), ("wide", "broad")


def layout_css(panes: Mapping[str, PanePlacement]) -> str:
    """Return the style sheet of the panes' heights, and of the sizes of window that hide them."""
    return "\n".join(rule for name, pane in panes.items() for rule in _layout_rules(name, pane))


def _layout_rules(name: str, placement: PanePlacement) -> Iterator[str]:
    yield f".{name} {{ height: {placement.height}; min-height: {placement.min_height}; }}"
    if placement.min_height_high:
        yield f".-high .{name} {{ min-height: {placement.min_height_high}; }}"
    for widths, shown_from in (
        (STACKED_WIDTHS, placement.stacked),
        (SIDE_BY_SIDE_WIDTHS, placement.side_by_side),
    ):
        for height in WINDOW_HEIGHTS[: WINDOW_HEIGHTS.index(shown_from)]:
            for width in widths:
                yield f".-{width}.-{height} .{name} {{ display: none; }}"


@final
class PaneGrid(Horizontal):
    """All panes in their columns; binds snapshots and glyphs to them."""

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)
    glyphs: var[GlyphSet] = var(BRAILLE)

    def __init__(self) -> None:
        super().__init__(id="panes")
        self._panes = {name: placement.pane(classes=name) for name, placement in PANES.items()}
        self._settings: Settings | None = None
        self._applicable_panes: list[Pane] = []
        self._maximized_slot = ""

    def compose(self) -> ComposeResult:
        css_location = (type(self).__name__, "layout_css")
        self.app.stylesheet.add_source(layout_css(PANES), css_location, is_default_css=True)
        for column in COLUMNS:
            with Vertical(id=column):
                for name, pane in self._panes.items():
                    if PANES[name].column == column:
                        yield pane.data_bind(PaneGrid.snapshot, PaneGrid.glyphs)

    def on_resize(self) -> None:
        """Redraw panes that have kept their size, since their share of the window may change."""
        for pane in self._applicable_panes:
            if pane.display:
                pane.update_from(self.snapshot)

    def update_visible_panes(self, settings: Settings) -> bool:
        """Show the panes that apply to `settings`; return whether `settings` are new."""
        if settings is self._settings:
            return False
        self._settings = settings
        panes = self._panes.values()
        self._applicable_panes = [pane for pane in panes if pane.applies_to(settings)]
        for pane in panes:
            pane.set_class(pane not in self._applicable_panes, "not-applicable")
        if self._maximized_slot:
            self._maximize_slot(self._maximized_slot)
        return True

    def is_applicable(self, pane: Pane) -> bool:
        """Return whether `pane` applies to the run."""
        return pane in self._applicable_panes

    def toggle_maximized(self, slot: str) -> None:
        """Maximize the pane of `slot`, or show all panes if it is maximized already."""
        self._maximize_slot("" if slot == self._maximized_slot else slot)

    def _maximize_slot(self, slot: str) -> None:
        """Maximize the applicable pane of `slot`, or show all panes if there is none."""
        chosen = [
            pane
            for name, pane in self._panes.items()
            if PANES[name].slot == slot and self.is_applicable(pane)
        ]
        self._maximized_slot = slot if chosen else ""
        self.screen.set_class(bool(chosen), "-only")
        for pane in self._panes.values():
            pane.set_class(pane in chosen, "only")
        for column in self.query("#left, #right"):
            column.set_class(not column.query(".only"), "idle")
