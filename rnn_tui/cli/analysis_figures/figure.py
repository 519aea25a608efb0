"""A figure of an analysis in JSON, and values that figures consist of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, final

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.units import Saturation


@final
class Figure(NamedTuple):
    """A key of the figures of an analysis, with the function of its value from the result."""

    name: str
    types: str
    description: str
    value: Callable[[Any], Any]


def attributes(result: Any, names: str) -> dict[str, Any]:
    """Return the attributes of `result` with these `names`, separated by blanks."""
    return {name: getattr(result, name) for name in names.split()}


def saturation_fields(layer: Saturation) -> dict[str, Any]:
    """Return the saturation of one layer."""
    return {"name": layer.name, "low": layer.low, "high": layer.high, "n": layer.n}
