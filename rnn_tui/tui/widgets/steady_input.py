"""Textual's Input with a steady cursor: a blinking one would send bytes for ever."""

from typing import final

from textual.reactive import reactive
from textual.widgets import Input

# Characters of a number, for `restrict`. The patterns of Textual's own input types backtrack for
# hours on thirty digits and a letter.
FLOAT_PATTERN, INTEGER_PATTERN = "[-+0-9._eE]*", "[-+0-9_]*"


@final
class SteadyInput(Input):
    cursor_blink = reactive(False, init=False)
