"""The table of a sweep as text: rows and columns are the settings, cells the results of the seeds.

With two axes or more the values of the last one are the columns; columns without room are on later
pages, so that a table is never wider than its window.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, isnan
from typing import NamedTuple, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.sweep.statistics import Estimate, Interval
from rnn_tui.sweep.summary import CellSummary, Comparison, summarize_cell
from rnn_tui.sweep.sweep import Sweep, SweepProgress

GAP_CELLS = 2  # between two columns
MAX_LABEL_CELLS = 24  # of a value of an axis
MIN_WIDTH_WITHOUT_DECIMALS = 0.02  # of an interval
ELLIPSIS = "…"
MEASURE_NAMES = ("exact", "95 %", "median steps", "quartiles", "accuracy", "95 %")
SORT_ORDERS = ("grid", "success", "steps", "accuracy")
COMPARISON_TITLE = "probability that a run is exact after fewer steps; ties count half (95 %)"
LEGEND = (
    "exact: runs with 100 % sequence accuracy, of all (Wilson interval, 95 %)",
    "steps: median to the first exact check (quartiles; > n: none within n)",
    "accuracy: interquartile mean of the final accuracy (bootstrap, 95 %)",
)


@final
class TableRow(NamedTuple):
    """A row: the values of its axes, and for each column the lines of text and its cell."""

    labels: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    cells: tuple[int | None, ...]  # index in the grid, the same for all columns of a single axis


@final
class SweepTable(NamedTuple):
    """A page of a table: `notes` say which columns and rows are not on it."""

    label_names: tuple[str, ...]
    column_names: tuple[str, ...]
    rows: list[TableRow]
    notes: list[str]
    n_pages: int

    @property
    def widths(self) -> list[int]:
        """The width of each column, labels first."""
        names = (*self.label_names, *self.column_names)
        lines = [[*([label] for label in row.labels), *row.texts] for row in self.rows]
        return [
            max(len(text) for text in (name, *(line for row in lines for line in row[i])))
            for i, name in enumerate(names)
        ]


@final
@dataclass(frozen=True, slots=True)
class TableView:
    """How a table is arranged: sorted, filtered, on which page of columns."""

    sort: str = "grid"
    words: tuple[str, ...] = ()
    page: int = 0


@final
@dataclass(frozen=True, slots=True)
class _Row:
    labels: tuple[str, ...]
    cells: tuple[int | None, ...]  # None for one that is filtered
    summaries: tuple[CellSummary | None, ...]


def parse_filter(sweep: Sweep, text: str) -> tuple[str, ...]:
    """Return the words of a filter: NAME=VALUE of an axis, or a value; raises UserError."""
    words = tuple(text.split())
    texts = {axis.name: axis.texts for axis in sweep.grid.axes}
    for word in words:
        name, equals, wanted = word.partition("=")
        if equals:
            check_choice("axis", name, texts)
            for value in wanted.split(","):
                if value not in texts[name]:
                    raise UserError(f"{name} has no value {value} here: {', '.join(texts[name])}")
    if words and not any(_matches(sweep, values, words) for values in _all_values(sweep)):
        raise UserError(f"no setting of the sweep matches {text.strip()!r}")
    return words


def _all_values(sweep: Sweep) -> Iterator[tuple[str, ...]]:
    return (cell.values for cell in sweep.grid.cells)


def _matches(sweep: Sweep, values: Sequence[str], words: Iterable[str]) -> bool:
    """Return whether each word is a value, or NAME=VALUE with several values as VALUE,VALUE."""
    by_name = dict(zip(sweep.grid.names, values, strict=True))
    for word in words:
        name, equals, wanted = word.partition("=")
        if by_name[name] not in wanted.split(",") if equals else word not in values:
            return False
    return True


def sweep_table(sweep: Sweep, width: int, view: TableView) -> SweepTable:
    """Return the page `view.page` of the table in `width` columns of text."""
    axes, names = sweep.grid.axes, sweep.grid.names
    shown = [
        index
        for index, cell in enumerate(sweep.grid.cells)
        if _matches(sweep, cell.values, view.words)
    ]
    n_columns = 1 if len(axes) < 2 else len(axes[-1].values)
    label_axes = axes if n_columns == 1 and len(axes) < 2 else axes[:-1]
    columns = [""] if label_axes == axes else list(axes[-1].texts)
    rows: dict[tuple[str, ...], dict[str, int]] = {}
    for index in shown:
        values = sweep.grid.cells[index].values
        labels = values[: len(label_axes)]
        rows.setdefault(labels, {})["".join(values[len(label_axes) :])] = index
    columns = [name for name in columns if any(name in row for row in rows.values())]
    table_rows = []
    label_names = tuple(crop(name, MAX_LABEL_CELLS) for name in names[: len(label_axes)])
    for values, by_column in rows.items():
        labels = tuple(crop(value, MAX_LABEL_CELLS) for value in values)
        cells = tuple(by_column.get(name) for name in columns)
        summaries = (None if index is None else summarize_cell(sweep, index) for index in cells)
        table_rows.append(_Row(labels, cells, tuple(summaries)))
    table_rows = _sorted(table_rows, view.sort)
    label_width = sum(
        max(len(text) for text in (name, *(row.labels[i] for row in table_rows))) + GAP_CELLS
        for i, name in enumerate(label_names)
    )
    if label_axes == axes:
        page = _measure_rows(table_rows)
        if _width_of(MEASURE_NAMES, page) + label_width <= width:
            return SweepTable(
                label_names, MEASURE_NAMES, page, _filter_notes(sweep, shown, view), 1
            )
        column_names: tuple[str, ...] = ("results",)
    else:
        column_names = tuple(f"{names[-1]}={name}" for name in columns)
    text_rows = [
        TableRow(row.labels, tuple(map(cell_lines, row.summaries)), row.cells) for row in table_rows
    ]
    pages = _pages(column_names, text_rows, width - label_width)
    number = min(view.page, len(pages) - 1)
    first, last = pages[number]
    notes = _filter_notes(sweep, shown, view)
    if len(pages) > 1:
        which = f"columns {first + 1} to {last}" if last > first + 1 else f"column {last}"
        notes.append(f"{which} of {len(column_names)}")
    rows_of_page = [
        TableRow(row.labels, row.texts[first:last], row.cells[first:last]) for row in text_rows
    ]
    return SweepTable(
        label_names,
        column_names[first:last],
        rows_of_page,
        notes,
        len(pages),
    )


def _filter_notes(sweep: Sweep, shown: Sequence[int], view: TableView) -> list[str]:
    n_cells = len(sweep.grid.cells)
    if len(shown) == n_cells:
        return []
    return [f"{len(shown)} of {n_cells} settings: {' '.join(view.words)}"]


def _sorted(rows: list[_Row], order: str) -> list[_Row]:
    """Return rows by their best cell in `order`, the best first."""

    def key(row: _Row) -> float:
        summaries = [summary for summary in row.summaries if summary]
        match order:
            case "success":
                values = [-summary.success_rate for summary in summaries]
            case "steps":
                values = [summary.median for summary in summaries]
            case _:
                values = [-summary.accuracy.value for summary in summaries]
        return min((value for value in values if not isnan(value)), default=inf)

    return rows if order == "grid" else sorted(rows, key=key)


def _pages(
    column_names: Sequence[str], rows: Sequence[TableRow], width: int
) -> list[tuple[int, int]]:
    """Return the first column of each page and the one after its last, at least one a page."""
    pages, first, used = [], 0, 0
    for i, name in enumerate(column_names):
        lines = [line for row in rows for line in row.texts[i]]
        needed = max(map(len, [name, *lines])) + (GAP_CELLS if i > first else 0)
        if i > first and used + needed > width:
            pages.append((first, i))
            first, used, needed = i, 0, needed - GAP_CELLS
        used += needed
    return [*pages, (first, len(column_names))]


def _measure_rows(rows: Iterable[_Row]) -> list[TableRow]:
    """Return rows of a table of one axis, whose columns are the measures."""
    return [
        TableRow(
            row.labels,
            tuple((text,) for text in _measures(summary)),
            row.cells * len(MEASURE_NAMES),
        )
        for row in rows
        for summary in row.summaries
        if summary
    ]


def _measures(summary: CellSummary) -> tuple[str, ...]:
    if summary.success is None:
        return (exact_text(summary), "", "", "", "", "")
    median, quartiles = _steps_texts(summary)
    accuracy, interval = accuracy_texts(summary.accuracy)
    if not summary.is_complete:
        return (exact_text(summary), "so far", median, "", accuracy, "")
    halted = f", {summary.n_halted} halted" if summary.n_halted else ""
    return (
        exact_text(summary) + halted,
        format_interval(summary.success),
        median,
        quartiles,
        accuracy,
        interval,
    )


def cell_lines(summary: CellSummary | None) -> tuple[str, ...]:
    """Return the lines of a cell: success rate, steps to 100 % accuracy, final accuracy.

    A fourth line has the number of halted runs, if there are any. Intervals and quartiles are of
    complete cells only: the runs that end first are no sample of all.
    """
    if summary is None or summary.success is None:
        return (exact_text(summary) if summary else "", "", "")
    median, quartiles = _steps_texts(summary)
    accuracy, interval = accuracy_texts(summary.accuracy)
    if not summary.is_complete:
        return (f"{exact_text(summary)} so far", median, accuracy)
    first_quartile = summary.quartiles[0]
    if isfinite(summary.median):
        steps = f"{median} ({quartiles})"
    else:
        steps = f"{median} (Q1 {first_quartile:,.0f})" if isfinite(first_quartile) else median
    lines = (
        f"{exact_text(summary)} ({format_interval(summary.success)})",
        steps,
        f"{accuracy} ({interval})",
    )
    return (*lines, f"{summary.n_halted} halted") if summary.n_halted else lines


def exact_text(summary: CellSummary) -> str:
    """Return the runs that are exact, of those with a result, and of all while they differ."""
    if summary.n_done == 0:
        return f"– of {summary.n_runs}"
    of_all = "" if summary.n_done == summary.n_runs else f" of {summary.n_runs}"
    return f"{summary.n_exact}/{summary.n_done}{of_all}"


def _steps_texts(summary: CellSummary) -> tuple[str, str]:
    """Return the median of steps and its quartiles, each one value where all are equal.

    Infinite ones are > the limit, or "halted" where no run is censored.
    """
    beyond = f"> {summary.limit:,}" if summary.n_censored else "halted"
    q1, median, q3 = (f"{q:,.0f}" if isfinite(q) else beyond for q in summary.quartiles)
    return median, q1 if q1 == q3 else f"{q1}–{q3}"


def accuracy_texts(accuracy: Estimate) -> tuple[str, str]:
    """Return an accuracy and its interval in percent, all rounded down to one decimal.

    Only all is 100 %, and only none 0 %; an upper end below 0.1 % is rounded up.
    """
    value, low, high = (floor(1000 * x + 1e-9) for x in (accuracy.value, *accuracy.interval))
    high = max(high, int(accuracy.interval.high > 0))
    text = "< 0.1" if value == 0 < accuracy.value else _tenths_text(value)
    return f"{text} %", f"{_tenths_text(low)}–{_tenths_text(high)} %"


def _tenths_text(tenths: int) -> str:
    return str(tenths // 10) if tenths in (0, 1000) else f"{tenths / 10:.1f}"


def format_interval(interval: Interval) -> str:
    """Return an interval of fractions in percent, as 68–93 %; one decimal where both are close."""
    return _interval_text(interval, _digits(interval))


def _digits(interval: Interval) -> int:
    return 1 if 0 < interval.high - interval.low < MIN_WIDTH_WITHOUT_DECIMALS else 0


def _interval_text(interval: Interval, digits: int) -> str:
    return f"{100 * interval.low:.{digits}f}–{100 * interval.high:.{digits}f} %"


def comparison_text(comparison: Comparison) -> str:
    """Return how probable an improvement is, with its interval; a dash if no run is exact."""
    pair = f"{comparison.axis} {comparison.value} vs {comparison.baseline}"
    if comparison.n_exact == 0:
        return f"{pair}: — (no run is exact)"
    value, interval = comparison.improvement
    digits = _digits(interval)
    return f"{pair}: {100 * value:.{digits}f} % ({_interval_text(interval, digits)})"


def format_seconds(seconds: float) -> str:
    """Return a duration in its two largest units, as 3 min 20 s."""
    total = round(seconds)
    hours, minutes, rest = total // 3600, total // 60 % 60, total % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun, as 1 run and 2 runs."""
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def progress_text(progress: SweepProgress) -> str:
    """Return the runs done, and the time left."""
    is_known = isfinite(progress.seconds_left) and progress.n_done < progress.n_runs
    left = f", {format_seconds(progress.seconds_left)} left" if is_known else ""
    return f"{progress.n_done:,} of {progress.n_runs:,} runs{left}"


def table_lines(sweep: Sweep, width: int, view: TableView | None = None) -> list[str]:
    """Return the lines of all pages of the table, none longer than `width`."""
    view = view or TableView()
    lines: list[str] = []
    n_pages, page = 1, 0
    while page < n_pages:
        table = sweep_table(sweep, width, TableView(view.sort, view.words, page))
        n_pages, page = table.n_pages, page + 1
        lines += ([""] if lines else []) + [f"{note}:" for note in table.notes]
        lines += _page_lines(table)
    return [crop(line, width) for line in lines]


def _page_lines(table: SweepTable) -> Iterator[str]:
    widths = table.widths
    yield _line([*table.label_names, *table.column_names], widths)
    for row in table.rows:
        height = max(map(len, row.texts), default=1)
        for y in range(height):
            labels = row.labels if y == 0 else ("",) * len(row.labels)
            cells = [lines[y] if y < len(lines) else "" for lines in row.texts]
            yield _line([*labels, *cells], widths)


def _width_of(names: Sequence[str], rows: Sequence[TableRow]) -> int:
    return (
        sum(
            max(len(text) for text in (name, *(line for row in rows for line in row.texts[i])))
            + GAP_CELLS
            for i, name in enumerate(names)
        )
        - GAP_CELLS
    )


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    cells = [crop(text, width).ljust(width) for text, width in zip(texts, widths, strict=True)]
    return (" " * GAP_CELLS).join(cells).rstrip()


def crop(text: str, width: int) -> str:
    """Return `text` in at most `width` characters, with an ellipsis for what is cut."""
    return text if len(text) <= width else text[: max(0, width - 1)] + ELLIPSIS[: max(0, width)]
