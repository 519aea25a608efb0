"""Grids in TOML files: the options of the command line by name, and the axes in [grid]."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, explain_unknown, find_field
from rnn_tui.config.parsing import check_choice, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.error_text import error_text
from rnn_tui.run.changes import Change, parse_change
from rnn_tui.sweep.grid import Axis, make_axis, parse_seeds

MAX_FILE_BYTES = 1 << 20
OTHER_KEYS = ("grid", "seeds", "until-exact", "at", "recipe")


@final
@dataclass(slots=True)
class GridFile:
    """The contents of a file: what the command line may replace."""

    axes: list[Axis] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    schedule: list[tuple[int, Change]] = field(default_factory=list)
    seeds: tuple[int, ...] | None = None
    until_exact: bool = False


def read_grid_file(path: Path) -> GridFile:
    """Return the grid in the TOML file `path`.

    Raises UserError with the file, the line where it is known, and the reason.
    """
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_FILE_BYTES).decode()
        values = tomllib.loads(text)
    except OSError as reason:
        raise UserError(error_text(reason)) from None
    except tomllib.TOMLDecodeError as reason:
        raise UserError(f"{path}: {reason}") from None
    except ValueError:
        raise UserError(f"{path}: this is no text in UTF-8") from None
    found = GridFile()
    for key, value in values.items():
        if key == "grid":
            for name, axis_values in _expect(path, text, key, value, dict).items():
                found.axes.append(_at_line(path, text, name, _parse_axis, name, axis_values))
        else:
            _at_line(path, text, key, _parse_option, found, key, value)
    return found


def _parse_axis(name: str, values: Any) -> Axis:
    if not isinstance(values, list):
        values = [values]
    return make_axis(name, map(_text, values))


def _parse_option(found: GridFile, key: str, value: Any) -> None:
    """Set the option `key` of `found`; raises UserError."""
    option = find_field(key)
    if key == "seeds":
        is_list = isinstance(value, list)
        texts = [f"{seed}-{seed}" for seed in map(_text, value)] if is_list else [_text(value)]
        found.seeds = parse_seeds(",".join(texts))
    elif key == "until-exact":
        if not isinstance(value, bool):
            raise UserError(f"until-exact is true or false, not {value!r}")
        found.until_exact = value
    elif key == "at":
        for spec in value if isinstance(value, list) else [value]:
            step, _, change = _text(spec).partition(":")
            found.schedule.append((parse_int(step), parse_change(change)))
    elif key == "recipe":
        found.options["recipe"] = check_choice("recipe", _text(value).lower(), RECIPES)
    elif option and option.name != "seed":
        found.options[option.attribute] = option.parse(_text(value))
    else:
        if reason := explain_unknown(key):
            raise UserError(reason)
        names = [*OTHER_KEYS, *(name for name in FIELDS if name != "seed")]
        check_choice("key", key, names)


def _text(value: Any) -> str:
    """Return a string or a number as the command line has it; raises UserError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UserError(f"{value!r} is neither text nor a number")
    return str(value)


def _expect(path: Path, text: str, key: str, value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise UserError(f"{_place(path, text, key)}: {key} must be a table, as in [{key}]")
    return value


def _at_line(path: Path, text: str, key: str, parse: Callable[..., Any], *args: Any) -> Any:
    """Return `parse(*args)`; raises UserError with the line of `key`."""
    try:
        return parse(*args)
    except UserError as reason:
        prefix = "" if key in str(reason) else f"{key}: "
        raise UserError(f"{_place(path, text, key)}: {prefix}{reason}") from None


def _place(path: Path, text: str, key: str) -> str:
    """Return the file, and the line at which `key` begins, if it is found."""
    pattern = re.compile(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[=\]]""")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return f"{path}: line {number}"
    return str(path)
