"""A lesson as plain data: pages of text with what each does to the run, and waits for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Schedule
from rnn_tui.run.conditions import Condition

MAX_TEXT_LENGTH = 420  # characters, so that 80 × 24 shows them beside a pane
NOT_QUITE = "Not quite."


EMPHASIS_PATTERN = re.compile(r"(\*\*?)(?=\S)(.+?)(?<=\S)\1")


def without_emphasis(text: str) -> str:
    """Return `text` with **terms** and *names* as plain words."""
    return EMPHASIS_PATTERN.sub(r"\2", text)


@final
@dataclass(frozen=True, slots=True)
class Question:
    """A question with `choices`, the number of the correct one from 1, and replies to the others.

    `wrong` has a reply for each choice, "" for the usual one.
    """

    text: str
    choices: tuple[str, ...]
    answer: int
    wrong: tuple[str, ...] = ()

    def is_correct(self, choice: int) -> bool:
        return choice == self.answer

    def reply(self, choice: int) -> str:
        """Return what to reply to the incorrect `choice`."""
        return (self.wrong[choice - 1] if self.wrong else "") or NOT_QUITE


@final
@dataclass(frozen=True, slots=True)
class Page:
    """A page; `line` is where it begins in its file.

    heading   one line, or ""
    text      what is shown as it opens; **bold** for terms, *italic* for names on the screen
    after     what is shown once it is complete, or ""
    pane      the name of the pane that it is about, or ""
    keys      keys that are useful here, each with its meaning
    commands  words of line mode that are executed as it opens
    question  asked first
    wait      the condition up to which the run then trains
    goal      the condition that the learner is to reach
    hint      how to reach the goal
    solution  words of line mode that reach the goal
    figures   the quantity of each number in `text`, replies to incorrect answers, and `after`,
              perhaps with its bound
    """

    line: int
    text: str
    heading: str = ""
    after: str = ""
    pane: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    question: Question | None = None
    wait: Condition | None = None
    goal: Condition | None = None
    hint: str = ""
    solution: tuple[str, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts_before(self) -> str:
        """What is shown before the page is complete: the text, and replies to wrong answers."""
        return " ".join([self.text, *(self.question.wrong if self.question else ())])


@final
@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson; its run begins with `settings` and `schedule` at `speed`, in steps per second."""

    path: Path
    title: str
    summary: str
    minutes: int
    settings: Settings
    schedule: Schedule
    speed: float
    pages: tuple[Page, ...]
