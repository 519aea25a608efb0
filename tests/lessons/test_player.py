"""The player of lessons: what a page waits for, and to which state `back` and `again` return."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.lessons.headless import HeadlessSession
from rnn_tui.lessons.player import PageState
from rnn_tui.lessons.reader import read_lesson
from rnn_tui.session.commands import parse_command
from rnn_tui.session.requests import SetSpeed
from tests.support.lessons import altered_file, example_lesson
from tests.support.recorded import exact_state


@pytest.fixture
def session() -> Iterator[HeadlessSession]:
    session = HeadlessSession(example_lesson())
    open_page(session, 0)
    yield session
    session.close()


def advance(session: HeadlessSession, *, until_complete: bool = False) -> None:
    for _ in session.advance(until_complete=until_complete):
        pass


def open_page(session: HeadlessSession, index: int) -> None:
    session.player.open(index)
    advance(session)


def execute(session: HeadlessSession, *words: str) -> None:
    """Do as a learner who enters `words` of line mode; those that are refused change nothing."""
    controller = session.controller
    for word in words:
        with suppress(UserError):
            controller.handle(parse_command(word))
        while (controller.running or controller.session.is_seeking) and controller.run_slice():
            pass
    advance(session)


def complete(session: HeadlessSession) -> None:
    """Answer the question, wait, and reach the goal."""
    player = session.player
    if player.state is PageState.ASKING and player.page.question:
        player.answer(player.page.question.answer)
    if player.state is PageState.ACTING:
        player.solve()
    advance(session, until_complete=True)


def test_page_without_a_condition_is_complete_after_its_commands(session: HeadlessSession) -> None:
    assert session.player.is_complete
    assert session.run.inspector.is_pinned
    assert session.controller.rate_limiter.steps_per_second == 500


def test_question_comes_first_and_then_the_run_trains_up_to_the_wait(
    session: HeadlessSession,
) -> None:
    player = session.player
    player.next()
    advance(session, until_complete=True)
    assert (player.state, session.run.step) == (PageState.ASKING, 0)
    assert not player.answer(2)
    assert player.reply == "It does: that is what the gradient is for."
    assert player.answer(1)
    assert (player.state, player.reply, player.after) == (PageState.WAITING, "", "")
    advance(session, until_complete=True)
    assert (player.state, session.run.step) == (PageState.COMPLETE, 250)
    assert player.after.startswith("At step 250")
    assert not session.controller.running
    assert not session.run.breakpoints.by_text


def test_goal_does_not_pause_the_run(session: HeadlessSession) -> None:
    player = session.player
    open_page(session, 2)
    assert (player.state, session.run.step) == (PageState.ACTING, 10)
    execute(session, "lr=0.002")
    assert player.state is PageState.ACTING
    session.controller.handle(parse_command("resume"))
    session.controller.handle(parse_command("optimizer=adam"))
    assert session.controller.running
    assert session.controller.message.startswith("step 10: optimizer")
    advance(session)
    assert player.is_complete
    assert session.controller.running


def test_skip_completes_the_page_at_full_speed_and_then_opens_the_next(
    session: HeadlessSession,
) -> None:
    player = session.player
    player.skip()
    advance(session)
    assert (player.index, player.state) == (1, PageState.ASKING)
    player.skip()
    advance(session, until_complete=True)
    assert (player.index, player.state, session.run.step) == (1, PageState.COMPLETE, 250)
    player.skip()
    player.skip()
    advance(session, until_complete=True)
    assert (player.index, player.state, session.run.step) == (2, PageState.COMPLETE, 265)
    player.skip()
    assert player.has_ended


def test_skip_twice_leaves_a_page_that_does_not_get_complete(session: HeadlessSession) -> None:
    player = session.player
    open_page(session, 1)
    player.skip()
    player.skip()
    advance(session)
    assert (player.index, player.state) == (2, PageState.ACTING)


def test_skipped_page_leaves_the_speed_as_it_was(session: HeadlessSession) -> None:
    controller, player = session.controller, session.player
    open_page(session, 1)
    controller.handle(SetSpeed(20))
    player.update(session.snapshot())
    player.skip()
    controller.advance_script()
    assert controller.rate_limiter.steps_per_second == inf
    for _ in session.advance(until_complete=True):
        pass
    assert player.is_complete
    assert controller.rate_limiter.steps_per_second == 20


def test_page_skipped_at_once_leaves_the_speed_of_its_commands(tmp_path: Path) -> None:
    path = altered_file(tmp_path, ('wait = "exact"', 'wait = "exact"\ncommands = ["speed 70"]'))
    session = HeadlessSession(read_lesson(path))
    session.player.open(1)
    session.player.skip()
    for _ in session.advance(until_complete=True):
        pass
    assert session.player.is_complete
    assert session.controller.rate_limiter.steps_per_second == 70


def test_words_that_do_not_fit_are_refused(session: HeadlessSession) -> None:
    player = session.player
    with pytest.raises(UserError, match="this is the first page"):
        player.back()
    with pytest.raises(UserError, match="no question is asked here"):
        player.answer(1)
    with pytest.raises(UserError, match="this page is complete"):
        player.show_hint()
    player.next()
    with pytest.raises(UserError, match="this page has no hint"):
        player.show_hint()
    with pytest.raises(UserError, match="the page is not complete"):
        player.next()
    with pytest.raises(UserError, match="answer with a number from 1 to 3, not 4"):
        player.answer(4)
    with pytest.raises(UserError, match="the lesson has pages 1 to 3, not 4"):
        player.play_to(3)


def test_run_that_ends_before_the_wait_gets_a_notice(tmp_path: Path) -> None:
    path = altered_file(tmp_path, ('wait = "exact"', 'wait = "step=3000"'))
    session = HeadlessSession(read_lesson(path))
    open_page(session, 1)
    session.player.answer(1)
    advance(session, until_complete=True)
    assert (session.player.state, session.run.step) == (PageState.WAITING, 2000)
    assert session.player.notice.startswith("The run has reached its last step")
    session.player.again()
    advance(session)
    assert (session.player.notice, session.run.step) == ("", 0)


def test_wait_that_is_past_gets_a_notice_and_skip_completes_the_page(tmp_path: Path) -> None:
    path = altered_file(tmp_path, ('wait = "exact"', 'wait = "step=50"'))
    session = HeadlessSession(read_lesson(path))
    player = session.player
    open_page(session, 0)
    execute(session, "step 60")
    player.next()
    advance(session)
    player.answer(1)
    advance(session, until_complete=True)
    assert (player.state, session.run.step) == (PageState.WAITING, 60)
    assert player.notice == "step=50 can no longer hold here: go back a page, or skip this one."
    player.skip()
    advance(session)
    assert (player.index, player.state, player.notice) == (1, PageState.COMPLETE, "")
    assert (session.controller.running, session.run.step) == (False, 60)
    player.back()
    player.next()
    player.skip()
    advance(session, until_complete=True)
    assert (player.index, player.state) == (1, PageState.COMPLETE)
    assert not session.controller.running


@pytest.mark.parametrize("words", [("break-delete exact",), ("break-off exact",)])
def test_deleted_wait_gets_a_notice(session: HeadlessSession, words: tuple[str, ...]) -> None:
    open_page(session, 1)
    session.player.answer(1)
    advance(session)
    execute(session, "pause", *words)
    assert session.player.notice.startswith("exact can no longer hold here")
    session.player.skip()
    advance(session, until_complete=True)
    assert (session.player.is_complete, session.run.step) == (True, 250)


def test_skip_resumes_a_paused_run_at_its_latest_step(session: HeadlessSession) -> None:
    open_page(session, 1)
    session.player.answer(1)
    advance(session)
    execute(session, "step 40", "at 5")
    assert session.run.step == 5
    session.player.skip()
    advance(session, until_complete=True)
    assert (session.player.is_complete, session.run.step) == (True, 250)


@pytest.mark.parametrize("skips", [False, True])
def test_run_trains_up_to_the_wait_if_an_earlier_step_was_viewed(
    session: HeadlessSession, *, skips: bool
) -> None:
    open_page(session, 1)
    execute(session, "step 40", "at 5")
    session.player.skip() if skips else session.player.answer(1)
    advance(session, until_complete=True)
    assert (session.player.is_complete, session.run.step) == (True, 250)


def test_wait_that_was_hit_before_skip_stays_hit(session: HeadlessSession) -> None:
    player, controller = session.player, session.controller
    open_page(session, 1)
    controller.rate_limiter.set_rate(inf)
    player.answer(1)
    while controller.run_slice():
        pass
    assert session.run.step == 250
    player.skip()  # before the player has seen it
    advance(session, until_complete=True)
    assert (player.index, player.is_complete, session.run.step) == (1, True, 250)


def test_play_to_leaves_pages_that_cannot_get_complete(tmp_path: Path) -> None:
    path = altered_file(tmp_path, ('wait = "exact"', 'wait = "step=3000"'))
    session = HeadlessSession(read_lesson(path))
    session.player.play_to(2)
    for _ in range(5):
        advance(session, until_complete=True)
    assert (session.player.index, session.player.state) == (2, PageState.ACTING)


def test_earlier_step_gets_a_notice_where_the_learner_is_to_act(session: HeadlessSession) -> None:
    player = session.player
    open_page(session, 2)
    execute(session, "at 5")
    assert player.notice == "An earlier step is displayed: end returns to the latest."
    execute(session, "end")
    assert player.notice == ""
    execute(session, "step 1990")
    assert (session.run.step, player.notice) == (2000, "")


def state_of(session: HeadlessSession) -> dict[str, object]:
    return exact_state(session.run) | {"log": tuple(session.run.log)}


def play_straight(session: HeadlessSession) -> list[dict[str, object]]:
    """Play from the present page, not yet completed, to the end.

    Return the states of the run in which each page is opened, and the last one.
    """
    states = [state_of(session)]
    complete(session)
    while not session.player.is_last:
        session.player.next()
        advance(session)
        states.append(state_of(session))
        complete(session)
    return [*states, state_of(session)]


@cache
def reference() -> list[dict[str, object]]:
    """Return the states of a lesson that is played straight through."""
    session = HeadlessSession(example_lesson())
    open_page(session, 0)
    return play_straight(session)


def test_play_to_completes_the_pages_before(session: HeadlessSession) -> None:
    session.player.play_to(2)
    while session.player.is_playing_ahead:
        advance(session, until_complete=True)
    advance(session)
    assert (session.player.index, state_of(session)) == (2, reference()[2])


ACTIONS = (
    *("complete", "skip", "back", "again"),
    *("step 7", "lr=0.003", "restart", "fork", "optimizer=adam", "undo", "break step=200"),
)


@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=10))
@settings(max_examples=15, deadline=None)
def test_back_and_again_return_to_the_exact_state_of_the_page(actions: list[str]) -> None:
    session = HeadlessSession(example_lesson())
    player = session.player
    open_page(session, 0)
    opened = {0: state_of(session)}  # the state in which each page was opened
    for action in actions:
        index = player.index
        if action == "complete":
            complete(session)
            if player.is_complete and not player.is_last:
                player.next()
        elif action == "skip":
            player.skip()
        elif action == "again":
            player.again()
        elif action != "back":
            execute(session, action)
        elif player.index:
            player.back()
        advance(session)
        if player.index > index:
            opened[player.index] = state_of(session)
        elif action == "again" or player.index < index:
            assert state_of(session) == opened[player.index]
    while player.index:
        player.back()
        advance(session)
    player.again()
    advance(session)
    assert play_straight(session) == reference()
    session.close()
