"""Textual's Select and option lists, for keys and clicks that are faster than their layout."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

from textual import on
from textual.app import ComposeResult
from textual.command import CommandList
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList, Select, Static
from textual.widgets._select import SelectCurrent, SelectOverlay


class StableOptionList(OptionList):
    """A short list: pages lead to its ends, and clicks on removed options are ignored."""

    def on_click(self, event: Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            event.prevent_default()

    def action_page_up(self) -> None:
        self.action_first()

    def action_page_down(self) -> None:
        self.action_last()


@final
class CommandResults(CommandList, StableOptionList):
    """The results of the command palette."""


@final
class SelectOptions(SelectOverlay, StableOptionList):
    """The options of a `SettingSelect`."""

    BINDINGS: ClassVar = SelectOverlay.BINDINGS


@final
class SelectedTitle(SelectCurrent):
    """The selected title, in one row: another one does not lay out the screen again."""

    def update(self, label: Any) -> None:
        self.label, self.has_value = label, True
        self.query_one("#label", Static).update(label, layout=False)


@final
class SettingSelect(Select[object]):
    """A choice among `titles` (by value) that posts `Chosen` only when the user selects one."""

    @final
    class Chosen(Message):
        """The user selected `value` for the setting `name`."""

        def __init__(self, name: str, value: object) -> None:
            super().__init__()
            self.name, self.value = name, value

    def __init__(self, name: str, titles: Mapping[Any, str]) -> None:
        super().__init__(_options(titles), id=name, allow_blank=False, compact=True)
        self._values = list(titles)

    def compose(self) -> ComposeResult:
        yield SelectedTitle(self.prompt)
        yield SelectOptions().data_bind(compact=Select.compact)

    def set_choices(self, titles: Mapping[Any, str]) -> None:
        """Replace the options by `titles`."""
        self._values = list(titles)
        self.set_options(_options(titles))

    @on(SelectOverlay.UpdateSelection)
    def _post_chosen(self, event: SelectOverlay.UpdateSelection) -> None:
        self.post_message(self.Chosen(self.id or "", self._values[event.option_index]))


def _options(titles: Mapping[Any, str]) -> list[tuple[str, object]]:
    return [(title, value) for value, title in titles.items()]
