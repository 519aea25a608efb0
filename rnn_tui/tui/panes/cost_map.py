"""The cost over the two weights of the counting net, as a map to walk on."""

from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.run.optimizer_race import PUBLISHED_START
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import cost_map as drawing
from rnn_tui.tui.drawing import race_table as standings
from rnn_tui.tui.drawing.cost_map import MapLayout, Point
from rnn_tui.tui.drawing.heatmap import HeatMap
from rnn_tui.tui.panes.base import Pane, has_cost_surface
from rnn_tui.tui.widgets.text_block import TextBlock

REDRAW_INTERVAL_SECONDS = (
    0.5  # seconds between two maps of a run that goes on; keys are answered at once
)
INITIAL_CURSOR = (1.2, 1.2)  # where the tutorial checks its gradient
MIN_MAP_ROWS = 6  # of a map, however much there is to say below it
MIN_RACE_START_CELLS = 60  # cells from which the border says from where one races
MIN_KEY_ROWS = 20  # rows from which one says what the marks on the map are
SHIFT_STEP_CELLS = 5  # cells


@final
class CostMapPane(Pane, can_focus=True):
    """Draws the map; what is asked of the run goes up as messages."""

    pane_name = "surface"
    slot = "picture"
    title = "cost over (w_x, w_rec)"

    DEFAULT_CSS = """
    CostMapPane HeatMap { height: 1fr; }
    CostMapPane TextBlock { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{shift}{key}", f"move({right * cells}, {up * cells})", show=False)
            for shift, cells in (("", 1), ("shift+", SHIFT_STEP_CELLS))
            for key, right, up in (
                ("left", -1, 0),
                ("right", 1, 0),
                ("up", 0, 1),
                ("down", 0, -1),
            )
        ),
        Binding("z", "zoom", "Zoom"),
        Binding("x", "race", "Race"),
        Binding("enter", "place_model", "Put the net here"),
    ]

    zoomed = var(False)
    cursor: var[Point] = var(INITIAL_CURSOR)

    @dataclass
    class CursorMoved(Message):
        """The cursor is at another point."""

        wx: float
        wrec: float

    @dataclass
    class PointChosen(Message):
        """The net is to go on from this point."""

        wx: float
        wrec: float

    @dataclass
    class RaceRequested(Message):
        """The optimizers are to race from this point."""

        wx: float
        wrec: float

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return has_cost_surface(settings)

    def compose(self) -> ComposeResult:
        yield HeatMap()
        yield TextBlock(id="places")

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._layouts: tuple[MapLayout, ...] = ()

    @property
    def race_start(self) -> Point:
        """The published start, until the cursor is moved."""
        return PUBLISHED_START if self.cursor == INITIAL_CURSOR else self.cursor

    def watch_zoomed(self) -> None:
        if self.is_mounted:
            self.update_from(self.snapshot)

    def watch_cursor(self, cursor: Point) -> None:
        if self.is_mounted:
            self.update_from(self.snapshot)
            self.post_message(self.CursorMoved(*cursor))

    def update_from(self, snapshot: Snapshot) -> None:
        places, surface = self.query_one("#places", TextBlock), snapshot.cost_map
        if surface is None:
            self.set_titles(self.title, "")
            self.query_one(HeatMap).set_strips([])
            self._drawn_key, self._layouts = (), ()
            places.set_text("only the counting task's net, of two weights, has such a map")
            return
        width, height = self.content_size
        cursor = self.glyphs.cursor
        start = cursor if self.race_start == self.cursor else "(-1.5, 2)"
        race = f"x race from {start}" if width > MIN_RACE_START_CELLS else "x race"
        self.set_titles(
            self.title,
            f"{cursor} arrows · z zoom · {race} · {self.glyphs.enter_key} net to {cursor}",
        )
        room = height - drawing.FRAME_ROWS - MIN_MAP_ROWS
        table = standings.draw_table(surface, self.cursor, width, room, self.glyphs)
        if height >= MIN_KEY_ROWS:
            table = Content("\n").join([standings.draw_key(self.glyphs), table])
        places.set_text(table)
        urgent = (
            self.size,
            snapshot.status,
            self.zoomed,
            self.cursor,
            surface.race_results,
            surface.cost_surface,
        )
        if urgent == self._drawn_key and self.throttled(
            snapshot, self._drawn_at, REDRAW_INTERVAL_SECONDS
        ):
            return
        self._drawn_key, self._drawn_at = urgent, monotonic()
        self._layouts = drawing.map_layouts(
            width, height - table.plain.count("\n") - 1, zoomed=self.zoomed
        )
        self.query_one(HeatMap).set_strips(
            drawing.draw_maps(surface, self.cursor, self._layouts, int(self.zoomed), self.glyphs)
        )

    @property
    def _active_layout(self) -> MapLayout | None:
        """The map on which the cursor moves."""
        return (
            self._layouts[min(int(self.zoomed), len(self._layouts) - 1)] if self._layouts else None
        )

    def action_move(self, right: int, up: int) -> None:
        if self._active_layout:
            self.cursor = self._active_layout.moved(self.cursor, right, up)

    def action_zoom(self) -> None:
        self.zoomed = not self.zoomed

    def action_race(self) -> None:
        self.post_message(self.RaceRequested(*self.race_start))

    def action_place_model(self) -> None:
        self.post_message(self.PointChosen(*self.cursor))

    def on_click(self, event: Click) -> None:
        x, y = event.screen_offset - self.query_one(HeatMap).region.offset
        for shown in self._layouts:
            if shown.left <= x < shown.left + shown.columns and 1 <= y <= shown.rows:
                self.cursor = shown.point_at(y - 1, x - shown.left)
