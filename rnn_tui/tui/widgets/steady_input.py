"""Textual's Input with a steady cursor: a blinking one would send bytes for ever."""

from typing import final

from textual.reactive import reactive
from textual.widgets import Input


@final
class SteadyInput(Input):
    """An input of any characters: text is parsed on Enter, and none of it dropped before."""

    cursor_blink = reactive(False, init=False)
    _value_at_focus = ""

    @property
    def is_edited(self) -> bool:
        """Whether there is text that was typed since the field got the focus."""
        return self.value != self._value_at_focus

    def on_focus(self) -> None:
        self._value_at_focus = self.value
