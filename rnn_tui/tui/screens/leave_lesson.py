"""The dialog before a lesson is left."""

from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from rnn_tui.tui.screens.dialogs import Dialog


@final
class LeaveLessonScreen(Dialog[bool]):
    """Asks whether to leave the lesson, which may be complete; returns True to leave."""

    DEFAULT_CSS = "LeaveLessonScreen { align: center middle; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "dismiss(True)", "leave"),
        Binding("escape,n", "dismiss", "stay"),
    ]

    def __init__(self, *, is_complete: bool) -> None:
        super().__init__()
        self._is_complete = is_complete

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "lesson complete" if self._is_complete else "leave the lesson"
            box.border_subtitle = "enter leaves · esc stays"
            yield Label(
                "This was the last page. Stay to try more with this run. ctrl+p lists the lessons."
                if self._is_complete
                else "The run of the lesson is not kept; your own runs are as they were."
            )
