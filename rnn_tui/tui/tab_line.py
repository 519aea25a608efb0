"""The tab line: the views with their keys, and the panes of the current one without room."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from rnn_tui.tui.views import STEP_VIEW, STEP_VIEW_KEY, VIEWS

CURRENT_STYLE = "reverse bold"
REPLACE_KEY = "(P)"


def tab_line(width: int, current: str, without_room: Sequence[str], *, restore_key: str) -> Content:
    """Return one line of at most `width` cells; a click on a view or on the panes shows them.

    If a pane is maximized, `restore_key` shows the others.

    Where the names of the panes do not fit, the other views have their keys alone, and then the
    last panes are counted.
    """
    notes = list(_notes(without_room, restore_key))
    brief = _tabs([view if view == current else "" for view in VIEWS], current)
    lines = [(_tabs(list(VIEWS), current), notes[0]), *((brief, note) for note in notes)]
    fitting = (line for line in lines if line[0].cell_length + len(line[1]) < width)
    tabs, note = next(fitting, lines[-1])
    gap = width - tabs.cell_length - len(note)
    action = "toggle_maximized" if restore_key else "replace_pane"
    names, key, end = note.partition(REPLACE_KEY)
    texts = (names, "$text-muted"), (key, "bold $key"), (end, "$text-muted")
    click = f"@click=screen.{action}"
    parts = [(text, f"{style} {click}") for text, style in texts if text]
    return Content.assemble(tabs, " " * gap, *parts)


def _notes(names: Sequence[str], restore_key: str) -> Iterator[str]:
    """Yield notes on the panes `names`: with all names first, then with fewer."""
    if restore_key:
        prefix, suffix = f"{restore_key} shows ", ""
    else:
        prefix, suffix = "no room: ", f" {REPLACE_KEY}"
    if not names:
        yield ""
    for n_named in range(len(names), 0, -1):
        more = f" + {len(names) - n_named}" if n_named < len(names) else ""
        yield f"{prefix}{', '.join(names[:n_named])}{more}{suffix}"


def _tabs(labels: Sequence[str], current: str) -> Content:
    tabs = list(_each_tab(labels, current))
    if current == STEP_VIEW:
        tabs.append(Content.styled(f" {STEP_VIEW_KEY} {STEP_VIEW} ", CURRENT_STYLE))
    return Content("").join(tabs)


def _each_tab(labels: Sequence[str], current: str) -> Iterator[Content]:
    for number, (view, label) in enumerate(zip(VIEWS, labels, strict=True), start=1):
        text = f" {number} {label}".rstrip() + " "
        action = f"@click=screen.show_view('{view}')"
        if view == current:
            yield Content.styled(text, CURRENT_STYLE)
        else:
            yield Content.from_markup(f"[{action}] [bold $key]{number}[/]{text[2:]}[/]")
