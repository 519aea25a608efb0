"""Textual's Input with a steady cursor: a blinking one would send bytes for ever."""

from typing import final

from textual.reactive import reactive
from textual.widgets import Input


@final
class SteadyInput(Input):
    """An input of any characters: text is parsed on Enter, and none of it dropped before."""

    cursor_blink = reactive(False, init=False)
