"""Reads a lesson from a TOML file; errors name the file and the line."""

import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, NamedTuple, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.toml_file import TablePlace, TomlFile, read_toml
from rnn_tui.lessons.figures import split_bound
from rnn_tui.lessons.lesson import Lesson, Page, Question
from rnn_tui.lessons.options import parse_options
from rnn_tui.lessons.quantities import QUANTITIES
from rnn_tui.run.conditions import Condition, parse_condition
from rnn_tui.session.commands import parse_command
from rnn_tui.session.requests import Export, SetSpeed

MAX_CHOICES = 9  # each is chosen by a digit
UNLIMITED = "unlimited"
TEXT, LIST = "text in quotes", "a list of texts in quotes"


@final
class Key(NamedTuple):
    """A key of a lesson file: what it must be, and what it does."""

    kind: str
    help: str


LESSON_KEYS = {
    "title": Key(TEXT, "title, often a question"),
    "summary": Key(TEXT, "what it shows, in a line of the list of lessons"),
    "minutes": Key("a number of minutes", "how long it takes (default: 5)"),
    "options": Key(TEXT, "the run, as rnn-tui train takes it: recipe, settings, --at"),
    "speed": Key(f'steps per second, or "{UNLIMITED}"', "at first (default: the recipe's)"),
    "pages": Key("a table of each page, as in [[pages]]", "the pages in order"),
}
PAGE_KEYS = {
    "heading": Key(TEXT, "one line above the text"),
    "text": Key(TEXT, "shown as the page opens; **bold** for terms, *italic* for screen names"),
    "pane": Key(TEXT, "the pane that the text is about, which gets the room and the focus"),
    "keys": Key(
        'pairs of a key and its meaning, as in [["space", "pause"]]', "keys that are useful here"
    ),
    "commands": Key(LIST, "words of line mode, executed as the page opens, with the run paused"),
    "question": Key("a table, as in [pages.question]", "asked before all else"),
    "wait": Key(TEXT, "a condition; the run trains up to the step at which it holds"),
    "goal": Key(TEXT, "a condition that the learner is to reach; it does not pause the run"),
    "hint": Key(TEXT, "how to reach the goal"),
    "solution": Key(LIST, "words of line mode that reach the goal, for the check and for skip"),
    "after": Key(TEXT, "shown once the question is answered, and the wait or goal holds"),
    "figures": Key(
        "a table, as in [pages.figures]", "the quantity of each number in text, wrong and after"
    ),
}
QUESTION_KEYS = {
    "text": Key(TEXT, "the question"),
    "choices": Key(LIST, "the answers to choose from"),
    "answer": Key("the number of a choice", "the correct one, from 1"),
    "wrong": Key(LIST, 'a reply to each choice, "" for the usual one and the correct choice'),
}


def read_lesson(path: Path) -> Lesson:
    """Return the lesson in the TOML file `path`.

    Raises UserError with the file, the line and the reason.
    """
    return _Reader(read_toml(path)).lesson()


@final
class _Reader:
    """Makes a lesson of the values in `file`."""

    def __init__(self, file: TomlFile) -> None:
        self._file = file

    def lesson(self) -> Lesson:
        top, values = TablePlace(), self._file.values
        self._check_keys(top, values, LESSON_KEYS, required=("title", "summary", "pages"))
        options = self._text(top, values, "options")
        settings, schedule = self._parse(top, "options", parse_options, options)
        pages = values["pages"]
        if not (
            isinstance(pages, list) and pages and all(isinstance(each, dict) for each in pages)
        ):
            raise self._file.error(top, "pages", f"pages must be {LESSON_KEYS['pages'].kind}")
        return Lesson(
            path=self._file.path,
            title=self._text(top, values, "title"),
            summary=self._text(top, values, "summary"),
            minutes=self._parse(top, "minutes", _positive_integer, values.get("minutes", 5)),
            settings=settings,
            schedule=schedule,
            speed=self._parse(top, "speed", _speed, values, settings),
            pages=tuple(self._page(i, page) for i, page in enumerate(pages)),
        )

    def _page(self, number: int, values: Mapping[str, Any]) -> Page:
        place = TablePlace("pages", number)
        self._check_keys(place, values, PAGE_KEYS, required=("text",))
        question = values.get("question")
        page = Page(
            line=self._file.line(place, ""),
            text=self._text(place, values, "text"),
            heading=self._text(place, values, "heading"),
            after=self._text(place, values, "after"),
            pane=self._text(place, values, "pane"),
            keys=self._parse(place, "keys", _key_pairs, values.get("keys", [])),
            commands=self._commands(place, values, "commands"),
            question=None if question is None else self._question(place, question),
            wait=self._condition(place, values, "wait"),
            goal=self._condition(place, values, "goal"),
            hint=self._text(place, values, "hint"),
            solution=self._commands(place, values, "solution"),
            figures=self._figures(place, values.get("figures", {})),
        )
        self._check_combination(place, page)
        return page

    def _check_combination(self, place: TablePlace, page: Page) -> None:
        """Raise UserError where keys of `page` exclude or need each other."""
        if page.wait and page.goal:
            raise self._file.error(place, "goal", "a page has a wait or a goal, not both")
        if page.after and not (page.question or page.wait or page.goal):
            raise self._file.error(
                place, "after", "after needs a question, a wait or a goal before it"
            )
        if page.solution and not page.goal:
            raise self._file.error(place, "solution", "a solution needs a goal")
        if page.goal and not page.solution:
            raise self._file.error(place, "goal", "a goal needs a solution, by which it is checked")

    def _question(self, page_place: TablePlace, values: Any) -> Question:
        if not isinstance(values, dict):
            raise self._file.error(
                page_place, "question", f"question is {PAGE_KEYS['question'].kind}"
            )
        place = TablePlace("pages.question", page_place.page)
        self._check_keys(place, values, QUESTION_KEYS, required=("text", "choices", "answer"))
        choices, wrong = (self._texts(place, values, key) for key in ("choices", "wrong"))
        if not 2 <= len(choices) <= MAX_CHOICES:
            reason = f"a question needs 2 to {MAX_CHOICES} choices, not {len(choices)}"
            raise self._file.error(place, "choices", reason)
        answer = values["answer"]
        if not all(choices):
            raise self._file.error(place, "choices", "a choice is empty: enter its text")
        if type(answer) is not int or answer not in range(1, len(choices) + 1):
            reason = f"answer must be from 1 to {len(choices)}, not {reprlib.repr(answer)}"
            raise self._file.error(place, "answer", reason)
        if wrong and len(wrong) != len(choices):
            reason = f"wrong needs a text for each of the {len(choices)} choices, not {len(wrong)}"
            raise self._file.error(place, "wrong", reason)
        return Question(self._text(place, values, "text"), choices, answer, wrong)

    def _figures(self, page_place: TablePlace, values: Any) -> dict[str, str]:
        if not isinstance(values, dict):
            raise self._file.error(page_place, "figures", f"figures is {PAGE_KEYS['figures'].kind}")
        place = TablePlace("pages.figures", page_place.page)
        figures = {figure: self._text(place, values, figure) for figure in values}
        for figure, text in figures.items():
            _, quantity = split_bound(text)
            self._parse(place, figure, check_choice, "quantity", quantity, QUANTITIES)
        return figures

    def _condition(
        self, place: TablePlace, values: Mapping[str, Any], key: str
    ) -> Condition | None:
        text = self._text(place, values, key)
        return self._parse(place, key, parse_condition, text) if text else None

    def _commands(self, place: TablePlace, values: Mapping[str, Any], key: str) -> tuple[str, ...]:
        commands = self._texts(place, values, key)
        for command in commands:
            self._parse(place, key, _check_command, command)
        return commands

    def _texts(self, place: TablePlace, values: Mapping[str, Any], key: str) -> tuple[str, ...]:
        texts = values.get(key, [])
        if not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
            raise self._file.error(place, key, f"{key} must be {LIST}")
        return tuple(map(flowing, texts))

    def _text(self, place: TablePlace, values: Mapping[str, Any], key: str) -> str:
        text = values.get(key, "")
        if not isinstance(text, str):
            raise self._file.error(place, key, f"{key} must be {TEXT}, not {reprlib.repr(text)}")
        return flowing(text)

    def _check_keys(
        self,
        place: TablePlace,
        values: Mapping[str, Any],
        known: Mapping[str, Key],
        required: Sequence[str],
    ) -> None:
        for key in values:
            self._parse(place, key, check_choice, "key", key, known)
        for key in required:
            if values.get(key) in (None, [], "") or str(values[key]).isspace():
                owner = place.table.rpartition(".")[2].removesuffix("s") or "lesson"
                raise self._file.error(place, key, f"a {owner} needs {key}: {known[key].kind}")

    def _parse(self, place: TablePlace, key: str, parse: Callable[..., Any], *args: Any) -> Any:
        """Return `parse(*args)`; raises UserError with the line of `key`."""
        try:
            return parse(*args)
        except UserError as reason:
            raise self._file.error(place, key, str(reason)) from None


def _check_command(line: str) -> None:
    """Raise UserError where `line` is no command, or writes files: a lesson leaves none."""
    if isinstance(parse_command(line), Export):
        raise UserError("a lesson writes no files: let the learner press e")


def flowing(text: str) -> str:
    """Return `text` with the line breaks within its paragraphs replaced by blanks."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _positive_integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UserError(f"minutes must be 1 or more, not {reprlib.repr(value)}")
    return value


def _speed(values: Mapping[str, Any], settings: Settings) -> float:
    """Return the speed in `values`, or else that of the recipe."""
    speed = values.get("speed", RECIPES[settings.recipe].speed)
    if speed == UNLIMITED:
        return inf
    try:
        if isinstance(speed, bool) or not isinstance(speed, int | float):
            raise ValueError
        number = float(speed)
    except (ValueError, OverflowError):
        shown = reprlib.repr(speed)
        raise UserError(f"speed must be {LESSON_KEYS['speed'].kind}, not {shown}") from None
    SetSpeed(number)  # raises UserError
    return number


def _key_pairs(values: Any) -> tuple[tuple[str, str], ...]:
    if not (isinstance(values, list) and all(map(_is_pair, values))):
        raise UserError(f"keys must be {PAGE_KEYS['keys'].kind}")
    return tuple((key, meaning) for key, meaning in values)


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and all(isinstance(text, str) for text in value)
    )
