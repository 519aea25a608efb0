"""The texts of a lesson's panel follow the state of its player."""

from pathlib import Path

import pytest

from rnn_tui.lessons.player import LessonPlayer
from rnn_tui.lessons.reader import read_lesson
from rnn_tui.session.snapshot import Status
from rnn_tui.tui.drawing.lesson import LessonView, lesson_view, with_emphasis

LESSON = read_lesson(Path(__file__).parents[2] / "data" / "panel_lesson.toml")
QUESTION_PAGE, GOAL_PAGE = 1, 2


@pytest.fixture
def player() -> LessonPlayer:
    return LessonPlayer(LESSON, lambda _request: None)


def view_of(
    player: LessonPlayer,
    width: int = 78,
    *,
    compact: bool = True,
    question_is_open: bool = False,
    message: str = "",
) -> LessonView:
    return lesson_view(
        player,
        Status.PAUSED,
        message,
        "cost map",
        width,
        beside=not compact,
        compact=compact,
        question_is_open=question_is_open,
    )


def test_compact_panel_shows_text_then_question_then_reply(player: LessonPlayer) -> None:
    player.open(QUESTION_PAGE)
    view = view_of(player)
    assert (view.text.plain, view.choices) == ("Train until step 250.", ())
    assert "F4 question" in view.keys.plain
    view = view_of(player, question_is_open=True)
    assert (view.text.plain, view.choices) == ("Does the loss fall?", ("Yes", "No [/]"))
    assert view.keys.plain == "1-2 answer  F2 back  F3 again  F4 skip  esc leave"
    player.answer(2)
    assert "uphill" in view_of(player, question_is_open=True).after.plain
    player.answer(1)
    assert view_of(player).text.plain == "✓ Yes\nTrain until step 250."


def test_panel_beside_the_panes_shows_all_and_names_the_pane(player: LessonPlayer) -> None:
    player.open(QUESTION_PAGE)
    view = view_of(player, compact=False)
    assert view.title == "Counting with two weights · 2 of 3"
    assert view.text.plain == "pane cost map\n\nTrain until step 250.\n\nDoes the loss fall?"
    assert view.choices == ("Yes", "No [/]")
    player.answer(1)
    view = view_of(player, compact=False)
    assert (view.choices, view.after.plain) == ((), "Does the loss fall? ✓ Yes")
    assert view.subtitle == "trains until step=250"


def test_goal_hint_and_refusal_are_shown(player: LessonPlayer) -> None:
    player.open(GOAL_PAGE)
    assert view_of(player).title.endswith(" · 3 of 3 · goal: change")
    player.show_hint()
    view = view_of(player, message="this is the first page")
    assert view.text.plain == "Change the learning rate."
    assert view.after.plain == "hint: Press + once.\nthis is the first page"


def test_title_that_is_too_long_shortens_the_name_of_the_lesson(player: LessonPlayer) -> None:
    player.open(QUESTION_PAGE)
    player.answer(1)
    assert view_of(player, 60).title == "Counting with two weights · 2 of 3 · trains until step=250"
    assert view_of(player, 57).title.endswith("… · 2 of 3 · trains until step=250")


def test_panel_names_the_page_to_which_it_plays(player: LessonPlayer) -> None:
    player.play_to(GOAL_PAGE)
    view = view_of(player)
    assert view.title.endswith("plays to page 3")
    assert view.keys.plain == "esc leave"


@pytest.mark.parametrize("width", [36, 40, 58, 78])
def test_key_lines_fit_the_panel(player: LessonPlayer, width: int) -> None:
    for page in range(len(LESSON.pages)):
        player.open(page)
        lines = view_of(player, width).keys.plain.split("\n")
        assert max(map(len, lines)) <= width
        assert lines[-1].endswith("esc leave")


def test_emphasis_is_bold_or_italic_and_leaves_products_alone() -> None:
    content = with_emphasis("a **carry** in row *bits* is 2 * 3 * 4")
    assert content.plain == "a carry in row bits is 2 * 3 * 4"
    assert [(span.start, str(span.style)) for span in content.spans] == [
        (2, "bold"),
        (15, "italic"),
    ]


def test_title_of_the_lesson_gives_way_to_the_page(player: LessonPlayer) -> None:
    player.open(QUESTION_PAGE)
    assert view_of(player, 30, compact=False).title == "Counting with two … · 2 of 3"
    assert view_of(player, 40, compact=False).title == "Counting with two weights · 2 of 3"
