"""The dialogs of the screen of a sweep."""

from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Label, Static

from rnn_tui.sweep.summary import compare_values
from rnn_tui.sweep.sweep import Sweep
from rnn_tui.text.sweep_table import (
    COMPARISON_TITLE,
    LEGEND,
    comparison_text,
    parse_filter,
    plural,
)
from rnn_tui.tui.screens.dialogs import Dialog, InputDialog
from rnn_tui.tui.widgets.steady_input import SteadyInput


@final
class KeysScreen(Dialog[None]):
    """Every key with its meaning, and what the cells show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "close")
    ]

    def __init__(self, keys: dict[str, tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "keys"
            box.border_subtitle = "↑ ↓ scroll · esc closes"
            lines = [
                Content.assemble((f"{key:>6}", "$key bold"), f"  {meaning}")
                for key, (_, meaning) in self._keys.items()
            ]
            lines += [Content(""), *map(Content, LEGEND)]
            yield Static(Content("\n").join(lines))


@final
class ComparisonsScreen(Dialog[None]):
    """Each value of each axis compared with the one before."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,p,enter", "dismiss", "close")]

    def __init__(self, sweep: Sweep) -> None:
        super().__init__()
        self._lines = [comparison_text(comparison) for comparison in compare_values(sweep)]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = COMPARISON_TITLE
            box.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static("\n".join(self._lines or ["no two values have results"]), markup=False)


@final
class FilterScreen(InputDialog[tuple[str, ...]]):
    """Input of a filter; a blank one shows all settings."""

    def __init__(self, sweep: Sweep, words: tuple[str, ...]) -> None:
        super().__init__()
        self._sweep, self._words = sweep, words

    def compose(self) -> ComposeResult:
        axes = self._sweep.grid.axes
        example = " ".join(f"{axis.name}={axis.texts[0]}" for axis in axes[:2])
        with Vertical(classes="question") as box:
            box.border_title = "filter settings"
            yield SteadyInput(
                " ".join(self._words), placeholder=f"e.g. {example}", select_on_focus=False
            )
            yield Label("NAME=VALUE,VALUE or a value; blank: all · esc cancels")

    def on_input_submitted(self, event: SteadyInput.Submitted) -> None:
        if event.value.strip():
            super().on_input_submitted(event)
        else:
            self.dismiss(())

    def parse(self, text: str) -> tuple[str, ...]:
        return parse_filter(self._sweep, text)


@final
class QuitScreen(Dialog[bool]):
    """Asks whether to quit a sweep that is not finished."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,q,enter", "dismiss(True)", "quit"),
        Binding("n,escape", "dismiss", "train on"),
    ]

    def __init__(self, sweep: Sweep) -> None:
        super().__init__()
        self._n_left = len(sweep.jobs_left)

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "quit the sweep"
            yield Label(
                f"{plural(self._n_left, 'run')} without a result. Results of finished runs are "
                "kept; unfinished ones start again."
            )
            yield Label("y quits · n trains on")
