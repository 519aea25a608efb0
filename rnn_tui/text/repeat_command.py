"""The command line that repeats a run: the inverse of what `cli` reads."""

import shlex
from collections.abc import Sequence

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import turned
from rnn_tui.run.changes import Applied

TURNS = ("task", "model", "optimizer")  # in the order in which they are taken


def repeat_command(start: Settings, log: Sequence[Applied], steps: int) -> str:
    """Return the `rnn-tui train` command that takes `steps` steps from `start` as `log` says."""
    words = ["rnn-tui", "train", "--recipe", start.recipe]
    base = RECIPES[start.recipe].settings
    for name in TURNS:
        value = getattr(start, name)
        if value != getattr(base, name):
            words += [f"--{name}", value]
            base = turned(base, **{name: value})
    for option in OPTIONS.values():
        value = getattr(start, option.field)
        if option.name not in (*TURNS, "steps") and value != getattr(base, option.field):
            words += [f"--{option.name}", str(value)]
    words += ["--steps", str(steps)]
    for applied in log:
        words += ["--at", f"{applied.step}:{applied.change.spec}"]
    return shlex.join(words)
