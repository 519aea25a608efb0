"""The command line that repeats a run: the inverse of the command-line parser."""

import shlex
from collections.abc import Sequence

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.run.changes import AppliedChange

SWITCH_ORDER = ("task", "model", "optimizer")  # the order in which the parser applies them


def repeat_command(start: Settings, log: Sequence[AppliedChange], steps: int) -> str:
    """Return the `rnn-tui train` command for a run of `steps` steps with the changes of `log`."""
    args = ["rnn-tui", "train", "--recipe", start.recipe]
    base = RECIPES[start.recipe].settings
    for name in SWITCH_ORDER:
        value = getattr(start, name)
        if value != getattr(base, name):
            args += [f"--{name}", value]
            base = switched(base, **{name: value})
    for field in FIELDS.values():
        value = field.get(start)
        if field.name not in (*SWITCH_ORDER, "steps") and value != field.get(base):
            args += [f"--{field.name}", str(value)]
    args += ["--steps", str(steps)]
    for applied in log:
        args += ["--at", f"{applied.step}:{applied.change.spec}"]
    return shlex.join(args)
