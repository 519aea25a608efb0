"""The seeds pane: the siblings of the run, one cell each."""

from typing import ClassVar, final

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.reactive import var

from rnn_tui.session.requests import DEFAULT_SIBLINGS, OpenSibling
from rnn_tui.session.siblings import SiblingsView
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.siblings import progress_sentence, sibling_lines, sibling_notes
from rnn_tui.tui.drawing.parts import paragraph
from rnn_tui.tui.drawing.seeds import StripLayout, draw_strip, legend, strip_layout
from rnn_tui.tui.panes.base import SUBTITLE_SEPARATOR, Pane, PaneHelp
from rnn_tui.tui.widgets.text_block import TextBlock

FRAME_ROWS, FRAME_CELLS = 2, 4
KEYS = "← → ↑ ↓ choose · enter opens"
HINT = (
    f"N trains {DEFAULT_SIBLINGS} siblings, or as many as before: runs with the same settings and "
    "other seeds."
)


@final
class SeedsPane(Pane):
    """Draws the strip of siblings, and the results of the chosen one; enter or a click opens it."""

    title = "seeds"
    short_title = "seeds"
    help_text = PaneHelp(
        shows="Siblings of the run: the same settings and changes, other seeds, trained in a "
        "process of their own up to the step of the run. A cell has a glyph (✓ exact, · not yet, "
        "✗ diverged), a shade for the accuracy, and the step at which it was exact. Arrows choose "
        "one; enter, or a click on a cell, trains it again, on a branch, with the same numbers. "
        "N starts or stops them, :seeds=8 sets their number; a and A choose whether changes of the "
        "run apply to them too.",
        formula="exact: every sequence was correct at a check, made every 250 steps; the interval "
        "is Wilson's, of 95 %, and a sibling that has diverged counts as not exact. The band of "
        "the loss has the 10 % and 90 % quantiles and the median of the siblings.",
        reading="A run that is far outside of the band is a lucky or an unlucky seed.",
        caveat="The numbers are those at the step that the sentence names: later steps may bring "
        "more. The watched run is not counted: it may have been chosen for its result. Where a "
        "sibling has its seed, as after enter on a cell, that sibling remains in the count and in "
        "the band, and the sentence names the seed.",
    )

    DEFAULT_CSS = "SeedsPane #body { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1, 0)", show=False),
        Binding("right", "choose(1, 0)", show=False),
        Binding("up", "choose(0, -1)", show=False),
        Binding("down", "choose(0, 1)", show=False),
        Binding("enter", "open", "Open the sibling"),
    ]

    chosen: var[int] = var(0)  # index of a sibling

    def compose(self) -> ComposeResult:
        yield TextBlock(id="body")

    def on_mount(self) -> None:
        self._drawn_rows = 0
        self._layout = StripLayout(1, False)
        self._strip_top, self._strip_rows = 0, range(0)  # its first row in the pane; rows shown

    def watch_chosen(self) -> None:
        if self.is_mounted:
            self.update_from(self.snapshot)

    def fit_height(self, width: int, rows: int) -> int:
        return min(rows, FRAME_ROWS + len(self._rows(width - FRAME_CELLS, rows - FRAME_ROWS)))

    def update_from(self, snapshot: Snapshot) -> None:
        width, height = self.content_size
        if not width:  # a hidden pane
            return
        view = snapshot.siblings
        update = view.update if view else None
        texts = (pane_title(view), *sibling_notes(view)) if view else ()
        shown = self.size, self.glyphs, self.chosen, snapshot.status, texts
        if not self.begin_redraw_if_due(shown, (update, snapshot.latest_step)):
            return
        self.set_titles(
            pane_title(view) if view else self.title,
            f"{KEYS}{SUBTITLE_SEPARATOR}{legend(self.glyphs)}" if update else "",
        )
        rows = self._rows(width, height)
        if len(rows) != self._drawn_rows:  # it may need fewer rows or more
            self._drawn_rows = len(rows)
            self.refresh(layout=True)
        self.query_one("#body", TextBlock).set_text(Content("\n").join(rows[:height]))

    def _rows(self, width: int, height: int) -> list[Content]:
        """Return the rows of text, with the layout of the strip that fits."""
        view = self.snapshot.siblings
        if view is None:
            return paragraph(HINT, width)
        notes = [row for note in sibling_notes(view) for row in paragraph(note, width)]
        sentence = paragraph(progress_sentence(view, self.snapshot.latest_step), width)
        if view.update is None:
            return sentence + notes
        states = view.update.states
        index = min(self.chosen, len(states) - 1)
        detail = paragraph(sibling_lines(view)[index], width)
        room = max(1, height - len(sentence) - len(notes) - len(detail))
        self._layout = strip_layout(len(states), width, room)
        strip = draw_strip(states, index, self._layout, self.glyphs)
        first = max(0, index // self._layout.per_row - room + 1)  # so that the chosen row is shown
        self._strip_top = len(sentence) + len(notes)
        self._strip_rows = range(len(strip))[first : first + room]
        return [*sentence, *notes, *strip[first : first + room], *detail]

    def action_choose(self, right: int, down: int) -> None:
        """Choose another sibling, in the same row or below."""
        view = self.snapshot.siblings
        if view is None:
            return
        last = len(view.seeds) - 1
        index = min(self.chosen, last) + right + down * self._layout.per_row
        if 0 <= index <= last:
            self.chosen = index

    def on_click(self, event: Click) -> None:
        """Open the sibling whose cell is clicked."""
        view = self.snapshot.siblings
        column, row = event.screen_offset - self.query_one("#body").region.offset
        row -= self._strip_top
        if view is None or view.update is None or not 0 <= row < len(self._strip_rows):
            return
        index = self._layout.index_at(self._strip_rows[row], column, len(view.seeds))
        if index is not None:
            event.prevent_default()  # a double click maximizes the pane elsewhere only
            self.chosen = index
            if event.chain == 1:
                self.action_open()

    def action_open(self) -> None:
        """Open the chosen sibling; without siblings the key is the dashboard's."""
        view = self.snapshot.siblings
        if view is None or view.update is None:
            raise SkipAction
        seed = view.seeds[min(self.chosen, len(view.seeds) - 1)]
        self.post_message(self.Requested(OpenSibling(seed)))


def pane_title(view: SiblingsView) -> str:
    """Return the title with the number of siblings, and which changes of the run they get."""
    changes = {None: "", True: ", with its changes", False: ", without further changes"}
    n_siblings = len(view.seeds)
    noun = "sibling" if n_siblings == 1 else "siblings"
    return f"{SeedsPane.title}: {n_siblings} {noun} of the run{changes[view.applies_changes]}"
