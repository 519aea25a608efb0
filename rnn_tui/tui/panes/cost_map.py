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
from rnn_tui.tui.drawing.cost_map import Map, Point
from rnn_tui.tui.drawing.heatmap import HeatMap
from rnn_tui.tui.panes.base import Pane, two_weights_count
from rnn_tui.tui.widgets.text_block import Lines

REDRAW = 0.5  # seconds between two maps of a run that goes on; keys are answered at once
FIRST_CURSOR = (1.2, 1.2)  # where the tutorial checks its gradient
LEAST_ROWS = 6  # of a map, however much there is to say below it
ROOM_FOR_WORDS = 60  # cells from which the border says from where one races
AIRY = 20  # rows from which one says what the marks on the map are
FAR = 5  # cells


@final
class SurfacePane(Pane, can_focus=True):
    """Draws the map; what is asked of the run goes up as messages."""

    pane_name = "surface"
    place = "picture"
    title = "cost over (w_x, w_rec)"

    DEFAULT_CSS = """
    SurfacePane HeatMap { height: 1fr; }
    SurfacePane Lines { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{shift}{key}", f"move({right * cells}, {up * cells})", show=False)
            for shift, cells in (("", 1), ("shift+", FAR))
            for key, right, up in (
                ("left", -1, 0),
                ("right", 1, 0),
                ("up", 0, 1),
                ("down", 0, -1),
            )
        ),
        Binding("z", "zoom", "Zoom"),
        Binding("x", "race", "Race"),
        Binding("enter", "choose", "Put the net here"),
    ]

    zoomed = var(False)
    cursor: var[Point] = var(FIRST_CURSOR)

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
    class RaceAsked(Message):
        """The optimizers are to race from this point."""

        wx: float
        wrec: float

    @classmethod
    def suits(cls, settings: Settings) -> bool:
        return two_weights_count(settings)

    def compose(self) -> ComposeResult:
        yield HeatMap()
        yield Lines(id="places")

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._maps: tuple[Map, ...] = ()

    @property
    def race_start(self) -> Point:
        """The published start, until the cursor is moved."""
        return PUBLISHED_START if self.cursor == FIRST_CURSOR else self.cursor

    def watch_zoomed(self) -> None:
        if self.is_mounted:
            self.show(self.snapshot)

    def watch_cursor(self, cursor: Point) -> None:
        if self.is_mounted:
            self.show(self.snapshot)
            self.post_message(self.CursorMoved(*cursor))

    def show(self, snapshot: Snapshot) -> None:
        places, surface = self.query_one("#places", Lines), snapshot.surface
        if surface is None:
            self.label(self.title, "")
            self.query_one(HeatMap).show([])
            self._drawn, self._maps = (), ()
            places.say("only the counting task's net, of two weights, has such a map")
            return
        width, height = self.content_size
        cursor = self.look.cursor
        start = cursor if self.race_start == self.cursor else "(-1.5, 2)"
        race = f"x race from {start}" if width > ROOM_FOR_WORDS else "x race"
        self.label(
            self.title, f"{cursor} arrows · z zoom · {race} · {self.look.enter} net to {cursor}"
        )
        room = height - drawing.FRAME - LEAST_ROWS
        said = standings.table(surface, self.cursor, width, room, self.look)
        if height >= AIRY:
            said = Content("\n").join([standings.key(self.look), said])
        places.say(said)
        urgent = self.size, snapshot.status, self.zoomed, self.cursor, surface.race, surface.cost
        if urgent == self._drawn and self.early(snapshot, self._drawn_at, REDRAW):
            return
        self._drawn, self._drawn_at = urgent, monotonic()
        self._maps = drawing.maps(width, height - said.plain.count("\n") - 1, near=self.zoomed)
        self.query_one(HeatMap).show(
            drawing.chart(surface, self.cursor, self._maps, int(self.zoomed), self.look)
        )

    @property
    def _map(self) -> Map | None:
        """The map on which the cursor moves."""
        return self._maps[min(int(self.zoomed), len(self._maps) - 1)] if self._maps else None

    def action_move(self, right: int, up: int) -> None:
        if self._map:
            self.cursor = self._map.moved(self.cursor, right, up)

    def action_zoom(self) -> None:
        self.zoomed = not self.zoomed

    def action_race(self) -> None:
        self.post_message(self.RaceAsked(*self.race_start))

    def action_choose(self) -> None:
        self.post_message(self.PointChosen(*self.cursor))

    def on_click(self, event: Click) -> None:
        x, y = event.screen_offset - self.query_one(HeatMap).region.offset
        for shown in self._maps:
            if shown.left <= x < shown.left + shown.columns and 1 <= y <= shown.rows:
                self.cursor = shown.point(y - 1, x - shown.left)
