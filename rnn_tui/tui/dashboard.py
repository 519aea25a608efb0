"""The main screen: binds snapshots to the panes, and sends requests for keys."""

from collections.abc import Callable
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key, ScreenResume
from textual.geometry import Size
from textual.reactive import Reactive, var
from textual.widget import Widget
from textual.widgets import Input, Select

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.settings import Settings
from rnn_tui.lessons.lesson import Lesson
from rnn_tui.lessons.player import LessonPlayer
from rnn_tui.session.commands import RUN_COMMANDS_BY_NAME
from rnn_tui.session.requests import Export, PinExample
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.worker import SnapshotSource
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.compare_view import CompareView
from rnn_tui.tui.controls import Controls
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet, glyphs_for
from rnn_tui.tui.drawing.lesson import LESSON_ACTIONS
from rnn_tui.tui.key_queue import wait_until_handled
from rnn_tui.tui.lesson_frame import LessonFrame
from rnn_tui.tui.lesson_panel import LessonPanel, is_compact
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import (
    ComparePane,
    CostMapPane,
    GradientPathsPane,
    LossPane,
    Pane,
    StepTracePane,
)
from rnn_tui.tui.plain_text import pane_lines, screen_lines
from rnn_tui.tui.screens.breakpoints import BreakpointsScreen
from rnn_tui.tui.screens.dialogs import (
    AboutScreen,
    ChangeScreen,
    ExampleScreen,
    GotoStepScreen,
    HelpScreen,
    PaneHelpScreen,
)
from rnn_tui.tui.session_screen import SessionScreen
from rnn_tui.tui.status_rows import StatusRows
from rnn_tui.tui.step_view import StepView
from rnn_tui.tui.widgets.text_block import TextBlock

MIN_ROWS = 20  # of the window
MAX_MESSAGE_ROWS = 2  # in windows with more than `MIN_ROWS`
CONTROLS_IN_ONE_ROW_CELLS = 150


@final
class Dashboard(SessionScreen):
    """Displays the run of `worker`, at first in `view`, if given.

    `hint` is the message until there is another one. With a `lesson` its panel stands beside the
    panes, and plays it on the run from `page` on.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *(command.binding for command in COMMANDS),
        *(
            Binding(key, f"lesson('{action}')", show=False)
            for action, key in LESSON_ACTIONS.items()
        ),
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Screen declares it
        (0, "-tiny"),
        (60, "-narrow"),
        (80, "-normal"),
        (112, "-wide"),
        (CONTROLS_IN_ONE_ROW_CELLS, "-broad"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as Screen declares it
        (0, "-flat"),
        (MIN_ROWS, "-low"),
        (30, "-tall"),
        (38, "-high"),
    ]

    focused = Reactive[Widget | None](None, repaint=False)  # styles repaint what has changed
    glyphs: var[GlyphSet] = var(BRAILLE)
    lists_recorded_runs = True  # in the compare view; not in a recording of the screen
    displayed_analyses: var[tuple[str, ...]] = var(())  # of the displayed panes

    def __init__(
        self,
        worker: SnapshotSource,
        appearance: Appearance,
        view: str = "",
        hint: str = "",
        lesson: Lesson | None = None,
        page: int = 1,
    ) -> None:
        super().__init__(worker, appearance)
        self._grid = PaneGrid(restore_key="Z" if lesson else "esc")
        self._status_rows = StatusRows(self._grid, hint)
        self._compare_view = CompareView(self._grid, self._change_display)
        self._step_view = StepView(self._grid, self.send, self._change_display)
        self._lesson: LessonFrame | None = None
        if lesson:
            panel = LessonPanel(LessonPlayer(lesson, self.send), page)
            self._lesson = LessonFrame(self._grid, panel, self._change_display)
        self._first_view = view

    def compose(self) -> ComposeResult:
        self._set_breakpoint_classes(self.app.size)
        self.glyphs = glyphs_for(self.appearance, self.app.console.color_system)
        yield self._status_rows.headline
        yield Controls(id="controls").data_bind(Dashboard.snapshot)
        yield self._status_rows.message
        yield self._status_rows.tabs
        self._grid.data_bind(Dashboard.snapshot, Dashboard.glyphs)
        yield self._lesson or self._grid
        yield TextBlock("too-small")
        yield self._status_rows.keys

    def _set_breakpoint_classes(self, size: Size) -> None:
        """Set the classes of the window before its widgets get styles, which depend on them."""
        classes = self._get_breakpoint_classes
        self.add_class(*classes(size.width, self.HORIZONTAL_BREAKPOINTS), update=False)
        self.add_class(*classes(size.height, self.VERTICAL_BREAKPOINTS), update=False)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.query("*").refresh())
        self.start_polling()
        if self._first_view:
            self.call_after_refresh(self.action_show_view, self._first_view)
        if self._lesson:
            self._lesson.panel.begin()

    def on_resize(self) -> None:
        self.query_one("#too-small", TextBlock).set_text(
            f"rnn-tui needs 60 columns and {MIN_ROWS} rows; the window has {self.size.width} and "
            f"{self.size.height}. Training continues."
        )
        room = Size(self.size.width, self.size.height - self._rows_beside_panes)
        if self._lesson:
            room -= self._lesson.set_window(self.size)
        self._grid.set_room(room)
        self._display_changed()
        self._update_status(self.snapshot)

    @property
    def _max_message_rows(self) -> int:
        is_low = is_compact(self.size) if self._lesson else self.size.height <= MIN_ROWS
        return 1 if is_low else MAX_MESSAGE_ROWS

    @property
    def _rows_beside_panes(self) -> int:
        """The rows of the headline, the controls, the message, the tab line and the keys."""
        controls = 1 if self.size.width >= CONTROLS_IN_ONE_ROW_CELLS else 2
        return 1 + controls + self._max_message_rows + 1 + 1

    def on_screen_suspend(self) -> None:
        self.update_hold()
        self._update_status(self.snapshot)

    def on_screen_resume(self, event: ScreenResume) -> None:
        event.refresh_styles = False  # styled when it was new, and by each change of the theme
        self.update_hold()
        self._update_status(self.snapshot)

    def watch_displayed_analyses(self, names: tuple[str, ...]) -> None:
        self.worker.display_analyses(tuple(sorted(names)))

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if isinstance(self.app.screen, BreakpointsScreen) and self.app.screen.is_mounted:
            self.app.screen.show(snapshot)
        self._update_panes(snapshot.settings)
        self._update_status(snapshot)
        if self._lesson:
            self._lesson.panel.update_from(snapshot)

    def _update_panes(self, settings: Settings) -> None:
        """Show the panes that apply to the run, and focus the cost map if there is one."""
        if self._grid.update_settings(settings):
            self._display_changed()

    def _display_changed(self) -> None:
        """Update the tab line and the focus for the displayed panes."""
        self._status_rows.update_tabs(self.size.width)
        focused = self.focused
        if focused is None or not focused.display or focused is self.query_one(CostMapPane):
            self.set_focus(None)
        self.displayed_analyses = self._grid.displayed_analyses

    def _update_status(self, snapshot: Snapshot) -> None:
        self._status_rows.update(
            snapshot,
            self.requests_sent,
            self.size.width,
            self._max_message_rows,
            shows_keys=self.is_active,
        )

    def on_pane_requested(self, event: Pane.Requested) -> None:
        self.send(event.request)

    def on_controls_requested(self, event: Controls.Requested) -> None:
        self.send(event.request)
        self.set_focus(None)

    def action_request(self, name: str) -> None:
        """Send the request of the command `name`; an export includes the screen."""
        request = RUN_COMMANDS_BY_NAME[name].make_request()
        if isinstance(request, Export):
            request = Export(request.folder, self.app.export_screenshot(), self.snapshot.step)
        self.send(request)

    def action_focus_control(self, control: str) -> None:
        field = self.query_one(f"#{control}", Input)
        field.focus()
        field.select_all()

    def action_toggle_window(self) -> None:
        loss = self.query_one(LossPane)
        loss.shows_full_run = not loss.shows_full_run

    def action_predict(self) -> None:
        self.open_dialog(lambda: ExampleScreen(self.snapshot.settings.make_task()), PinExample)

    async def action_compare(self) -> None:
        """Show the compare view and focus its table, or go back to the view before it."""
        await self._compare_view.toggle()

    def on_compare_pane_selection_changed(self, event: ComparePane.SelectionChanged) -> None:
        self.query_one(LossPane).overlay_selection = event.selection

    def on_compare_pane_recorded_runs_requested(self) -> None:
        if self.lists_recorded_runs:
            names = {summary.name for summary in self.snapshot.summaries}
            self._compare_view.list_recorded_runs(names)
        else:
            self.query_one(ComparePane).show_recorded_runs([])

    def action_seek(self) -> None:
        self.open_dialog(lambda: GotoStepScreen(lambda: self.snapshot.latest_step))

    def action_edit_hyperparameter(self) -> None:
        """Open the dialog for the optimizer's first hyperparameter, or else its learning rate."""

        def make_dialog() -> ChangeScreen:
            settings = self.snapshot.settings
            name = [*settings.hyperparameters, "lr"][0].replace("_", "-")
            return ChangeScreen(settings, f"{name}=")

        self.open_dialog(make_dialog)

    def action_change(self) -> None:
        self.open_change_dialog("")

    def action_breakpoints(self) -> None:
        self.open_dialog(lambda: BreakpointsScreen(self.snapshot, self.send))

    def open_change_dialog(self, typed: str) -> None:
        """Open the dialog for any change, with the text `typed`."""
        self.open_dialog(lambda: ChangeScreen(self.snapshot.settings, typed))

    def on_cost_map_pane_cursor_moved(self, event: CostMapPane.CursorMoved) -> None:
        self.query_one(GradientPathsPane).cursor = event.wx, event.wrec

    async def action_next_stop(self) -> None:
        """Trace the next step in a view of its own; there, go to its next stop or train it."""
        await self._step_view.go_to_next_stop(self.snapshot)

    async def action_previous_stop(self) -> None:
        """Go to the previous stop of the trace, if there is one."""
        await self._step_view.go_to_previous_stop(self.snapshot.step_trace)

    def on_step_trace_pane_term_drawn(self, event: StepTracePane.TermDrawn) -> None:
        self._step_view.highlight(event.place)

    async def on_lesson_panel_pane_requested(self, event: LessonPanel.PaneRequested) -> None:
        if self._lesson:
            await self._lesson.show_pane(event.name, is_asking=event.is_asking)

    def action_lesson(self, action: str) -> None:
        """Act on the lesson, if there is one."""
        if self._lesson:
            self._lesson.act(action)

    @property
    def is_playing_ahead(self) -> bool:
        """Whether a lesson plays to the page with which it is to begin."""
        return self._lesson is not None and self._lesson.panel.player.is_playing_ahead

    def key_pageup(self) -> None:
        """Scroll the text of the lesson, if there is one."""
        if self._lesson:
            self._lesson.text.scroll_page_up(animate=False)

    def key_pagedown(self) -> None:
        """Scroll the text of the lesson, if there is one."""
        if self._lesson:
            self._lesson.text.scroll_page_down(animate=False)

    async def action_show_view(self, view: str) -> None:
        """Show `view` as it was left, with the pane that had the focus."""
        grid = self._grid
        await self._change_display(lambda: grid.show_view(view), lambda: grid.last_focused)

    async def action_toggle_maximized(self) -> None:
        """Maximize the focused pane, or else the first one; or display all again."""
        grid = self._grid
        if grid.maximized_name:
            await self._change_display(lambda: grid.maximize(""), lambda: self.focused)
        elif name := grid.focused_name or "".join(grid.displayed_names[:1]):
            await self._change_display(lambda: grid.maximize(name), lambda: grid.focus_target(name))

    async def on_pane_double_clicked(self) -> None:
        await self.action_toggle_maximized()

    async def action_replace_pane(self) -> None:
        """Show the next pane without room instead of the focused or the last one."""
        grid = self._grid
        if grid.names_without_room and not grid.maximized_name:
            await self._change_display(
                grid.replace_pane, lambda: grid.focus_target(grid.first_name)
            )

    async def action_reset_view(self) -> None:
        await self._change_display(self._grid.reset_view, lambda: None)

    async def _change_display(
        self, change: Callable[[], object], to_focus: Callable[[], Widget | None]
    ) -> None:
        """Change which panes are displayed, and the focus, in one update of the screen.

        They are laid out and drawn at their new sizes before anything is painted.
        """
        grid = self._grid
        was_tracing = self._step_view.is_open
        panes = {*grid.displayed_panes}
        with self.single_update():
            change()
            if was_tracing and not self._step_view.is_open:
                self._step_view.end_trace()
            self.set_focus(to_focus(), scroll_visible=False)  # a lesson scrolls by itself
            self._display_changed()
            self._update_status(self.snapshot)  # shows the accuracy while its pane is hidden
            for pane in panes ^ {*grid.displayed_panes}:
                await wait_until_handled(pane)
            self._layout_required = False  # as panes were shown or hidden: done next
            self._refresh_layout()
            for widget in grid.displayed_widgets:
                await wait_until_handled(widget)
        if self._layout_required:  # rows of text have become more or fewer
            self._layout_required = False
            self._refresh_layout()
        else:
            self._compositor_refresh()

    def action_copy(self) -> None:
        """Send the text of the focused pane, or of the screen, to the terminal's clipboard."""
        if pane := self._grid.focused_pane:
            lines, name = pane_lines(pane), pane.short_title
        else:
            lines, name = screen_lines(self), "the screen"
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        message = f"copied {len(lines)} lines of {name}: sent to the terminal's clipboard (OSC 52)"
        self._status_rows.set_message(message, self.snapshot, self.requests_sent)
        self._update_status(self.snapshot)

    def action_about(self) -> None:
        self.open_dialog(lambda: AboutScreen(self.snapshot.settings, self.glyphs))

    def action_help(self) -> None:
        """Show the help of the focused pane, of that which a question is about, or of all keys."""

        def push_all_keys(wanted: bool | None) -> None:
            if wanted:
                self.app.push_screen(HelpScreen())

        pane = self._grid.focused_pane or (self._lesson and self._lesson.asked_pane)
        if pane:
            screen = PaneHelpScreen(pane.title, pane.help_text)
            self.app.push_screen(screen, push_all_keys)
        else:
            push_all_keys(True)

    def action_quit_run(self) -> None:
        self.app.exit()

    async def key_escape(self, event: Key) -> None:
        """Leave a control, the trace or a lesson; or show all panes; or leave the focused pane."""
        grid = self._grid
        if isinstance(self.focused, Input | Select):
            self.set_focus(None)
        elif self._step_view.is_open and not grid.maximized_name:
            await self.action_show_view(self._step_view.view_before)
        elif self._step_view.is_open:
            await self.action_toggle_maximized()
        elif self._lesson:
            event.stop()  # else it would close the dialog that this opens
            self.action_lesson("leave")
        elif grid.maximized_name and (self.focused is None or grid.focused_name):
            await self.action_toggle_maximized()
        else:
            self.set_focus(None)

    @property
    def focus_chain(self) -> list[Widget]:
        """The panes, then the controls."""
        controls = self.query_one(Controls)
        return sorted(super().focus_chain, key=lambda widget: controls in widget.ancestors)

    def set_focus(
        self,
        widget: Widget | None,
        scroll_visible: bool = True,
        from_app_focus: bool = False,
    ) -> None:
        """Focus `widget`; instead of None the cost map, if it is displayed."""
        surface = self.query_one(CostMapPane)
        if widget is None and surface.display:
            widget = surface
        super().set_focus(widget, scroll_visible, from_app_focus)
