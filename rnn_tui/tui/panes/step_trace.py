"""The step pane: one stop of the trace of the next training step."""

from dataclasses import dataclass
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from rnn_tui.analysis.step_trace import EXAMPLE, Place, StepTrace, Stop
from rnn_tui.session.requests import DisplayTracedExample
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.step_trace import NO_TARGET, axis_texts, stop_title
from rnn_tui.tui.drawing.step_trace import draw_stop
from rnn_tui.tui.panes.base import SUBTITLE_SEPARATOR, Pane, PaneHelp
from rnn_tui.tui.widgets.text_block import TextBlock

KEY_HINT, LEAVE_HINT = ", . stop", "esc leaves"
NO_TRACE = ". traces the next step, formula by formula"
HALTED = "training is halted: there is no step to trace"
RUNNING = ". pauses the run and traces its next step, formula by formula"


@final
class StepTracePane(Pane):
    """Displays the formula of the current stop with its numbers, and a selected term."""

    title = "step"
    short_title = "step"
    help_text = PaneHelp(
        shows="One formula of the next training step at a time, forward, loss, backward, gradient "
        "and update, with its numbers and terms. . and , go to the next and the previous stop, "
        "PgDn and PgUp to the next and the previous phase; ↑ ↓ select a term, ← → a unit, input or "
        "example, Tab which of these. Past the last stop the step is trained; Esc leaves.",
        formula="z, h, o are preactivation, hidden state and logit; x_3[a] is input a at time step "
        "3, W_h[2,5] the weight from unit 2 to unit 5. Σ is the sum of the gradient so far.",
        reading="The selected term is marked in the bits, hidden states and gradient map. The last "
        "line of a gradient is that of the engine to the last bit: Σ, and the rounding of its "
        "matrix product.",
        caveat="Terms are displayed rounded, so they may add up to another last digit. Tracing "
        "takes the step on a copy: the run does not change.",
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "select_term(-1)", "Term above"),
        Binding("down", "select_term(1)", "Term below"),
        Binding("left", "move(-1)", "Previous unit"),
        Binding("right", "move(1)", "Next unit"),
        Binding("tab", "next_axis(1)", "Next index"),
        Binding("shift+tab", "next_axis(-1)", "Previous index"),
        Binding("pageup", "move_phase(-1)", "Previous phase"),
        Binding("pagedown", "move_phase(1)", "Next phase"),
    ]

    DEFAULT_CSS = "StepTracePane TextBlock { height: 1fr; }"

    _trace: StepTrace | None = None
    _stop = _term = _n_terms = 0
    _traced_step = -1
    _axis = ""  # that ← and → move along

    @dataclass
    class TermDrawn(Message):
        """The pane has drawn a selected term; `place` is None without a trace."""

        place: Place | None

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes)
        self._index: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        yield TextBlock()

    # -- moving ----------------------------------------------------------------------------------

    @property
    def stop(self) -> Stop | None:
        """The current stop, if there is a trace."""
        return self._trace.stops[self._stop] if self._trace and self._trace.stops else None

    def go_to_next_stop(self) -> bool:
        """Display the next stop; return False at the last one."""
        n_stops = len(self._trace.stops) if self._trace else 0
        return self._go_to(self._stop + 1) if self._stop + 1 < n_stops else False

    def go_to_previous_stop(self) -> None:
        """Display the previous stop, if there is one."""
        if self._stop:
            self._go_to(self._stop - 1)

    def _go_to(self, stop: int) -> bool:
        self._stop, self._term = stop, 0
        self.redraw()
        return True

    def action_move_phase(self, direction: int) -> None:
        """Go to the first stop of the next or the previous phase."""
        stops = self._trace.stops if self._trace else ()
        starts = [
            place
            for place, stop in enumerate(stops)
            if not place or stop.phase is not stops[place - 1].phase
        ]
        others = [start for start in starts if (start - self._stop) * direction > 0]
        if others:
            self._go_to(others[0] if direction > 0 else others[-1])

    def action_select_term(self, places: int) -> None:
        """Select the term so many places below."""
        self._term = max(0, min(self._n_terms - 1, self._term + places))
        self.redraw()

    def _axis_names(self) -> list[str]:
        """Return the axes with several places, the last of the quantity first."""
        if self._trace is None or self.stop is None:
            return []
        axes = self._trace.axes_of(self.stop)
        names = [axis.name for axis in axes if len(axis.labels) > 1 and axis.name != EXAMPLE]
        return names[::-1] + [axis.name for axis in axes if axis.name == EXAMPLE]

    def action_next_axis(self, places: int) -> None:
        """Let ← and → move along another index."""
        names = self._axis_names()
        if names:
            place = names.index(self._axis) if self._axis in names else 0
            self._axis = names[(place + places) % len(names)]
            self.redraw()

    def action_move(self, places: int) -> None:
        """Move along the chosen index, round its ends."""
        names = self._axis_names()
        if self._trace is None or self.stop is None or not names:
            return
        name = self._axis if self._axis in names else names[0]
        axis = next(axis for axis in self._trace.axes_of(self.stop) if axis.name == name)
        start = self._trace.first_example if name == EXAMPLE else 0
        place = min(self._index.get(name, start), len(axis.labels) - 1)
        self._index[name] = (place + places) % len(axis.labels)
        if name == EXAMPLE:
            self.post_message(self.Requested(DisplayTracedExample(self._index[name])))
        self.redraw()

    # -- drawing ---------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Draw the stop again, as after a choice of the user."""
        self._drawn_view = ()
        self.update_from(self.snapshot)

    def update_from(self, snapshot: Snapshot) -> None:
        trace, size = snapshot.step_trace, self.content_size
        if trace is not self._trace:
            self._trace = trace
            if trace and trace.step != self._traced_step:
                self._traced_step, self._stop, self._term = trace.step, 0, 0
                self._index.pop(EXAMPLE, None)
            elif trace:  # of the same step, perhaps after a change
                self._stop = max(0, min(self._stop, len(trace.stops) - 1))
        if not size.width or not self.begin_redraw_if_due(
            (size, self.glyphs, trace), (snapshot.status,)
        ):
            return
        text_block, stop = self.query_one(TextBlock), self.stop
        if trace is None or stop is None:
            running = snapshot.status is Status.RUNNING
            halted = snapshot.status is Status.HALTED
            no_trace = RUNNING if running else HALTED if halted else NO_TRACE
            text = NO_TARGET if trace else no_trace
            text_block.set_text(self.glyphs.transliterate(text))
            self.set_titles(self.title, "")
            self.post_message(self.TermDrawn(None))
            return
        content, self._n_terms, place = draw_stop(
            trace, stop, self._index, (size.width, size.height), self.glyphs, self._term
        )
        text_block.set_text(content)
        self.set_titles(f"step {trace.step + 1:,}: {stop_title(stop)}", self._subtitle(trace, stop))
        self.post_message(self.TermDrawn(place))

    def _subtitle(self, trace: StepTrace, stop: Stop) -> str:
        names = self._axis_names()
        active = self._axis if self._axis in names else "".join(names[:1])
        texts = axis_texts(trace, stop, self._index)
        parts = [f"← {texts[name]} →" if name == active else texts[name] for name in names]
        parts += [f"stop {self._stop + 1} of {len(trace.stops)}", KEY_HINT, LEAVE_HINT]
        return SUBTITLE_SEPARATOR.join(parts)
