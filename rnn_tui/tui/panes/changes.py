"""The changes pane: the log of changes, newest first, and the components of the run."""

from textwrap import wrap
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.explanations import NAME_CELLS, component_lines, deviation_lines
from rnn_tui.tui.drawing.status_lines import latest_message
from rnn_tui.tui.panes.base import Pane

MAX_CHANGES = 500  # listed, the newest ones
NO_CHANGES = "no changes yet: t o + - change settings"


@final
class ChangesPane(Pane, can_focus=True):
    """Lists changes with their steps, then non-standard settings, then the components of the run.

    It scrolls where they do not fit. Maximized, it begins with the latest message, for which the
    message line may have no room.
    """

    title = "changes"

    DEFAULT_CSS = "ChangesPane { overflow-y: auto; scrollbar-size-vertical: 1; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Scroll up"),
        Binding("down", "scroll_down", "Scroll down"),
        Binding("pageup", "page_up", "Page up"),
        Binding("pagedown", "page_down", "Page down"),
    ]

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()

    def update_from(self, snapshot: Snapshot) -> None:
        is_maximized = self.has_class("only")
        message = latest_message(snapshot) if is_maximized else ""
        key = len(snapshot.log), id(snapshot.settings_state), self.content_size, message
        if key == self._drawn_key or not self.content_size.width:  # a hidden pane has no width
            return
        self._drawn_key = key
        self._settings_state = snapshot.settings_state  # kept, so that its id stays unique
        changes = [applied.message for applied in snapshot.log[: -MAX_CHANGES - 1 : -1]]
        deviations = deviation_lines(snapshot.settings)
        parts = (
            [message] if message and message not in changes else [],
            changes or [NO_CHANGES],
            [line.plain for line in deviations],
            [line.plain for line in component_lines(snapshot.settings, self.glyphs)],
        )
        lines = [line for part in parts if part for line in ("", *part)][1:]
        width, rows = self.content_size
        text = _wrap_lines(lines, max(2, width))
        hint = ""
        if len(text) > rows:
            hint = "↑ ↓ scroll" if is_maximized else "5 shows all"
            text = _wrap_lines(lines, max(2, width - 1))  # beside the scroll bar
        self.set_titles(self.title, hint)
        self.query_one(Static).update("\n".join(text))


def _wrap_lines(lines: list[str], width: int) -> list[str]:
    """Wrap `lines` to `width` cells, and indent the explanation of a component below its name."""
    return [
        row
        for line in lines
        for row in wrap(line, width, subsequent_indent=" " * NAME_CELLS if "  " in line else "")
        or [""]
    ]
