"""The tab line: the views with their keys, and the panes of the current one without room."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from rnn_tui.tui.drawing.status_lines import ellipsize
from rnn_tui.tui.panes import VIEWS

CURRENT_STYLE = "reverse bold"


def tab_line(
    width: int, current: str, without_room: Sequence[str], *, is_maximized: bool
) -> Content:
    """Return one line of at most `width` cells; a click on a view shows it.

    Where the names of the panes do not fit, the other views have their keys alone.
    """
    names = ", ".join(without_room)
    notes = [f"esc shows {names}" if is_maximized else f"no room: {names} (P)"] * bool(names)
    for labels in (list(VIEWS), [view if view == current else "" for view in VIEWS]):
        tabs = Content("").join(_tabs(labels, current))
        room = width - tabs.cell_length - 1
        note = notes[0] if notes else ""
        if len(note) <= room:
            break
    note = ellipsize(note, room)
    gap = width - tabs.cell_length - len(note)
    return Content.assemble(tabs, " " * gap, (note, "$text-muted"))


def _tabs(labels: Sequence[str], current: str) -> Iterator[Content]:
    for number, (view, label) in enumerate(zip(VIEWS, labels, strict=True), start=1):
        text = f" {number} {label}".rstrip() + " "
        action = f"@click=screen.show_view('{view}')"
        if view == current:
            yield Content.styled(text, CURRENT_STYLE)
        else:
            yield Content.from_markup(f"[{action}] [bold $key]{number}[/]{text[2:]}[/]")
