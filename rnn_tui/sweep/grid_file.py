"""Grids in TOML files: the options of the command line by name, and the axes in [grid]."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, explain_unknown, find_field
from rnn_tui.config.parsing import check_choice, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.toml_file import TablePlace, TomlFile, read_toml
from rnn_tui.run.changes import Change, parse_change
from rnn_tui.sweep.grid import Axis, make_axis, parse_seeds

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

    Raises UserError with the file, the line and the reason.
    """
    file, found = read_toml(path), GridFile()
    for key, value in file.values.items():
        if key != "grid":
            _at_line(file, TablePlace(), key, _parse_option, found, key, value)
        elif isinstance(value, dict):
            for name, axis_values in value.items():
                axis = _at_line(file, TablePlace("grid"), name, _parse_axis, name, axis_values)
                found.axes.append(axis)
        else:
            raise file.error(TablePlace(), key, "grid must be a table, as in [grid]")
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


def _at_line(
    file: TomlFile, place: TablePlace, key: str, parse: Callable[..., Any], *args: Any
) -> Any:
    """Return `parse(*args)`; raises UserError with the line of `key`."""
    try:
        return parse(*args)
    except UserError as reason:
        prefix = "" if key in str(reason) else f"{key}: "
        raise file.error(place, key, f"{prefix}{reason}") from None
