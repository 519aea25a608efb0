"""The cost map pane: the loss over the two weights of the linear counting model, with a cursor."""

from dataclasses import dataclass
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import SetWeights
from rnn_tui.run.optimizer_race import PUBLISHED_START
from rnn_tui.session.requests import Race
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import cost_map as drawing
from rnn_tui.tui.drawing import race_table
from rnn_tui.tui.drawing.cost_map import MapLayout, Point
from rnn_tui.tui.panes.base import NO_COST_SURFACE, Pane, PaneHelp
from rnn_tui.tui.widgets.heatmap import HeatMap
from rnn_tui.tui.widgets.text_block import TextBlock

INITIAL_CURSOR = (1.2, 1.2)  # (w_x, w_rec) of the tutorial's gradient check
MIN_MAP_ROWS = 6
MIN_RACE_START_CELLS = 60  # width from which the border names the start of the race
MIN_KEY_ROWS = 20  # height from which the key to the marks is shown
SHIFT_STEP_CELLS = 5


@final
class CostMapPane(Pane):
    """Draws the map; posts a message for each action on the cursor or the run."""

    title = "loss over (w_x, w_rec)"
    short_title = "cost map"
    help_text = PaneHelp(
        shows="The loss over both weights of the linear model, the path of the run, and a table "
        "of points. Arrows or a click move the cursor, z zooms, x races five optimizers, and enter "
        "sets the weights to those of the cursor: here Z maximizes, or a double click.",
        formula="ξ(w_x, w_rec) = mean over the data of (y − ŷ)², with s_k = x_k w_x + s_(k−1) "
        "w_rec and ŷ = s_n. The colours have a logarithmic scale.",
        reading="Follow the narrow valley to the minimum + at (1, 1); beyond |w_rec| = 1 the loss "
        "and its gradient explode, below it they vanish.",
        caveat="Only this model has two weights: the surface of a larger model cannot be plotted.",
    )

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
        Binding("enter", "place_model", "Set the weights"),
    ]

    zoomed = var(False)
    cursor: var[Point] = var(INITIAL_CURSOR)

    @dataclass
    class CursorMoved(Message):
        """The cursor was moved."""

        wx: float
        wrec: float

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return settings.has_cost_surface

    def compose(self) -> ComposeResult:
        yield HeatMap()
        yield TextBlock(id="table")

    def on_mount(self) -> None:
        self._layouts: tuple[MapLayout, ...] = ()

    @property
    def race_start(self) -> Point:
        """The start of a race: the published one until the cursor is moved."""
        return PUBLISHED_START if self.cursor == INITIAL_CURSOR else self.cursor

    def watch_zoomed(self) -> None:
        if self.is_mounted:
            self.update_from(self.snapshot)

    def watch_cursor(self, cursor: Point) -> None:
        if self.is_mounted:
            self.update_from(self.snapshot)
            self.post_message(self.CursorMoved(*cursor))

    def update_from(self, snapshot: Snapshot) -> None:
        table_block, surface = self.query_one("#table", TextBlock), snapshot.cost_map
        if surface is None:
            self.set_titles(self.title, "")
            self.query_one(HeatMap).set_strips([])
            self._drawn_view, self._layouts = (), ()
            table_block.set_text(NO_COST_SURFACE)
            return
        width, height = self.content_size
        cursor = self.glyphs.cursor
        start = cursor if self.race_start == self.cursor else "(-1.5, 2)"
        race = f"x race from {start}" if width > MIN_RACE_START_CELLS else "x race"
        self.set_titles(
            self.title,
            f"{cursor} arrows · z zoom · {race} · {self.glyphs.enter_key} model to {cursor}",
        )
        room = height - drawing.FRAME_ROWS - MIN_MAP_ROWS
        table = race_table.draw_table(surface, self.cursor, width, room, self.glyphs)
        if height >= MIN_KEY_ROWS:
            table = Content("\n").join([race_table.draw_key(self.glyphs), table])
        table_block.set_text(table)
        view = (
            self.size,
            snapshot.status,
            self.zoomed,
            self.cursor,
            surface.race_results,
            surface.cost_surface,
        )
        if not self.begin_redraw_if_due(view, (snapshot,)):
            return
        self._layouts = drawing.map_layouts(
            width, height - table.plain.count("\n") - 1, zoomed=self.zoomed
        )
        self.query_one(HeatMap).set_strips(
            drawing.draw_maps(surface, self.cursor, self._layouts, int(self.zoomed), self.glyphs)
        )

    @property
    def _active_layout(self) -> MapLayout | None:
        """The map of the cursor."""
        return (
            self._layouts[min(int(self.zoomed), len(self._layouts) - 1)] if self._layouts else None
        )

    def action_move(self, right: int, up: int) -> None:
        if self._active_layout:
            self.cursor = self._active_layout.moved(self.cursor, right, up)

    def action_zoom(self) -> None:
        self.zoomed = not self.zoomed

    def action_race(self) -> None:
        self.post_message(self.Requested(Race(self.race_start)))

    def action_place_model(self) -> None:
        self.post_message(self.Requested(SetWeights(self.cursor)))

    def on_click(self, event: Click) -> None:
        x, y = event.screen_offset - self.query_one(HeatMap).region.offset
        for layout in self._layouts:
            if layout.left <= x < layout.left + layout.columns and 1 <= y <= layout.rows:
                self.cursor = layout.point_at(y - 1, x - layout.left)
