"""The command line that repeats a run: the inverse of what `cli` reads."""

import shlex
from collections.abc import Sequence

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.run.changes import AppliedChange

SWITCH_ORDER = ("task", "model", "optimizer")  # in the order in which they are taken


def repeat_command(start: Settings, log: Sequence[AppliedChange], steps: int) -> str:
    """Return the `rnn-tui train` command that takes `steps` steps from `start` as `log` says."""
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
