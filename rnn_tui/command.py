"""The command line that repeats a run: the inverse of what `cli` reads."""

import shlex
from collections.abc import Sequence

from rnn_tui.recipes import RECIPES
from rnn_tui.session.run import Applied
from rnn_tui.settings import Settings

FLAGS = {
    "task": "--task",
    "optimizer": "--optimizer",
    "learning_rate": "--lr",
    "hidden": "--hidden",
    "bits": "--bits",
    "batch": "--batch",
    "seed": "--seed",
    "initialisation": "--init",
    "clip_norm": "--clip-norm",
    "clip_value": "--clip-value",
    "weight_decay": "--weight-decay",
}


def repeat_command(start: Settings, log: Sequence[Applied], steps: int) -> str:
    """Return the `rnn-tui train` command that takes `steps` steps from `start` as `log` says."""
    words = ["rnn-tui", "train", "--recipe", start.recipe]
    recipe = RECIPES[start.recipe].settings
    for name, flag in FLAGS.items():
        value = getattr(start, name)
        own_rate = name == "learning_rate" and start.optimizer != recipe.optimizer
        if own_rate or value != getattr(recipe, name):
            words += [flag, str(value)]
    words += ["--steps", str(steps)]
    for applied in log:
        words += ["--at", f"{applied.step}:{applied.change.spec}"]
    return shlex.join(words)
