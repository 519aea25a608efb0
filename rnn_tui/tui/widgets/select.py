"""Textual's lists, as they should be where keys and clicks are quicker than they are laid out."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

from textual import on
from textual.app import ComposeResult
from textual.command import CommandList
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList, Select
from textual.widgets._select import SelectOverlay


class StableOptionList(OptionList):
    """A short list: a page of it is all of it, and a click on what has gone chooses nothing."""

    def on_click(self, event: Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            event.prevent_default()

    def action_page_up(self) -> None:
        self.action_first()

    def action_page_down(self) -> None:
        self.action_last()


@final
class CommandResults(CommandList, StableOptionList):
    """What the palette has found."""


@final
class SelectOptions(SelectOverlay, StableOptionList):
    """What there is to choose from."""

    BINDINGS: ClassVar = SelectOverlay.BINDINGS


@final
class SettingSelect(Select[object]):
    """One of `titles`, which are by value; says `Chosen` for what the user chose, and only then."""

    @final
    class Chosen(Message):
        """The user chose `value` in the list `name`."""

        def __init__(self, name: str, value: object) -> None:
            super().__init__()
            self.name, self.value = name, value

    def __init__(self, name: str, titles: Mapping[Any, str]) -> None:
        super().__init__(_options(titles), id=name, allow_blank=False, compact=True)
        self._values = list(titles)

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            overlay = isinstance(widget, SelectOverlay)
            yield SelectOptions().data_bind(compact=Select.compact) if overlay else widget

    def set_choices(self, titles: Mapping[Any, str]) -> None:
        """Let other `titles` be chosen from."""
        self._values = list(titles)
        self.set_options(_options(titles))

    @on(SelectOverlay.UpdateSelection)
    def _post_chosen(self, event: SelectOverlay.UpdateSelection) -> None:
        self.post_message(self.Chosen(self.id or "", self._values[event.option_index]))


def _options(titles: Mapping[Any, str]) -> list[tuple[str, object]]:
    return [(title, value) for value, title in titles.items()]
