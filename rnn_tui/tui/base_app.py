"""What the apps have in common: colours, keys of the terminal, and how an error ends them."""

from traceback import format_exc
from typing import ClassVar, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.filter import NoColor
from textual.reactive import var
from textual.widgets import Input

from rnn_tui.config.appearance import Appearance
from rnn_tui.signals import EXIT_SIGINT
from rnn_tui.tui.colors import css_variables, next_palette, theme_name
from rnn_tui.tui.key_queue import KeyQueue
from rnn_tui.tui.terminal.ascii_filter import AsciiFilter
from rnn_tui.tui.terminal.driver import TerminalDriver

Result = TypeVar("Result")


class BaseApp(App[Result]):
    """An app in the colours and glyphs of `appearance`."""

    ALLOW_SELECT = False  # text is selected by the terminal, with --no-mouse or the shift key

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
        Binding("ctrl+l", "redraw", "Redraw the screen", show=False, priority=True),
    ]

    palette: var[str] = var("standard", init=False)

    def __init__(self, appearance: Appearance) -> None:
        self.set_reactive(BaseApp.palette, appearance.palette)  # before the style sheet is read
        super().__init__(driver_class=TerminalDriver)
        self.appearance = appearance
        self.no_color = not appearance.colored  # an empty NO_COLOR does not count
        if not appearance.colored:
            self._filters.append(NoColor())
        if appearance.glyphs == "ascii":
            self._filters.append(AsciiFilter())
        self.failure = ""  # the traceback of an error in the screen
        self.key_queue = KeyQueue(
            self,
            self.deliver,
            keeps_focus=self.keeps_focus,
            dialog_pending=self.is_dialog_pending,
        )

    async def on_event(self, event: Event) -> None:
        await self.key_queue.handle(event)

    async def deliver(self, event: Event) -> None:
        """Handle an event whose turn has come in the queue."""
        await super().on_event(event)

    def on_mount(self) -> None:
        self.run_worker(self.key_queue.deliver(), group="key queue")

    def keeps_focus(self, event: Event) -> bool:
        """Return whether the focus is certain to stay where it is when `event` is handled."""
        return isinstance(event, Key) and event.is_printable and isinstance(self.focused, Input)

    def is_dialog_pending(self) -> bool:
        """Return whether a dialog will open without further input."""
        return False

    def set_appearance(self) -> None:
        """Use the theme of the appearance, once the app has a console."""
        self.animation_level = "none"
        self.theme = self._theme_for(self.appearance.theme)

    def _theme_for(self, background: str) -> str:
        color_system = self.console.color_system
        return theme_name(background, colored=self.appearance.colored, color_system=color_system)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables(self.palette, self.current_theme)

    def watch_palette(self) -> None:
        self.mutate_reactive(BaseApp.theme)

    def action_next_palette(self) -> None:
        self.palette = next_palette(self.palette)
        self._notify_choice("palette", self.palette)

    def action_toggle_theme(self) -> None:
        background = "light" if self.current_theme.dark else "dark"
        self.theme = self._theme_for(background)
        self._notify_choice("theme", background)

    def _notify_choice(self, option: str, chosen: str) -> None:
        message = f"{option}: {chosen}; start with it by --{option} {chosen}"
        no_color_message = "NO_COLOR is set: unset it to choose colours"
        self.clear_notifications()
        self.notify(message if self.appearance.colored else no_color_message, markup=False)

    def action_interrupt(self) -> None:
        self.exit(return_code=EXIT_SIGINT)

    def action_redraw(self) -> None:
        """Redraw the screen, over which another program may have written."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.redraw()

    def _fatal_error(self) -> None:
        """Keep Python's own traceback, not Textual's hundreds of boxed lines."""
        self.failure = self.failure or format_exc()
        self._close_messages_no_wait()
