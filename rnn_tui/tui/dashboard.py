"""The one screen: hands snapshots down to the panes and turns keys into requests."""

from collections.abc import Sequence
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from rnn_tui.config import increments as ladder
from rnn_tui.config.appearance import Appearance
from rnn_tui.config.settings import Settings
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import (
    Change,
    Export,
    Hold,
    Look,
    Pause,
    Race,
    Release,
    Request,
    Resume,
    Set,
    SetSpeed,
    SetWeights,
)
from rnn_tui.session.snapshot import EMPTY, Snapshot, Status
from rnn_tui.session.worker import Runner
from rnn_tui.tui.commands import COMMANDS, REQUESTS
from rnn_tui.tui.controls import Controls
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.glyphs import BRAILLE, look_of
from rnn_tui.tui.drawing.glyphs import Look as Glyphs
from rnn_tui.tui.key_line import key_line
from rnn_tui.tui.pane_grid import Arrangement
from rnn_tui.tui.panes import BackflowPane, BitsPane, LossPane, Pane, ScorePane, SurfacePane
from rnn_tui.tui.predicted_state import Expected
from rnn_tui.tui.screens.compare import CompareScreen
from rnn_tui.tui.screens.dialogs import (
    AboutScreen,
    ChangeScreen,
    ExportedScreen,
    HelpScreen,
    ProbeScreen,
    StepScreen,
)
from rnn_tui.tui.widgets.text_block import Lines

ECHO = 0.004  # seconds between two looks while an answer to a key is awaited


@final
class Dashboard(Screen[None]):
    """Pulls snapshots from `runner`; every wish of the user becomes a request to it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [command.binding for command in COMMANDS]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Screen declares it
        (0, "-tiny"),
        (60, "-narrow"),
        (80, "-normal"),
        (112, "-wide"),
        (150, "-broad"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-low"), (30, "-tall"), (38, "-high")]  # noqa: RUF012 - as above

    snapshot: var[Snapshot] = var(EMPTY)
    look: var[Glyphs] = var(BRAILLE)

    def __init__(self, runner: Runner, appearance: Appearance) -> None:
        super().__init__()
        self.runner, self.appearance = runner, appearance
        self._sent = 0
        self._opens = 0  # the request whose answer is a dialog
        self._expected = Expected.of(EMPTY)

    def compose(self) -> ComposeResult:
        self.look = look_of(self.appearance, self.app.console.color_system)
        yield Lines("headline")
        yield Controls(id="controls").data_bind(Dashboard.snapshot)
        yield Lines("notice")
        yield Arrangement().data_bind(Dashboard.snapshot, Dashboard.look)
        yield Lines("too-small")
        yield Lines("keys")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.query("*").refresh())
        self.runner.start()
        self.set_interval(1 / self.appearance.fps, self._pull)
        self._echo = self.set_interval(ECHO, self._pull, pause=True)
        self._pull()

    def on_resize(self) -> None:
        self.query_one("#too-small", Lines).say(
            f"rnn-tui needs 60 columns and 20 rows; here are {self.size.width} and "
            f"{self.size.height}. The run goes on."
        )
        self._say(self.snapshot)

    def on_screen_suspend(self) -> None:
        self._say(self.snapshot)

    def on_screen_resume(self) -> None:
        self._say(self.snapshot)

    def _pull(self) -> None:
        snapshot = self.runner.look()
        if snapshot.heard < self._sent and snapshot.status is not Status.FAILED:
            return  # older than the latest key: showing it would take the key's effect back
        self._echo.pause()
        if snapshot is not self.snapshot:
            if snapshot.exported != self.snapshot.exported:
                self.app.push_screen(ExportedScreen(snapshot))
            if snapshot.trouble and not self.snapshot.trouble:
                self.app.notify(snapshot.trouble, severity="warning", markup=False, timeout=10)
            self._expected = Expected.of(snapshot)
            with self.app.batch_update():
                self.snapshot = snapshot

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        self._choose_panes(snapshot.settings)
        self._say(snapshot)

    def _choose_panes(self, settings: Settings) -> None:
        """Show the panes that suit the run; arrow keys go at once to one that can be walked on."""
        if self.query_one(Arrangement).choose(settings):
            surface = self.query_one(SurfacePane)
            self.set_class(self._suits(surface), "-map")
            if self.focused in (None, surface):
                self.set_focus(None)

    def _suits(self, pane: Pane) -> bool:
        return self.query_one(Arrangement).suits(pane)

    def _say(self, snapshot: Snapshot) -> None:
        self.query_one("#headline", Lines).say(words.headline(snapshot, self.size.width))
        unseen = not self.query_one(ScorePane).display
        bits = BitsPane.suits(snapshot.settings)
        news = words.notice(snapshot, self.size.width - 2, with_score=unseen, with_bits=bits)
        self.query_one("#notice", Lines).say(news)
        running = snapshot.status is Status.RUNNING
        keys = key_line(self.size.width, running=running) if self.is_active else ""
        self.query_one("#keys", Lines).say(keys)

    @property
    def will_open(self) -> bool:
        """Whether a dialog will open, with the answer to what was asked."""
        return self.snapshot.heard < self._opens and self.snapshot.status is not Status.FAILED

    def send(self, request: Request) -> None:
        """Ask the runner, and look for its answer sooner than at the next frame."""
        self._sent += 1
        self._expected = self._expected.after(request)
        self.runner.send(request)
        self.runner.look()
        self._echo.resume()

    def on_controls_asked(self, event: Controls.Asked) -> None:
        self.send(event.request)
        self.set_focus(None)

    def action_ask(self, what: str) -> None:
        self.send(REQUESTS[what]())

    def action_pause(self) -> None:
        self.send(Pause() if self._expected.running else Resume())

    def action_next_task(self) -> None:
        self.send(Set("task", ladder.after(self._expected.settings.task, list(TASKS))))

    def action_next_optimizer(self) -> None:
        self._turn_optimizer(list(OPTIMIZERS))

    def action_previous_optimizer(self) -> None:
        self._turn_optimizer(list(OPTIMIZERS)[::-1])

    def _turn_optimizer(self, names: Sequence[str]) -> None:
        self.send(Set("optimizer", ladder.after(self._expected.settings.optimizer, names)))

    def action_rate_up(self) -> None:
        self.send(Set("lr", ladder.up(self._expected.settings.learning_rate)))

    def action_rate_down(self) -> None:
        self.send(Set("lr", ladder.down(self._expected.settings.learning_rate)))

    def action_edit(self, control: str) -> None:
        typed = self.query_one(f"#{control}", Input)
        typed.focus()
        typed.select_all()

    def action_faster(self) -> None:
        self.send(SetSpeed(ladder.faster(self._expected.speed)))

    def action_slower(self) -> None:
        self.send(SetSpeed(ladder.slower(self._expected.speed)))

    def action_window(self) -> None:
        loss = self.query_one(LossPane)
        loss.whole_run = not loss.whole_run

    def action_hold(self) -> None:
        self.send(Release() if self._expected.held else Hold())

    def action_next_example(self) -> None:
        self.send(Release())
        self.send(Hold())

    def action_probe(self) -> None:
        def ask(question: str | None) -> None:
            if question is not None:
                self.send(Hold(question))

        self.app.push_screen(ProbeScreen(self._expected.settings.make_task()), ask)

    def action_export(self) -> None:
        self.send(Export(".", self.app.export_screenshot()))
        self._opens = self._sent

    def action_compare(self) -> None:
        self.app.push_screen(CompareScreen(self.query_one(LossPane)))

    def action_seek(self) -> None:
        def ask(look: Look | None) -> None:
            if look is not None:
                self.send(look)

        self.app.push_screen(StepScreen(lambda: self._expected.present), ask)

    def action_next_model(self) -> None:
        other = self._expected.next_model()
        if other:
            self.send(other)

    def action_tune(self) -> None:
        """Ask for the optimizer's first hyperparameter, or for its rate where it has no other."""
        knobs = [*self._expected.settings.hyperparameters, "lr"]
        self.ask_change(knobs[0].replace("_", "-"))

    def action_change(self) -> None:
        self.ask_change("")

    def ask_change(self, name: str) -> None:
        """Ask for another value of the setting `name`, or for any change in words."""

        def ask(change: Change | None) -> None:
            if change is not None:
                self.send(change)

        self.app.push_screen(ChangeScreen(self._expected.settings, name), ask)

    def on_surface_pane_point_chosen(self, event: SurfacePane.PointChosen) -> None:
        self.send(SetWeights((event.wx, event.wrec)))

    def on_surface_pane_race_asked(self, event: SurfacePane.RaceAsked) -> None:
        self.send(Race((event.wx, event.wrec)))

    def on_surface_pane_cursor_moved(self, event: SurfacePane.CursorMoved) -> None:
        self.query_one(BackflowPane).cursor = event.wx, event.wrec

    def action_only(self, place: str) -> None:
        self.query_one(Arrangement).turn_to(place)
        self.call_after_refresh(lambda: self._say(self.snapshot))  # of the score, where it is gone

    def action_about(self) -> None:
        self.app.push_screen(AboutScreen(self.snapshot.settings, self.look))

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_quit_run(self) -> None:
        self.app.exit()

    def key_escape(self) -> None:
        self.set_focus(None)

    def set_focus(
        self,
        widget: Widget | None,
        scroll_visible: bool = True,
        from_app_focus: bool = False,
    ) -> None:
        """Focus `widget`; instead of nothing the map, where there is one to walk on."""
        surface = self.query_one(SurfacePane)
        if widget is None and self._suits(surface):
            widget = surface
        super().set_focus(widget, scroll_visible, from_app_focus)
