"""Each stored lesson is played to its end by the keys of its panel."""

from dataclasses import replace
from math import inf

import pytest
from textual.containers import VerticalScroll

from rnn_tui.lessons.lesson import Lesson, Question, without_emphasis
from rnn_tui.lessons.library import find_lesson, stored_lessons
from rnn_tui.lessons.player import PageState
from rnn_tui.tui.lesson_panel import ChoiceList, LessonPanel
from rnn_tui.tui.pane_grid import PaneGrid
from tests.tui.pilot import Drive, driving, run

FRAME = "│ "
KEYS = {"step": "s"}


def at_full_speed(lesson: Lesson) -> Lesson:
    """Return `lesson` without its speeds."""
    pages = (
        replace(page, commands=tuple(c for c in page.commands if not c.startswith("speed")))
        for page in lesson.pages
    )
    return replace(lesson, speed=inf, pages=tuple(pages))


def panel_text(drive: Drive) -> str:
    """Return what stands in the panel, in one line."""
    region = drive.dashboard.query_one(LessonPanel).region
    rows = drive.text.split("\n")[region.y : region.bottom]
    return " ".join(
        " ".join(row[region.x : region.right].strip(FRAME) for row in rows).split(),
    )


def pane_is_shown(drive: Drive) -> bool:
    """Return whether the pane of the page, if it is about one, is displayed."""
    name = drive.dashboard.query_one(LessonPanel).player.page.pane
    return not name or name in drive.dashboard.query_one(PaneGrid).displayed_names


async def wait_until_shown(drive: Drive, *texts: str) -> None:
    """Wait until the panel shows its title and `texts`, and the window the pane of the page.

    Where the panel has no room for all of them, it scrolls to the last one, the newest.
    """
    panel = drive.dashboard.query_one(LessonPanel)
    body = panel.query_one(VerticalScroll)

    def is_shown() -> bool:
        expected = (str(panel.border_title), *(texts[-1:] if body.max_scroll_y else texts))
        shown = panel_text(drive)
        return pane_is_shown(drive) and all(
            " ".join(without_emphasis(text).split()) in shown for text in expected
        )

    await drive.until_drawn(is_shown)


def keys_of(command: str) -> tuple[str, ...]:
    """Return the keys that do what `command` does in line mode."""
    return ("colon", *command, "enter") if "=" in command else (KEYS[command],)


async def answer(drive: Drive, question: Question, *, incorrectly_first: bool) -> None:
    """Answer by digits, at first with each incorrect choice if so wished."""
    if "F4 question" in panel_text(drive):
        await drive.press("f4")
    await drive.until(lambda _: drive.dashboard.query_one(ChoiceList).has_focus)
    choices = [f"{number} {text}" for number, text in enumerate(question.choices, 1)]
    await wait_until_shown(drive, question.text, *choices)
    player = drive.dashboard.query_one(LessonPanel).player
    for choice in range(1, len(choices) + 1) if incorrectly_first else ():
        if not question.is_correct(choice):
            await drive.press(str(choice))
            assert player.state is PageState.ASKING
            await wait_until_shown(drive, question.text, *choices, question.reply(choice))
    await drive.press(str(question.answer))
    assert player.state is not PageState.ASKING


async def play(drive: Drive, *, incorrectly_first: bool) -> None:
    """Play all pages of the lesson that is open."""
    player = drive.dashboard.query_one(LessonPanel).player
    for index, page in enumerate(player.lesson.pages):
        assert player.index == index
        await drive.until(lambda _: player.is_settled and pane_is_shown(drive))
        if player.state in (PageState.ASKING, PageState.ACTING):
            await wait_until_shown(drive, page.heading, page.text)
        if page.question:
            await answer(drive, page.question, incorrectly_first=incorrectly_first)
        if player.state is PageState.ACTING:
            if incorrectly_first and page.hint:
                await drive.press("f5")
                await wait_until_shown(drive, f"hint: {page.hint}")
            for command in page.solution:
                await drive.press(*keys_of(command))
                await drive.wait_until_handled()
        await drive.until(lambda _: player.is_complete)
        await wait_until_shown(drive, page.heading, page.after or page.text)
        await drive.press("f4")
    await drive.wait_for_text("lesson complete")
    assert player.has_ended


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "incorrectly_first"), [((80, 24), True), ((120, 40), False)], ids=["80x24", "120x40"]
)
@pytest.mark.parametrize("name", stored_lessons())
def test_stored_lesson_is_played_by_keys(
    name: str, size: tuple[int, int], incorrectly_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = at_full_speed(find_lesson(name))
    monkeypatch.setattr("rnn_tui.tui.app.find_lesson", lambda _: lesson)

    async def test() -> None:
        async with driving(size) as drive:
            below = drive.dashboard
            await drive.app.open_lesson(name)
            await drive.until(lambda _: bool(drive.dashboard.query(LessonPanel)))
            await drive.wait_for_text(f"1 of {len(lesson.pages)}")
            await drive.wait_until_handled()
            await play(drive, incorrectly_first=incorrectly_first)
            await drive.press("enter")
            await drive.until(lambda _: drive.app.screen is below)

    run(test)
