"""The text of the screen and of a pane, without colours, borders and trailing blanks."""

from collections import defaultdict

from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.table import WholeColumnTable


def screen_lines(screen: Screen[None]) -> list[str]:
    """Return the rows of `screen` as they are drawn."""
    return _stripped([strip.text for strip in screen._compositor.render_strips()])


def pane_lines(pane: Pane) -> list[str]:
    """Return the title, the contents with what is scrolled away, and the subtitle of `pane`."""
    parts: dict[int, list[tuple[int, str]]] = defaultdict(list)  # by row, with their columns
    widgets = [widget for widget in pane.query("*") if widget.display and widget.size]
    n_hidden = 0  # rows of tables that are scrolled away
    for widget in sorted(widgets, key=lambda widget: (widget.region.y, widget.region.x)):
        lines, top = _lines_of(widget), widget.region.y + n_hidden
        for row, line in enumerate(lines, top):
            parts[row].append((widget.region.x - pane.content_region.x, line))
        n_hidden += max(0, len(lines) - widget.size.height)
    contents = [_joined(parts.get(row, [])) for row in range(min(parts), max(parts) + 1)]
    titles = str(pane.border_title or ""), str(pane.border_subtitle or "")
    return [*filter(None, titles[:1]), *_stripped(contents), *filter(None, titles[1:])]


def _lines_of(widget: Widget) -> list[str]:
    if isinstance(widget, WholeColumnTable):
        return widget.plain_lines()
    return [strip.text for strip in widget.render_lines(Region(0, 0, *widget.size))]


def _joined(parts: list[tuple[int, str]]) -> str:
    text = ""
    for column, part in parts:
        text = text.ljust(column) + part
    return text


def _stripped(lines: list[str]) -> list[str]:
    """Return `lines` without trailing blanks, and without blank lines at the end."""
    text = "\n".join(line.rstrip() for line in lines).rstrip("\n")
    return text.split("\n")
