"""The main screen: binds snapshots to the panes, and sends requests for keys."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.events import Key
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Select
from textual.worker import get_current_worker

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.settings import Settings
from rnn_tui.lessons.lesson import Lesson
from rnn_tui.lessons.player import LessonPlayer
from rnn_tui.recording.earlier_runs import EarlierRun, EarlierRunReader
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.run.changes import SetWeights
from rnn_tui.session.commands import RUN_COMMANDS_BY_NAME
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import (
    DisplayTracedExample,
    Export,
    HoldTraining,
    LeaveTrace,
    OpenSibling,
    PinExample,
    Race,
    Step,
    TraceStep,
)
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot, Status
from rnn_tui.session.worker import SnapshotSource
from rnn_tui.text.ascii import printable
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.controls import Controls
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.glyphs import BRAILLE, glyphs_for
from rnn_tui.tui.drawing.glyphs import GlyphSet as Glyphs
from rnn_tui.tui.drawing.lesson import LESSON_ACTIONS
from rnn_tui.tui.key_line import key_line
from rnn_tui.tui.key_queue import wait_until_handled
from rnn_tui.tui.lesson_panel import ChoiceList, LessonPanel, is_beside, is_compact, panel_size
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import (
    PANES,
    VIEWS,
    AccuracyPane,
    BitGridPane,
    ComparePane,
    CostMapPane,
    GradientPathsPane,
    LossPane,
    MachinePane,
    Pane,
    SeedsPane,
    StepTracePane,
)
from rnn_tui.tui.plain_text import pane_lines, screen_lines
from rnn_tui.tui.screens.breakpoints import BreakpointsScreen
from rnn_tui.tui.screens.dialogs import (
    AboutScreen,
    ChangeScreen,
    Dialog,
    ExampleScreen,
    GotoStepScreen,
    HelpScreen,
    PaneHelpScreen,
)
from rnn_tui.tui.screens.leave_lesson import LeaveLessonScreen
from rnn_tui.tui.tab_line import tab_line
from rnn_tui.tui.terminal.compositor import DirtyRegionCompositor
from rnn_tui.tui.views import STEP_VIEW
from rnn_tui.tui.widgets.text_block import TextBlock

POLL_INTERVAL_SECONDS = 0.004  # while a request is being handled
MIN_ROWS = 20  # of the window
MAX_MESSAGE_ROWS = 2  # in windows with more than `MIN_ROWS`
CONTROLS_IN_ONE_ROW_CELLS = 150
COMPARE_VIEW = "compare"  # and the name of its table
STEP_TRACE_PANE = "step-trace"


@final
class Dashboard(Screen[None]):
    """Polls `worker` for snapshots, and sends it requests; shows `view` at first, if given.

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

    @final
    class LessonLeft(Message):
        """The lesson is to be closed."""

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)
    glyphs: var[Glyphs] = var(BRAILLE)
    lists_earlier_runs = True
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
        super().__init__()
        self._compositor = DirtyRegionCompositor()
        self._lesson_panel = LessonPanel(LessonPlayer(lesson, self.send), page) if lesson else None
        self.worker, self.appearance, self._first_view = worker, appearance, view
        self._hint = hint
        self._requests_sent = 0
        self._held = False  # training, while a dialog is open
        self._dialog_request = 0  # a dialog opens once so many requests are handled
        self._push_dialog: Callable[[], None] | None = None  # opens that dialog
        self._own_message = "", "", 0  # with the message and number of requests before it
        self._compared_from = self._traced_from = ""  # the view before comparing, or tracing
        self._earlier_run_reader = EarlierRunReader()

    def compose(self) -> ComposeResult:
        self.glyphs = glyphs_for(self.appearance, self.app.console.color_system)
        yield TextBlock("headline")
        yield Controls(id="controls").data_bind(Dashboard.snapshot)
        yield TextBlock("notice")
        yield TextBlock("tabs")
        grid = PaneGrid(restore_key="Z" if self._lesson_panel else "esc")
        grid.data_bind(Dashboard.snapshot, Dashboard.glyphs)
        if self._lesson_panel:
            yield Container(grid, self._lesson_panel, id="with-lesson")
        else:
            yield grid
        yield TextBlock("too-small")
        yield TextBlock("keys")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.query("*").refresh())
        self.worker.start()
        self.set_interval(1 / self.appearance.fps, self.poll)
        self._poll_timer = self.set_interval(POLL_INTERVAL_SECONDS, self.poll, pause=True)
        self.poll()
        if self._first_view:
            self.call_after_refresh(self.action_show_view, self._first_view)
        if self._lesson_panel:
            self._lesson_panel.begin()

    def on_resize(self) -> None:
        self.query_one("#too-small", TextBlock).set_text(
            f"rnn-tui needs 60 columns and {MIN_ROWS} rows; the window has {self.size.width} and "
            f"{self.size.height}. Training continues."
        )
        room = Size(self.size.width, self.size.height - self._rows_beside_panes)
        if self._lesson_panel:
            self._lesson_panel.set_window(self.size)
            self.set_class(is_beside(self.size), "-lesson-beside")
            room -= panel_size(self.size)
        self.query_one(PaneGrid).set_room(room)
        self._display_changed()
        self._update_status(self.snapshot)

    @property
    def _max_message_rows(self) -> int:
        is_low = self.size.height <= MIN_ROWS
        if self._lesson_panel:
            is_low = is_compact(self.size)
        return 1 if is_low else MAX_MESSAGE_ROWS

    @property
    def _rows_beside_panes(self) -> int:
        """The rows of the headline, the controls, the message, the tab line and the keys."""
        controls = 1 if self.size.width >= CONTROLS_IN_ONE_ROW_CELLS else 2
        return 1 + controls + self._max_message_rows + 1 + 1

    def on_screen_suspend(self) -> None:
        self._hold_training()
        self._update_status(self.snapshot)

    def on_screen_resume(self) -> None:
        self._hold_training()
        self._update_status(self.snapshot)

    def _hold_training(self) -> None:
        """Hold training below another dashboard, and below a dialog if that is chosen."""
        screens = self.app.screen_stack
        above = screens[screens.index(self) + 1 :] if self in screens else []
        is_below_dashboard = any(isinstance(screen, Dashboard) for screen in above)
        held = is_below_dashboard or (self.appearance.dialogs_pause and bool(above))
        if held is not self._held:
            self._held = held
            self.send(HoldTraining(held))

    def poll(self) -> None:
        """Show the latest snapshot, unless it is older than the latest request."""
        snapshot = self.worker.latest_snapshot()
        if snapshot.requests_handled < self._requests_sent and snapshot.status is not Status.FAILED:
            return  # older than the latest key: would briefly revert its effect
        self._poll_timer.pause()
        if snapshot is not self.snapshot:
            if snapshot.exported != self.snapshot.exported:
                self.app.notify(words.export_lines(snapshot), title="exported files", markup=False)
            if snapshot.warning not in ("", self.snapshot.warning):
                self.app.notify(
                    printable(snapshot.warning), severity="warning", markup=False, timeout=10
                )
            with self.app.batch_update():
                self.snapshot = snapshot
        self._push_pending_dialog()

    def toggle_dialogs_pause(self) -> None:
        """Hold training while a dialog is open from now on, or no longer."""
        pauses = not self.appearance.dialogs_pause
        self.appearance = replace(self.appearance, dialogs_pause=pauses)
        effect = "hold training while open" if pauses else "no longer hold training"
        self.app.notify(f"dialogs {effect}", markup=False)

    def watch_displayed_analyses(self, names: frozenset[str]) -> None:
        self.worker.display_analyses(tuple(sorted(names)))

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if isinstance(self.app.screen, BreakpointsScreen) and self.app.screen.is_mounted:
            self.app.screen.show(snapshot)
        self._update_panes(snapshot.settings)
        self._update_status(snapshot)
        if self._lesson_panel:
            self._lesson_panel.update_from(snapshot)

    def _update_panes(self, settings: Settings) -> None:
        """Show the panes that apply to the run, and focus the cost map if there is one."""
        if self.query_one(PaneGrid).update_settings(settings):
            self._display_changed()

    def _display_changed(self) -> None:
        """Update the tab line and the focus for the displayed panes."""
        self._update_tab_line()
        focused = self.focused
        if focused is None or not focused.display or focused is self.query_one(CostMapPane):
            self.set_focus(None)
        self.displayed_analyses = self.query_one(PaneGrid).displayed_analyses

    def _update_tab_line(self) -> None:
        grid = self.query_one(PaneGrid)
        names = [PANES[name].pane.short_title for name in grid.names_without_room]
        restore_key = grid.restore_key if grid.maximized_name else ""
        self.query_one("#tabs", TextBlock).set_text(
            tab_line(self.size.width, grid.view, names, restore_key=restore_key)
        )

    def _update_status(self, snapshot: Snapshot) -> None:
        own_message, *before = self._own_message
        if own_message and before == [snapshot.message, self._requests_sent]:
            snapshot = replace(snapshot, message=own_message)
        self.query_one("#headline", TextBlock).set_text(words.header(snapshot, self.size.width))
        accuracy_hidden = not self.query_one(AccuracyPane).display
        bits = BitGridPane.applies_to(snapshot.settings)
        message = words.message_lines(
            snapshot,
            self.size.width - 2,
            self._max_message_rows,
            with_accuracy=accuracy_hidden,
            with_bits=bits,
            hint=self._hint,
        )
        self.query_one("#notice", TextBlock).set_text(message)
        running = snapshot.status is Status.RUNNING
        keys = key_line(self.size.width, is_running=running) if self.is_active else ""
        self.query_one("#keys", TextBlock).set_text(keys)

    @property
    def dialog_pending(self) -> bool:
        """Whether a dialog opens once the requests so far are handled."""
        return (
            self._push_dialog is not None  # a dashboard that is not composed has no snapshot
            and self.snapshot.requests_handled < self._dialog_request
            and self.snapshot.status is not Status.FAILED
        )

    def send(self, request: Request) -> None:
        """Send `request`, and poll for the result sooner than at the next frame."""
        self._requests_sent += 1
        self.worker.send(request)
        self.worker.latest_snapshot()
        self._poll_timer.resume()

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
        self._open_dialog(lambda: ExampleScreen(self.snapshot.settings.make_task()), PinExample)

    async def action_compare(self) -> None:
        """Show the view of comparing and focus its table, or go back to the view before it."""
        grid = self.query_one(PaneGrid)
        if grid.view == COMPARE_VIEW and grid.focused_name == COMPARE_VIEW:
            await self.action_show_view(self._compared_from or next(iter(VIEWS)))
            return
        self._compared_from = "" if grid.view == COMPARE_VIEW else grid.view
        await self._change_display(
            lambda: grid.show_view(COMPARE_VIEW), lambda: grid.focus_target(COMPARE_VIEW)
        )

    def on_compare_pane_selection_changed(self, event: ComparePane.SelectionChanged) -> None:
        self.query_one(LossPane).overlay_selection = event.selection

    def on_compare_pane_earlier_runs_requested(self) -> None:
        if not self.lists_earlier_runs:
            self.query_one(ComparePane).show_earlier_runs([])
            return
        names = {summary.name for summary in self.snapshot.summaries}
        read = partial(self._read_earlier_runs, names)
        self.run_worker(read, group="earlier runs", thread=True, exclusive=True)

    def _read_earlier_runs(self, session_names: set[str]) -> None:
        """Read the earlier runs, in a thread of its own."""
        worker, runs = get_current_worker(), list[EarlierRun]()
        for run in self._earlier_run_reader.read(state_folder(os.environ), session_names):
            if worker.is_cancelled:
                return
            runs.append(run)
        compare = self.query_one(ComparePane)
        compare.call_later(compare.show_earlier_runs, runs)

    def action_seek(self) -> None:
        self._open_dialog(lambda: GotoStepScreen(lambda: self.snapshot.latest_step))

    def action_edit_hyperparameter(self) -> None:
        """Open the dialog for the optimizer's first hyperparameter, or else its learning rate."""

        def make_dialog() -> ChangeScreen:
            settings = self.snapshot.settings
            name = [*settings.hyperparameters, "lr"][0].replace("_", "-")
            return ChangeScreen(settings, f"{name}=")

        self._open_dialog(make_dialog)

    def action_change(self) -> None:
        self.open_change_dialog("")

    def action_breakpoints(self) -> None:
        self._open_dialog(lambda: BreakpointsScreen(self.snapshot, self.send))

    def open_change_dialog(self, typed: str) -> None:
        """Open the dialog for any change, with the text `typed`."""
        self._open_dialog(lambda: ChangeScreen(self.snapshot.settings, typed))

    def _open_dialog(
        self,
        make_dialog: Callable[[], Dialog[Any]],
        to_request: Callable[[Any], Request] = lambda result: result,
    ) -> None:
        """Open a dialog on the state after all requests so far; its result becomes a request."""

        def send_result(result: Any) -> None:
            if result is not None:
                self.send(to_request(result))

        def push() -> None:
            self.app.push_screen(make_dialog(), send_result)

        self._dialog_request, self._push_dialog = self._requests_sent, push
        self._push_pending_dialog()

    def _push_pending_dialog(self) -> None:
        if self._push_dialog and not self.dialog_pending:
            push, self._push_dialog = self._push_dialog, None
            push()

    def on_cost_map_pane_point_chosen(self, event: CostMapPane.PointChosen) -> None:
        self.send(SetWeights((event.wx, event.wrec)))

    def on_cost_map_pane_race_requested(self, event: CostMapPane.RaceRequested) -> None:
        self.send(Race((event.wx, event.wrec)))

    def on_machine_pane_pin_requested(self, event: MachinePane.PinRequested) -> None:
        self.send(PinExample(event.input_text))

    def on_seeds_pane_open_requested(self, event: SeedsPane.OpenRequested) -> None:
        self.send(OpenSibling(event.seed))

    def on_cost_map_pane_cursor_moved(self, event: CostMapPane.CursorMoved) -> None:
        self.query_one(GradientPathsPane).cursor = event.wx, event.wrec

    async def action_next_stop(self) -> None:
        """Trace the next step in a view of its own; there, go to its next stop or train it."""
        grid, pane = self.query_one(PaneGrid), self.query_one(StepTracePane)
        if self.snapshot.step_trace is None:
            self.send(TraceStep())
        elif grid.view == STEP_VIEW and not pane.go_to_next_stop():
            self.send(Step())
        await self._show_step_view()

    async def action_previous_stop(self) -> None:
        """Go to the previous stop of the trace, if there is one."""
        if self.snapshot.step_trace is not None:
            if self.query_one(PaneGrid).view == STEP_VIEW:
                self.query_one(StepTracePane).go_to_previous_stop()
            await self._show_step_view()

    async def _show_step_view(self) -> None:
        grid = self.query_one(PaneGrid)
        if grid.view != STEP_VIEW:
            self._traced_from = grid.view
            await self._change_display(
                lambda: grid.show_view(STEP_VIEW), lambda: grid.focus_target(STEP_TRACE_PANE)
            )

    def on_step_trace_pane_term_drawn(self, event: StepTracePane.TermDrawn) -> None:
        grid = self.query_one(PaneGrid)
        grid.highlight = event.place if grid.view == STEP_VIEW else None

    def on_step_trace_pane_example_chosen(self, event: StepTracePane.ExampleChosen) -> None:
        self.send(DisplayTracedExample(event.number))

    async def on_lesson_panel_pane_requested(self, event: LessonPanel.PaneRequested) -> None:
        """Display the pane of the page, alone in a low window; focus it, or the choices."""
        grid, name = self.query_one(PaneGrid), event.name
        below = is_compact(self.size) and not is_beside(self.size)

        def focus_target() -> Widget | None:
            if event.is_asking:
                return self.query_one(ChoiceList)
            return grid.focus_target(name) if name in grid.displayed_names else None

        await self._change_display(lambda: grid.show_pane(name, maximized=below), focus_target)

    def action_lesson(self, action: str) -> None:
        """Act on the lesson, if there is one."""
        if not self._lesson_panel:
            return
        if action != "leave":
            self._lesson_panel.act(action)
        if action == "leave" or self._lesson_panel.player.has_ended:
            self._leave_lesson()

    def key_pageup(self) -> None:
        """Scroll the text of the lesson, if there is one."""
        if self._lesson_panel:
            self._lesson_panel.query_one(VerticalScroll).scroll_page_up(animate=False)

    def key_pagedown(self) -> None:
        """Scroll the text of the lesson, if there is one."""
        if self._lesson_panel:
            self._lesson_panel.query_one(VerticalScroll).scroll_page_down(animate=False)

    def _leave_lesson(self) -> None:
        assert self._lesson_panel

        def leave(wanted: bool | None) -> None:
            if wanted:
                self.post_message(self.LessonLeft())

        is_complete = self._lesson_panel.player.has_ended
        self.app.push_screen(LeaveLessonScreen(is_complete=is_complete), leave)

    async def action_show_view(self, view: str) -> None:
        """Show `view` as it was left, with the pane that had the focus."""
        grid = self.query_one(PaneGrid)
        await self._change_display(lambda: grid.show_view(view), lambda: grid.last_focused)

    async def action_toggle_maximized(self) -> None:
        """Maximize the focused pane, or else the first one; or display all again."""
        grid = self.query_one(PaneGrid)
        if grid.maximized_name:
            await self._change_display(lambda: grid.maximize(""), lambda: self.focused)
        elif name := grid.focused_name or "".join(grid.displayed_names[:1]):
            await self._change_display(lambda: grid.maximize(name), lambda: grid.focus_target(name))

    async def on_pane_double_clicked(self, event: Pane.DoubleClicked) -> None:
        await self.action_toggle_maximized()

    async def action_replace_pane(self) -> None:
        """Show the next pane without room instead of the focused or the last one."""
        grid = self.query_one(PaneGrid)
        if grid.names_without_room and not grid.maximized_name:
            await self._change_display(
                grid.replace_pane, lambda: grid.focus_target(grid.first_name)
            )

    async def action_reset_view(self) -> None:
        await self._change_display(self.query_one(PaneGrid).reset_view, lambda: None)

    async def _change_display(
        self, change: Callable[[], object], to_focus: Callable[[], Widget | None]
    ) -> None:
        """Change which panes are displayed, and the focus, in one update of the screen.

        They are laid out and drawn at their new sizes before anything is painted.
        """
        grid = self.query_one(PaneGrid)
        view_before = grid.view
        with self.app.batch_update():
            change()
            if view_before == STEP_VIEW != grid.view:
                self.send(LeaveTrace())
                grid.highlight = None
            self.set_focus(to_focus())
            self._display_changed()
            self._update_status(self.snapshot)  # shows the accuracy while its pane is hidden
            self._refresh_layout()
            for widget in grid.displayed_widgets:
                await wait_until_handled(widget)
            if self._layout_required:  # rows of text have become more or fewer
                self._layout_required = False
                self._refresh_layout()

    def _compositor_refresh(self) -> None:
        """Paint, but not within a batch: Textual would render what it then does not display."""
        if not self.app._batch_count:
            super()._compositor_refresh()

    def action_copy(self) -> None:
        """Send the text of the focused pane, or of the screen, to the terminal's clipboard."""
        if pane := self.query_one(PaneGrid).focused_pane:
            lines, name = pane_lines(pane), pane.short_title
        else:
            lines, name = screen_lines(self), "the screen"
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        message = f"copied {len(lines)} lines of {name}: sent to the terminal's clipboard (OSC 52)"
        self._own_message = message, self.snapshot.message, self._requests_sent
        self._update_status(self.snapshot)

    def action_about(self) -> None:
        self.app.push_screen(AboutScreen(self.snapshot.settings, self.glyphs))

    def action_help(self) -> None:
        """Show the help of the focused pane, or that of all keys."""

        def push_all_keys(wanted: bool | None) -> None:
            if wanted:
                self.app.push_screen(HelpScreen())

        if pane := self.query_one(PaneGrid).focused_pane:
            screen = PaneHelpScreen(pane.title, pane.help_text)
            self.app.push_screen(screen, push_all_keys)
        else:
            push_all_keys(True)

    def action_quit_run(self) -> None:
        self.app.exit()

    async def key_escape(self, event: Key) -> None:
        """Leave a control, the trace or a lesson; or show all panes; or leave the focused pane."""
        grid = self.query_one(PaneGrid)
        if isinstance(self.focused, Input | Select):
            self.set_focus(None)
        elif grid.view == STEP_VIEW and not grid.maximized_name:
            await self.action_show_view(self._traced_from)
        elif grid.view == STEP_VIEW:
            await self.action_toggle_maximized()
        elif self._lesson_panel:
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
