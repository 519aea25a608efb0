"""The frame of a lesson: its panel beside or below the panes, its keys, and how it is left."""

from typing import ClassVar, final

from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from rnn_tui.tui.lesson_panel import ChoiceList, LessonPanel, is_beside, is_compact, panel_size
from rnn_tui.tui.pane_grid import ChangeDisplay, PaneGrid
from rnn_tui.tui.panes import PANES, Pane
from rnn_tui.tui.screens.leave_lesson import LeaveLessonScreen
from rnn_tui.tui.views import VIEW_KEYS


@final
class LessonFrame(Container):
    """The panes of `grid` with the `panel` of a lesson; its pane is displayed for each page."""

    # A learner who presses the digit of an answer twice is not to land in another view.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"ignore_answer_key('{key}')", show=False) for key in VIEW_KEYS.values()
    ]

    @final
    class LessonLeft(Message):
        """The lesson is to be closed."""

    def __init__(self, grid: PaneGrid, panel: LessonPanel, change_display: ChangeDisplay) -> None:
        super().__init__(grid, panel, id="with-lesson")
        self._grid, self.panel, self._change_display = grid, panel, change_display
        self._window = Size()

    def set_window(self, window: Size) -> Size:
        """Lay out the panel for `window`; return the columns or rows that it takes."""
        self._window = window
        self.panel.set_window(window)
        self.set_class(is_beside(window), "-beside")
        return panel_size(window)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Leave digits to the views, but for the one of the answer just given."""
        return action != "ignore_answer_key" or parameters == (self.panel.answer_key,)

    def action_ignore_answer_key(self, _key: str) -> None:
        self.panel.ignore_answer_key()

    async def show_pane(self, name: str, *, is_asking: bool) -> None:
        """Display the pane of the page, alone in a low window; focus it, or the choices."""
        below = is_compact(self._window) and not is_beside(self._window)

        def focus_target() -> Widget | None:
            if is_asking:
                return self.query_one(ChoiceList)
            return self._grid.focus_target(name) if name in self._grid.displayed_names else None

        await self._change_display(
            lambda: self._grid.show_pane(name, maximized=below), focus_target
        )

    def act(self, action: str) -> None:
        """Act on the lesson; ask before leaving it, and after its last page."""
        if action != "leave":
            self.panel.act(action)
        if action == "leave" or self.panel.player.has_ended:
            self._confirm_leaving()

    def _confirm_leaving(self) -> None:
        def leave(is_confirmed: bool | None) -> None:
            if is_confirmed:
                self.screen.post_message(self.LessonLeft())  # the sender, from which it bubbles

        screen = LeaveLessonScreen(is_complete=self.panel.player.has_ended)
        self.app.push_screen(screen, leave)

    @property
    def asked_pane(self) -> Pane | None:
        """The pane of the page while its question has the focus."""
        pane = PANES.get(self.panel.player.page.pane)
        is_asking = isinstance(self.screen.focused, ChoiceList)
        return self._grid.query_one(pane.pane) if pane and is_asking else None

    @property
    def text(self) -> VerticalScroll:
        """The text of the lesson, which scrolls."""
        return self.panel.query_one(VerticalScroll)
