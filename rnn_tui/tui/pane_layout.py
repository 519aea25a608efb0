"""Which panes have room in a window, and where: pure functions of the table of panes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from textual.geometry import Region, Size

from rnn_tui.tui.panes import PanePlacement

TWO_COLUMN_CELLS = 112  # width of the window from which there are two columns
MIN_RIGHT_CELLS = 52  # so that a sum of 8 bits has columns of four cells
RIGHT_SHARE = 2 / 5
SQUEEZED_PANES = 2  # that are displayed even if they have to be lower than their height

FitHeight = Callable[[str, int, int], int]
"""Returns the rows that a pane uses of the available ones, of (name, width, available rows)."""


def panes_with_room(
    names: Sequence[str], panes: Mapping[str, PanePlacement], room: Size
) -> tuple[str, ...]:
    """Return those of `names`, in order of priority, for which there is room."""
    found: list[str] = []
    for column in _columns(names, panes, room.width):
        comfortable = _fitting(column, [panes[name].height for name in column], room.height)
        lowest = [panes[name].min_height for name in column[:SQUEEZED_PANES]]
        squeezed = _fitting(column, lowest, room.height)
        found += comfortable if len(comfortable) > len(squeezed) else squeezed or column[:1]
    return tuple(name for name in names if name in found)


def with_pane_first(
    names: Sequence[str],
    displayed: Sequence[str],
    focused: str,
    panes: Mapping[str, PanePlacement],
    width: int,
) -> tuple[str, ...]:
    """Return an order in which the next of `names` that is not `displayed` has room.

    That pane gets room first, and the one it replaces last: the focused one, or else the last one
    displayed, of its column.
    """
    columns = [column for column in _columns(names, panes, width) if not {*column} <= {*displayed}]
    column = next((column for column in columns if focused in column), columns[0])
    new = next(name for name in column if name not in displayed)
    table = list(panes)
    shown = sorted((name for name in column if name in displayed), key=table.index)
    old = focused if focused in column else shown[-1]
    return (new, *(name for name in names if name not in (new, old)), old)


def _fitting(names: list[str], heights: list[int], rows: int) -> list[str]:
    """Return the first of `names` whose `heights` add up to at most `rows`."""
    return [name for name, total in zip(names, accumulate(heights), strict=False) if total <= rows]


def _columns(
    names: Iterable[str], panes: Mapping[str, PanePlacement], width: int
) -> Iterator[list[str]]:
    """Yield the names of each column that has any."""
    by_column: dict[str, list[str]] = {}
    for name in names:
        column = panes[name].column if width >= TWO_COLUMN_CELLS else ""
        by_column.setdefault(column, []).append(name)
    yield from (by_column[column] for column in sorted(by_column))


def pane_regions(
    names: Iterable[str],
    panes: Mapping[str, PanePlacement],
    size: Size,
    fit_height: FitHeight,
    extra_weights: Mapping[str, int],
) -> dict[str, Region]:
    """Return the regions of the displayed panes `names`, which are in the order of the table.

    `extra_weights` are factors of the weights.
    """
    columns = list(_columns(names, panes, size.width))
    is_wide = any(panes[name].wide for column in columns for name in column)
    right = max(MIN_RIGHT_CELLS, int(size.width * (1 / 2 if is_wide else RIGHT_SHARE)))
    widths = [size.width - right, right] if len(columns) == 2 else [size.width]
    regions = {}
    x = 0
    for column, width in zip(columns, widths, strict=False):
        y = 0
        weights = [panes[name].weight * extra_weights.get(name, 1) for name in column]
        heights = _heights(column, panes, weights, size.height)
        heights = _fitted(column, heights, weights, width, size.height, fit_height)
        for name, height in zip(column, heights, strict=True):
            regions[name] = Region(x, y, width, height)
            y += height
        x += width
    return regions


def _heights(
    names: list[str], panes: Mapping[str, PanePlacement], weights: list[int], rows: int
) -> list[int]:
    """Return the heights: as in the table, first the lowest ones, and then the rest by weight."""
    if len(names) == 1:
        return [rows]
    heights = [panes[name].min_height for name in names]
    for name in sorted(names, key=lambda name: panes[name].priority):
        wanted = panes[name].height - panes[name].min_height
        heights[names.index(name)] += max(0, min(wanted, rows - sum(heights)))
    return _with_shares(heights, weights, rows - sum(heights))


def _with_shares(heights: list[int], weights: list[int], rows: int) -> list[int]:
    """Return `heights` with `rows` more, shared by `weights`."""
    total = sum(weights)
    if rows <= 0 or not total:
        return heights
    ends = [rows * weight // total for weight in accumulate(weights)]
    shares = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    return [height + share for height, share in zip(heights, shares, strict=True)]


def _fitted(
    names: list[str],
    heights: list[int],
    weights: list[int],
    width: int,
    rows: int,
    fit_height: FitHeight,
) -> list[int]:
    """Return `heights` in which panes leave to the others the rows that they cannot use."""
    if len(names) == 1:
        fit_height(names[0], width, heights[0])
        return heights
    fitted = [fit_height(name, width, height) for name, height in zip(names, heights, strict=True)]
    others = [
        weight * (used == height)
        for used, height, weight in zip(fitted, heights, weights, strict=True)
    ]
    return _with_shares(fitted, others, rows - sum(fitted))
