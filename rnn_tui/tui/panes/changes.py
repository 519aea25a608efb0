"""The changes pane: the log of changes, newest first, and the components of the run."""

from functools import lru_cache
from operator import itemgetter
from textwrap import wrap
from typing import final

from textual.app import ComposeResult
from textual.widget import Widget

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.events import event_line, events_of
from rnn_tui.tui.drawing.explanations import NAME_CELLS, component_lines, deviation_lines
from rnn_tui.tui.drawing.status_lines import latest_message
from rnn_tui.tui.panes.base import Pane, PaneHelp
from rnn_tui.tui.widgets.scrolled_lines import ScrolledLines

MAX_CHANGES = 500  # listed, the newest ones
NO_CHANGES = "no changes yet: t o + - change settings"


@final
class ChangesPane(Pane, can_focus=False):
    """Lists changes with their steps, then non-standard settings, then the components of the run.

    It scrolls where they do not fit. Maximized, it begins with the latest message, for which the
    message line may have no room.
    """

    title = "changes"
    short_title = "changes"
    help_text = PaneHelp(
        shows="The changes and events of the run with their steps, newest first; then the "
        "settings that are non-standard, and every component of the run with an explanation.",
        formula="none: a change takes effect between two steps, after the step that it names.",
        reading="Compare a bend of the loss with the step of a change; ▲ marks it below the curve.",
        caveat="A bend after a change need not be its effect: fork before it, and train both "
        "branches on the same data.",
    )

    def compose(self) -> ComposeResult:
        yield ScrolledLines()

    @property
    def focus_target(self) -> Widget:
        return self.query_one(ScrolledLines)

    def on_descendant_focus(self) -> None:
        self.update_from(self.snapshot)

    def on_descendant_blur(self) -> None:
        self.update_from(self.snapshot)

    def update_from(self, snapshot: Snapshot) -> None:
        message = latest_message(snapshot) if self.maximized else ""
        view = (
            len(snapshot.log),
            id(snapshot.settings_state),
            self.content_size,
            message,
            self.focus_target.has_focus,
            tuple(events_of(snapshot)),
        )
        if not self.content_size.width or not self.begin_redraw_if_due(view):  # hidden: no width
            return
        self._settings_state = snapshot.settings_state  # kept, so that its id stays unique
        changes = change_lines(snapshot)
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
            hint = "↑ ↓ scroll" if self.focus_target.has_focus else "tab to scroll"
            text = _wrap_lines(lines, max(2, width - 1))  # beside the scroll bar
        self.set_titles(self.title, hint)
        self.query_one(ScrolledLines).set_lines(text)


def change_lines(snapshot: Snapshot) -> list[str]:
    """Return the messages of changes and events, newest first."""
    lines = [(applied.step, applied.message) for applied in snapshot.log[-MAX_CHANGES:]]
    lines += [(event.step, event_line(event)) for event in events_of(snapshot)]
    lines.sort(key=itemgetter(0))  # an event after the changes of the same step
    return [message for _, message in reversed(lines)]


def _wrap_lines(lines: list[str], width: int) -> list[str]:
    """Wrap `lines` to `width` cells, and indent the explanation of a component below its name."""
    return [row for line in lines for row in _wrap_line(line, width)]


@lru_cache(maxsize=4 * MAX_CHANGES)  # each change adds one line to the others
def _wrap_line(line: str, width: int) -> list[str]:
    indent = " " * NAME_CELLS if "  " in line else ""
    return wrap(line, width, subsequent_indent=indent) or [""]
