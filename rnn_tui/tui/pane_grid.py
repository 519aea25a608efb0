"""The grid of panes: those of the current view that apply to the run and have room."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import final

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.reactive import var
from textual.widget import Widget

from rnn_tui.analysis.step_trace import Place
from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.pane_layout import pane_regions, panes_with_room, with_pane_first
from rnn_tui.tui.panes import PANES, VIEWS, Pane
from rnn_tui.tui.views import STEP_VIEW
from rnn_tui.tui.widgets.text_block import TextBlock

NO_MARGIN = Spacing()

ChangeDisplay = Callable[[Callable[[], object], Callable[[], Widget | None]], Awaitable[None]]
"""Calls a change of which panes are displayed, and focuses what the second function returns."""


@final
@dataclass(slots=True)
class ViewState:
    """A view as the user has left it: the order in which its panes get room, and one of them."""

    order: tuple[str, ...]
    maximized: str = ""
    focused: str = ""


@final
class PaneGridLayout(Layout):
    """Places the displayed panes of a `PaneGrid`."""

    name = "panes"

    def arrange(
        self, parent: Widget, children: Iterable[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        assert isinstance(parent, PaneGrid)
        regions = parent.regions(size)
        return [
            WidgetPlacement(regions.get(child, size.region), NULL_OFFSET, NO_MARGIN, child)
            for child in children
        ]


PANE_GRID_LAYOUT = PaneGridLayout()


@final
class PaneGrid(Widget):
    """All panes; displays those of the current view, and binds snapshots and glyphs to them.

    `highlight` is the place of the term that the step pane selects.
    `restore_key` is the key that shows all again while one is maximized.
    """

    DEFAULT_CSS = "PaneGrid { width: 1fr; height: 1fr; }"

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)
    glyphs: var[GlyphSet] = var(BRAILLE)
    highlight: var[Place | None] = var[Place | None](None)

    def __init__(self, restore_key: str) -> None:
        super().__init__(id="panes")
        self.restore_key = restore_key
        self._panes = {name: placement.pane(classes=name) for name, placement in PANES.items()}
        for pane in self._panes.values():
            pane.display, pane.restore_key = False, restore_key
        self._settings: Settings | None = None
        self._applicable: frozenset[str] = frozenset()
        self._room = Size()
        self.displayed_names: tuple[str, ...] = ()  # in the order of the table
        self.marked_name = ""  # the pane that a text beside it is about
        self.reset_views()

    @property
    def layout(self) -> Layout:
        return PANE_GRID_LAYOUT

    def compose(self) -> ComposeResult:
        yield TextBlock("no-panes")
        for pane in self._panes.values():
            yield pane.data_bind(PaneGrid.snapshot, PaneGrid.glyphs, PaneGrid.highlight)

    def regions(self, size: Size) -> dict[Widget, Region]:
        """Return the regions of the displayed panes in a grid of `size`."""
        weights = {name: pane.weight_factor for name, pane in self._panes.items()}
        found = pane_regions(self.displayed_names, PANES, size, self._fit_height, weights)
        return {self._panes[name]: region for name, region in found.items()}

    def _fit_height(self, name: str, width: int, rows: int) -> int:
        return self._panes[name].fit_height(width, rows)

    def reset_views(self) -> None:
        """Return to the first view, and all views to their first state."""
        self.view, self.highlight = next(iter(VIEWS)), None
        self._states = {view: _initial_state(view) for view in (*VIEWS, STEP_VIEW)}
        self._update_display()

    def reset_view(self) -> None:
        """Return the view to its first state."""
        self._states[self.view] = _initial_state(self.view)
        self._update_display()

    def show_view(self, view: str) -> None:
        """Display the panes of `view`, as it was left."""
        self._state.focused = self.focused_name
        self.view = view
        self._update_display()

    def set_room(self, room: Size) -> None:
        """Set the size of the grid, with the rows that the message line may take left out."""
        self._room = room
        self._update_display()

    def update_settings(self, settings: Settings) -> bool:
        """Display the panes that apply to `settings`; return whether `settings` are new."""
        if settings is self._settings:
            return False
        self._settings = settings
        self._applicable = frozenset(
            name for name, pane in self._panes.items() if pane.applies_to(settings)
        )
        self._update_display()
        return True

    def maximize(self, name: str) -> None:
        """Maximize the pane `name`, or display all again if it is empty."""
        self._state.maximized = name
        self._update_display()

    def show_pane(self, name: str, *, maximized: bool) -> None:
        """Display and mark the pane `name`, alone if `maximized`, in a view that has it.

        A traced step is left, since its panes display another example. A pane that does not apply
        to the run is not displayed.
        """
        self.marked_name = name
        if name not in self._applicable:
            return
        if self.view == STEP_VIEW or self.view not in PANES[name].views:
            self._state.focused = self.focused_name
            self.view = PANES[name].views[0]
        self._state.maximized = name if maximized else ""
        self._update_display()
        if name not in self.displayed_names:
            self._state.order = (name, *(other for other in self._state.order if other != name))
            self._update_display()

    def replace_pane(self) -> None:
        """Display the next pane without room instead of the focused one, or of the last one.

        In two columns that pane replaces one of its own column.
        """
        order = with_pane_first(
            self._names, self.displayed_names, self.focused_name, PANES, self._room.width
        )
        self._state.order = (*order, *(name for name in self._state.order if name not in order))
        self._update_display()

    @property
    def _state(self) -> ViewState:
        return self._states[self.view]

    @property
    def _names(self) -> tuple[str, ...]:
        """The panes of the view that apply to the run, in the order in which they get room."""
        return tuple(name for name in self._state.order if name in self._applicable)

    @property
    def maximized_name(self) -> str:
        """The maximized pane, if any."""
        return self._state.maximized if self._state.maximized in self._applicable else ""

    @property
    def first_name(self) -> str:
        """The pane that gets room first."""
        return self._names[0]

    @property
    def names_without_room(self) -> tuple[str, ...]:
        """The panes of the view that apply to the run and are not displayed."""
        return tuple(name for name in self._names if name not in self.displayed_names)

    @property
    def focused_name(self) -> str:
        """The displayed pane that has the focus, or whose contents have it, if any."""
        panes = {pane: name for name, pane in self._panes.items()}
        focused = self.screen.focused if self.is_attached else None
        ancestors = focused.ancestors_with_self if focused else ()
        return next((panes[node] for node in ancestors if node in panes), "")

    @property
    def focused_pane(self) -> Pane | None:
        return self._panes.get(self.focused_name)

    @property
    def last_focused(self) -> Widget | None:
        """The widget that had the focus when the view was left, if it is displayed."""
        name = self._state.focused
        return self.focus_target(name) if name in self.displayed_names else None

    def focus_target(self, name: str) -> Widget:
        """Return the widget of the pane `name` that takes the focus."""
        return self._panes[name].focus_target

    @property
    def displayed_panes(self) -> list[Pane]:
        return [self._panes[name] for name in self.displayed_names]

    @property
    def displayed_widgets(self) -> list[Widget]:
        """The displayed panes and their contents."""
        return [widget for pane in self.displayed_panes for widget in (pane, *pane.query("*"))]

    @property
    def displayed_analyses(self) -> tuple[str, ...]:
        """The analyses of the displayed panes, each once."""
        panes = self.displayed_panes
        return tuple(dict.fromkeys(analysis for pane in panes for analysis in pane.analyses))

    def _update_display(self) -> None:
        """Display the maximized pane, or those with room."""
        maximized = self.maximized_name
        shown = (maximized,) if maximized else panes_with_room(self._names, PANES, self._room)
        self.displayed_names = tuple(name for name in PANES if name in shown)
        for name, pane in self._panes.items():
            pane.display = name in shown
            pane.maximized = name == maximized
            pane.set_class(name == self.marked_name, "marked")
        if self.is_mounted:
            self._update_placeholder()

    def _update_placeholder(self) -> None:
        """Say so where the view has no pane for the run."""
        placeholder = self.query_one(TextBlock)
        placeholder.display = not self.displayed_names
        task = self._settings.task if self._settings else ""
        placeholder.set_text(f"The view {self.view} has no pane for {task}.")


def _initial_state(view: str) -> ViewState:
    names = [name for name, placement in PANES.items() if view in placement.views]
    return ViewState(tuple(sorted(names, key=lambda name: PANES[name].priority)))
