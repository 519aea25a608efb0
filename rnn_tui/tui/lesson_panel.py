"""The panel of a lesson beside the panes: its text, a question with its choices, and the keys."""

from functools import partial
from typing import ClassVar, final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import OptionList, Static

from rnn_tui.config.errors import UserError
from rnn_tui.lessons.player import LessonPlayer, PageState
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing.lesson import lesson_view
from rnn_tui.tui.panes import PANES
from rnn_tui.tui.widgets.select import StableOptionList

MIN_BESIDE_CELLS = 110  # width of the window from which the panel is beside the panes
PANEL_SHARE = 1 / 3
MIN_PANEL_CELLS, MAX_PANEL_CELLS = 40, 60
LOW_ROWS = 34  # of a window, below which the panel is compact
LOW_PANEL_ROWS, PANEL_ROWS = 8, 12  # below the panes
HINT_SECONDS = 60.0  # on a page with a goal, after which its hint is shown
PADDING_CELLS = 2
FRAME_CELLS = 2  # beside the panes


@final
class ChoiceList(StableOptionList):
    """The choices of a question; a digit chooses one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(number), f"choose({number})", show=False) for number in range(1, 10)
    ]

    def action_choose(self, number: int) -> None:
        """Choose the choice `number`, from 1, if there is one."""
        if number <= self.option_count:
            self.highlighted = number - 1
            self.action_select()


def is_beside(window: Size) -> bool:
    """Return whether the panel stands beside the panes in `window`, and not below them."""
    return window.width >= MIN_BESIDE_CELLS


def is_compact(window: Size) -> bool:
    """Return whether the panel has room for one text at a time."""
    return window.height < LOW_ROWS


def panel_size(window: Size) -> Size:
    """Return the columns or the rows of the panel in `window`; the other is 0."""
    if is_beside(window):
        cells = int(window.width * PANEL_SHARE)
        return Size(max(MIN_PANEL_CELLS, min(cells, MAX_PANEL_CELLS)), 0)
    return Size(0, LOW_PANEL_ROWS if is_compact(window) else PANEL_ROWS)


@final
class LessonPanel(Vertical):
    """Shows the page of `player`, and posts `PaneRequested` for the pane of each new page."""

    DEFAULT_CSS = """
    LessonPanel { border-top: solid $key; border-title-color: $text; padding: 0 1; }
    LessonPanel VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    LessonPanel Static { height: auto; }
    LessonPanel #lesson-after { margin-top: 1; }
    LessonPanel.-compact #lesson-after { margin-top: 0; }
    LessonPanel #lesson-keys { color: $text-muted; link-color: $text-muted; }
    LessonPanel ChoiceList {
        height: auto; overflow-y: hidden; border: none; padding: 0; background: transparent;
    }
    """

    @final
    class PaneRequested(Message):
        """The page is about the pane `name`, if it names one; it asks if `is_asking`."""

        def __init__(self, name: str, *, is_asking: bool) -> None:
            super().__init__()
            self.name, self.is_asking = name, is_asking

    def __init__(self, player: LessonPlayer, page: int) -> None:
        super().__init__(id="lesson")
        self.player, self._first_page = player, page
        self._status = Status.STARTING
        self._message = ""  # why the latest action was refused
        self._question_is_open = False
        self._contents: dict[str, Content] = {}  # of the texts shown
        self._choices: tuple[str, ...] = ()
        self.answer_key = ""  # of the correct answer just given; pressed again, it does nothing
        self._n_opened = 0  # pages so far, when the panel was shown
        self._pane_requested = 0  # after so many opened pages
        self._scrolled_for: tuple[object, ...] = ()  # page, texts and sizes
        self._window = Size()

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(id="lesson-text")
            yield ChoiceList(markup=False, compact=True)
            yield Static(id="lesson-after")
        yield Static(id="lesson-keys")

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._scroll_to_newest())

    def _scroll_to_newest(self) -> None:
        """Once the page is laid out anew, scroll to its beginning, or what stands after its text.

        That is later than the refresh after an update: Textual lays out texts when it is idle.
        """
        body = self.query_one(VerticalScroll)
        texts = self._contents.get("text"), self._contents.get("after")
        layout = self._n_opened, texts, body.virtual_size, body.container_size
        if layout != self._scrolled_for:
            self._scrolled_for = layout
            has_newer_text = self._choices or self._contents.get("after")
            y = body.max_scroll_y if has_newer_text else 0
            body.scroll_to(y=y, animate=False, immediate=True)

    def set_window(self, window: Size) -> None:
        """Take the size and the form that suit a window of this size."""
        self._window, size = window, panel_size(window)
        self.styles.width, self.styles.height = size.width or "1fr", size.height or "1fr"
        self.set_class(is_compact(window), "-compact")
        self._show()

    def begin(self) -> None:
        """Open the first page to be shown."""
        self.player.play_to(self._first_page - 1)
        self._show()

    def update_from(self, snapshot: Snapshot) -> None:
        """Take note of the run, and request the pane of a page once the run is set up for it."""
        if self.player.update(snapshot):
            self._message = ""
        self._status = snapshot.status
        self._show()
        self._request_pane()

    def _request_pane(self) -> None:
        if self.player.is_settled and self.player.n_opened != self._pane_requested:
            self._pane_requested, self.answer_key = self.player.n_opened, ""
            self._post_pane()
            self.set_timer(HINT_SECONDS, partial(self._give_hint, self.player.n_opened))

    def _give_hint(self, n_opened: int) -> None:
        """Show the hint if the page opened then still waits for its goal."""
        player = self.player
        is_open = player.n_opened == n_opened and player.state is PageState.ACTING
        if is_open and player.page.hint:
            player.show_hint()
            self._show()

    def _post_pane(self) -> None:
        is_asking = bool(self._choices)
        self.post_message(self.PaneRequested(self.player.page.pane, is_asking=is_asking))

    def act(self, action: str) -> None:
        """Go back, start the page again, go on, or show the hint."""
        player, self._message = self.player, ""
        try:
            match action:
                case "back":
                    player.back()
                case "again":
                    player.again()
                case "hint":
                    player.show_hint()
                case _ if self._opens_question:
                    self._question_is_open = True
                case _:
                    player.skip()
        except UserError as reason:
            self._message = str(reason)
        self._show()

    @property
    def _opens_question(self) -> bool:
        is_asking = self.player.state is PageState.ASKING
        return is_asking and is_compact(self._window) and not self._question_is_open

    @on(OptionList.OptionSelected)
    def _answer(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.player.state is PageState.ASKING:
            self._message = ""
            if self.player.answer(event.option_index + 1):
                self.answer_key = str(event.option_index + 1)
            self._show()

    def ignore_answer_key(self) -> None:
        """Report that the key of the correct answer was pressed once more, and free it."""
        self._message = f"answered; {self.answer_key} now switches views"
        self.answer_key = ""
        self._show()

    def _show(self) -> None:
        """Show the page; what has not changed is not drawn again."""
        if not self.is_mounted or not self._window.width:
            return
        if self.player.n_opened != self._n_opened:
            self._n_opened, self._question_is_open = self.player.n_opened, False
        beside = is_beside(self._window)
        width = panel_size(self._window).width - FRAME_CELLS if beside else self._window.width
        pane = PANES.get(self.player.page.pane)
        view = lesson_view(
            self.player,
            self._status,
            self._message,
            pane.pane.short_title if pane else "",
            width - PADDING_CELLS,
            beside=beside,
            compact=is_compact(self._window),
            question_is_open=self._question_is_open,
        )
        titles = Content(view.title), Content(view.subtitle)  # not markup
        if (self.border_title, self.border_subtitle) != tuple(title.markup for title in titles):
            self.border_title, self.border_subtitle = titles
        for name, content in (("text", view.text), ("after", view.after), ("keys", view.keys)):
            static = self.query_one(f"#lesson-{name}", Static)
            if not content.is_same(self._contents.get(name, Content(""))):
                self._contents[name] = content
                static.update(content)
                static.display = bool(content)
        if view.choices != self._choices:
            self._show_choices(view.choices)

    def _show_choices(self, choices: tuple[str, ...]) -> None:
        self._choices = choices
        options = self.query_one(ChoiceList)
        options.display = bool(choices)
        options.set_options(f"{number} {text}" for number, text in enumerate(choices, 1))
        if choices:
            options.highlighted = 0
        self._post_pane()
