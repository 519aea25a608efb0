"""The base class of panes: a titled box that draws the snapshots bound to it."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, final

from textual.containers import Vertical
from textual.events import Click
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Static

from rnn_tui.analysis.step_trace import Place
from rnn_tui.config.settings import Settings
from rnn_tui.session.controller import Request
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot, Status
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet

# Between two plots, or two examples, of a run that is faster; figures are always up to date.
REDRAW_INTERVAL_SECONDS = 0.5
MAX_DRAWN_STEPS_PER_SECOND = 10.0  # of a running run; of a faster one not each is drawn
TITLE_FRAME_CELLS = 6  # cells of a border that no title can use
SUBTITLE_SEPARATOR = " · "
NO_COST_SURFACE = "only the linear model of counting-ones has a cost surface"
NO_EXAMPLE = "no example before the first step"


@final
class PaneHelp(NamedTuple):
    """The help of a pane: its contents, their formula, how to read it, and what not to infer."""

    shows: str
    formula: str
    reading: str
    caveat: str


class Pane(Vertical, can_focus=True):
    """A pane draws itself in `update_from`, for each new snapshot and each new size.

    Its views, its place on the screen and its sizes are in the table `PANES`. `short_title` names
    it in the tab line, and `analyses` are the names of the analyses that it displays.
    """

    title: ClassVar[str]
    short_title: ClassVar[str]
    help_text: ClassVar[PaneHelp]
    analyses: ClassVar[tuple[str, ...]] = ()
    weight_factor = 1  # by which its weight in the table is multiplied
    restore_key = "esc"  # shows the other panes while this one is maximized
    redraw_phase: ClassVar[float] = 0.0  # fraction of REDRAW_INTERVAL_SECONDS: panes take turns

    _drawn_view: tuple[object, ...] = ()
    _drawn_data: tuple[object, ...] = ()
    _drawn_at, _drawn_step = 0.0, 0
    _requests_handled = 0  # at the snapshot before

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)
    glyphs: var[GlyphSet] = var(BRAILLE)
    highlight: var[Place | None] = var[Place | None](None)  # of the term that the step pane selects
    maximized: var[bool] = var(False, init=False)

    @final
    class DoubleClicked(Message):
        """The pane, which has the focus, was clicked twice."""

    @final
    @dataclass
    class Requested(Message):
        """A key or a click in the pane requests `request`."""

        request: Request

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=f"pane {classes}")
        self.border_title = self.title

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if self.is_mounted and self.display:
            self.update_from(snapshot)
        self._requests_handled = snapshot.requests_handled

    def watch_highlight(self) -> None:
        self._update_if_displayed()

    def watch_maximized(self) -> None:
        self.call_after_refresh(self._update_if_displayed)  # at the new size

    def _update_if_displayed(self) -> None:
        self.watch_snapshot(self.snapshot)

    def on_resize(self) -> None:
        self.update_from(self.snapshot)

    @classmethod
    def applies_to(cls, _settings: Settings) -> bool:
        """Return whether the pane is shown for a run with these settings."""
        return True

    @abstractmethod
    def update_from(self, snapshot: Snapshot) -> None:
        """Draw what has changed in `snapshot`, at the current size."""

    @property
    def focus_target(self) -> Widget:
        """The widget that takes the focus of the pane."""
        return self

    def fit_height(self, width: int, rows: int) -> int:
        """Return how many of `rows` the pane uses, border included, at `width` cells."""
        return rows

    def on_click(self, event: Click) -> None:
        if event.chain == 2:
            self.post_message(self.DoubleClicked())

    def begin_redraw_if_due(self, view: tuple[object, ...], data: tuple[object, ...] = ()) -> bool:
        """Return whether to draw `data` in `view`, which are then taken to be drawn.

        A new view, such as another size, is drawn at once; new data of a fast run at most every
        REDRAW_INTERVAL_SECONDS, and not together with the effect of a key.
        """
        view = (*view, self.maximized, self.highlight)
        if view == self._drawn_view and (data == self._drawn_data or self._can_wait()):
            return False
        self._drawn_view, self._drawn_data = view, data
        self._drawn_at, self._drawn_step = self.snapshot.taken_at, self.snapshot.step
        return True

    def _can_wait(self) -> bool:
        """Return whether what is drawn is recent enough for the speed of the run."""
        snapshot = self.snapshot
        is_fast = snapshot.status is Status.RUNNING and snapshot.speed > MAX_DRAWN_STEPS_PER_SECOND
        if not is_fast or snapshot.step < self._drawn_step:
            return False
        phase = self.redraw_phase * REDRAW_INTERVAL_SECONDS
        times = self._drawn_at, snapshot.taken_at
        drawn, now = ((time + phase) // REDRAW_INTERVAL_SECONDS for time in times)
        is_answer = snapshot.requests_handled != self._requests_handled
        return now - drawn < (2 if is_answer else 1)

    def set_titles(self, title: str, subtitle: str) -> None:
        """Set the border's title, and as many parts of the subtitle as fit.

        A maximized pane has the key that restores the others as the first part. A new title
        redraws the whole border, so an unchanged one is not set.
        """
        if self.maximized:
            hint = f"{self.restore_key} shows all panes"
            subtitle = SUBTITLE_SEPARATOR.join(filter(None, (hint, subtitle)))
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
    """The part of a pane with a plot, redrawn by the pane when its size changes."""

    def on_resize(self) -> None:
        if isinstance(self.parent, Pane):
            self.parent.update_from(self.parent.snapshot)
