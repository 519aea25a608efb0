"""The options of a lesson's run, as `rnn-tui train` takes them, in one text."""

import shlex
from collections.abc import Iterator
from typing import Any

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, explain_unknown, find_field
from rnn_tui.config.options import settings_from_options
from rnn_tui.config.parsing import check_choice, nearest_choice, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Schedule, parse_change


def parse_options(text: str) -> tuple[Settings, Schedule]:
    """Return the settings and scheduled changes of options as `rnn-tui train` takes them.

    Raises UserError.
    """
    options: dict[str, Any] = {}
    schedule = []
    for name, value in _option_pairs(text):
        field = find_field(name)
        if name == "recipe":
            options["recipe"] = check_choice("recipe", value.lower(), RECIPES)
        elif name == "at":
            step, _, change = value.partition(":")
            schedule.append((parse_int(step), parse_change(change)))
        elif field:
            try:
                options[field.attribute] = field.parse(value)
            except UserError as reason:
                raise UserError(f"--{name}: {reason}") from None
        else:
            raise UserError(f"unknown option --{name}" + _option_advice(name))
    return settings_from_options(options), schedule


def _option_pairs(text: str) -> Iterator[tuple[str, str]]:
    try:
        words = iter(shlex.split(text))
    except ValueError:
        raise UserError(f"a quote in {text!r} is not closed") from None
    for word in words:
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            raise UserError(f"{word!r} is no option, as --lr 0.1 is")
        if not equals and (value := next(words, "")) == "":
            raise UserError(f"{name} needs a value")
        yield name.removeprefix("--"), value


def _option_advice(name: str) -> str:
    if reason := explain_unknown(name):
        return f": {reason}"
    nearest = nearest_choice(name, ["recipe", "at", *FIELDS])
    return f" (did you mean --{nearest}?)" if nearest else ""
