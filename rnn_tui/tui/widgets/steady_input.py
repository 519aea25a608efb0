"""A place to type in, whose cursor stands still: a blinking one would spend bytes for ever."""

from typing import final

from textual.reactive import reactive
from textual.widgets import Input

# What may be typed for a number. Textual has such patterns for its types of input, but to find that
# thirty digits and a letter do not match them takes it hours.
FLOAT_PATTERN, INTEGER_PATTERN = "[-+0-9._eE]*", "[-+0-9_]*"


@final
class SteadyInput(Input):
    cursor_blink = reactive(False, init=False)
