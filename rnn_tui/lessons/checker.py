"""Checks a lesson: plays it without a screen at full speed, and finds where it does not hold."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice
from rnn_tui.lessons.figures import figures_in, format_like, holds, split_bound
from rnn_tui.lessons.headless import HeadlessSession
from rnn_tui.lessons.lesson import MAX_TEXT_LENGTH, Lesson, Page
from rnn_tui.lessons.measurements import Measurements
from rnn_tui.lessons.player import PageState
from rnn_tui.lessons.quantities import CONSTANT, QUANTITIES

Progress = Callable[[int, int], None]  # with the number of a page, and the step


def check_lesson(
    lesson: Lesson,
    panes: Collection[str],
    keys: Collection[str],
    on_progress: Progress = lambda _page, _step: None,
) -> Iterator[str]:
    """Yield where `lesson` does not hold, as FILE:LINE: page N: reason.

    It is played with correct answers and the solutions of its goals. `panes` and `keys` are those
    of the dashboard. `on_progress` is called between slices of training, and may raise.
    """
    for number, page in enumerate(lesson.pages, 1):
        yield from _located(lesson, number, _text_problems(page, panes, keys))
    with np.errstate(all="ignore"):
        yield from _LessonCheck(lesson, on_progress).problems()


def _located(lesson: Lesson, number: int, reasons: Iterable[str]) -> Iterator[str]:
    """Yield `reasons` with the file, the line and the number of their page."""
    line = lesson.pages[number - 1].line
    for reason in reasons:
        yield f"{lesson.path}:{line}: page {number}: {reason}"


def _text_problems(page: Page, panes: Collection[str], keys: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with a page as it is written."""
    names = [("pane", page.pane, panes)] if page.pane else []
    for kind, name, known in [*names, *(("key", key, keys) for key, _ in page.keys)]:
        try:
            check_choice(kind, name, known)
        except UserError as reason:
            yield str(reason)
    for key, text in (("text", page.text), ("after", page.after)):
        if len(text) > MAX_TEXT_LENGTH:
            yield f"{key} has {len(text)} characters: shorten it to {MAX_TEXT_LENGTH}"
    found = list(dict.fromkeys(figures_in(f"{page.texts_before} {page.after}")))
    for figure in found:
        if figure not in page.figures:
            yield f"{figure} is not in figures: add it with its quantity, or as {CONSTANT}"
    for figure in page.figures:
        if figure not in found:
            yield f"{figure} is in figures, but not in the text: remove it"


@final
class _LessonCheck:
    """Plays `lesson`, and finds the problems of each page."""

    def __init__(self, lesson: Lesson, on_progress: Progress) -> None:
        self._lesson, self._on_progress = lesson, on_progress
        self._session = HeadlessSession(lesson)

    def problems(self) -> Iterator[str]:
        """Play all pages, and yield the problems of each when it is played."""
        try:
            for index in range(len(self._lesson.pages)):
                yield from _located(self._lesson, index + 1, self._play(index))
        finally:
            self._session.close()

    def _play(self, index: int) -> Iterator[str]:
        session, page = self._session, self._lesson.pages[index]
        player, n_refusals = session.player, len(session.refusals)
        player.open(index)
        self._advance()
        at_start = self._mismatches(page, page.texts_before)
        if page.question:
            player.answer(page.question.answer)
            self._advance()
        if player.state is PageState.ACTING:
            player.solve()
        self._advance(until_complete=True)
        yield from (f"refused: {reason}" for reason in session.refusals[n_refusals:])
        if not player.is_complete:
            kind, condition = ("wait", page.wait) if page.wait else ("goal", page.goal)
            assert condition
            yield f"{kind} {condition.text} does not hold up to step {session.run.step:,}"
            return
        # A bound is to hold at the end: one of the step holds at the start in any case.
        later = {
            figure: problem
            for figure, problem in self._mismatches(page, page.texts_before).items()
            if figure in at_start or split_bound(page.figures[figure])[0]
        }
        yield from (later | self._mismatches(page, page.after)).values()

    def _advance(self, *, until_complete: bool = False) -> None:
        for step in self._session.advance(until_complete=until_complete):
            self._on_progress(self._session.player.index + 1, step)

    def _mismatches(self, page: Page, text: str) -> dict[str, str]:
        """Return the figures in `text` that are not those of the run now, each with its value."""
        measured, found = Measurements(self._session.run), {}
        for figure in figures_in(text):
            bound, quantity = split_bound(page.figures.get(figure, CONSTANT))
            if quantity == CONSTANT:
                continue
            try:
                value = QUANTITIES[quantity].measure(measured)
                if holds(figure, bound, value):
                    continue
                shown = format_like(figure, value)
            except UserError as reason:
                shown = f"not measured: {reason}"
            bounded = f"{bound} {figure}".strip()
            found[figure] = f"{bounded} is in the text, but {quantity} is {shown}"
        return found
