"""The command line that repeats a run: the inverse of the command-line parser.

Values without effect on the run are left out: the parser refuses them.
"""

import shlex
from collections.abc import Sequence

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import format_value
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.config.unused import effective_value
from rnn_tui.run.changes import AppliedChange, Change, SetWeights

SWITCH_ORDER = ("task", "model", "optimizer")  # the order in which the parser applies them


def repeat_command(start: Settings, log: Sequence[AppliedChange], steps: int) -> str:
    """Return the `rnn-tui train` command for a run of `steps` steps with the changes of `log`."""
    args = ["rnn-tui", "train", "--recipe", start.recipe]
    later_settings = [start, *(applied.settings for applied in log)]
    base = RECIPES[start.recipe].settings
    for name in SWITCH_ORDER:
        value = getattr(start, name)
        if value != getattr(base, name):
            args += [f"--{name}", value]
            base = switched(base, **{name: value})
    for field in FIELDS.values():
        value = effective_value(field.name, field.get(start), later_settings)
        if field.name not in (*SWITCH_ORDER, "steps") and value not in (None, field.get(base)):
            args += [f"--{field.name}", format_value(value)]
    args += ["--steps", str(steps)]
    for i, applied in enumerate(log, 1):
        if spec := _effective_spec(applied.change, later_settings[i:]):
            args += ["--at", f"{applied.step}:{spec}"]
    return shlex.join(args)


def _effective_spec(change: Change, later_settings: Sequence[Settings]) -> str:
    if isinstance(change, SetWeights):
        return change.spec
    value = effective_value(change.name, change.value, later_settings)
    return "" if value is None else f"{change.name}={format_value(value)}"
