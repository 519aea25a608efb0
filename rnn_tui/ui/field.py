"""A place to type in, whose cursor stands still: a blinking one would spend bytes for ever."""

from typing import final

from textual.reactive import reactive
from textual.widgets import Input


@final
class Field(Input):
    cursor_blink = reactive(False, init=False)
