"""Plays a lesson on a session: which page is open, what it waits for, and what it sends."""

from collections.abc import Callable
from enum import Enum
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.lessons.lesson import Lesson, Page
from rnn_tui.session.commands import parse_command
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import Pause, SeekTo
from rnn_tui.session.script_requests import (
    LimitSpeed,
    ReturnToBookmark,
    RunScript,
    SaveBookmark,
    TrainUntil,
    UnlimitSpeed,
    Watch,
)
from rnn_tui.session.snapshot import Snapshot, Status

NOTICES = {  # why the condition of a page cannot hold, by the status of the run
    Status.FINISHED: "The run has reached its last step: go back to the start of this page.",
    Status.HALTED: "Training has diverged: go back to the start of this page.",
    Status.VIEWING: "An earlier step is displayed: end returns to the latest.",
}
CANNOT_HOLD = "can no longer hold here: go back a page, or skip this one."  # past, or deleted


class PageState(Enum):
    """What a page waits for: an answer, its condition or its goal; then it is complete."""

    ASKING = "asking"
    WAITING = "waiting"
    ACTING = "acting"
    COMPLETE = "complete"


@final
class LessonPlayer:
    """Plays `lesson` on a session to which `send` sends requests.

    `open(0)` begins, and `update` is to be called with each new snapshot. A page pauses the run,
    keeps its state for `back` and `again`, and executes its commands; once its question is
    answered, the run trains up to its `wait`, or the learner acts until its `goal` holds.
    """

    def __init__(self, lesson: Lesson, send: Callable[[Request], object]) -> None:
        self.lesson, self._send = lesson, send
        self.index = self.n_opened = 0  # pages opened so far, also by `back` and `again`
        self.state = PageState.COMPLETE
        self.reply = ""  # to the latest incorrect answer
        self.hint_is_shown = False
        self.notice = ""  # why the page cannot become complete
        self.has_ended = False  # the last page was left by `next`
        self._serial = 0  # of the latest script sent
        self._is_skipping = False
        self._status = Status.PAUSED  # of the latest snapshot
        self._is_settled = False
        self.target = 0  # the page to which `play_to` plays

    @property
    def page(self) -> Page:
        return self.lesson.pages[self.index]

    @property
    def is_complete(self) -> bool:
        return self.state is PageState.COMPLETE

    @property
    def is_last(self) -> bool:
        return self.index == len(self.lesson.pages) - 1

    @property
    def is_settled(self) -> bool:
        """Whether all that the page has sent was carried out before the latest snapshot."""
        return self._is_settled

    @property
    def is_playing_ahead(self) -> bool:
        """Whether `play_to` has not reached its page."""
        return self.index < self.target

    @property
    def after(self) -> str:
        """The text that a complete page reveals, else ""."""
        return self.page.after if self.is_complete else ""

    # -- pages -----------------------------------------------------------------------------------

    def open(self, index: int) -> None:
        """Open a page with the run as it is now."""
        self._open(index, SeekTo(None), Pause(), SaveBookmark(index))

    def play_to(self, index: int) -> None:
        """Open the first page, and skip through the pages before `index` as they get complete.

        Raises UserError without such a page.
        """
        if not 0 <= index < len(self.lesson.pages):
            n_pages = len(self.lesson.pages)
            raise UserError(f"the lesson has pages 1 to {n_pages}, not {index + 1}")
        self.target = index
        self.open(0)

    def next(self) -> None:
        """Open the next page, or end the lesson after the last; raises UserError if incomplete."""
        if not self.is_complete:
            raise UserError("the page is not complete: skip completes it")
        self._open_next()

    def back(self) -> None:
        """Return to the page before, with the run as it was when that was opened.

        Raises UserError on the first page.
        """
        if self.index == 0:
            raise UserError("this is the first page")
        self._return_to(self.index - 1)

    def again(self) -> None:
        """Return to the start of the page, with the run as it was then."""
        self._return_to(self.index)

    def skip(self) -> None:
        """Complete the page for the learner; if it is complete or being skipped, open the next.

        The question is answered, the run trains at full speed up to the wait, and the solution
        of the goal is executed.
        """
        if self.is_complete or self._is_skipping:
            self._open_next()
            return
        self._is_skipping = True
        is_interrupted = self._is_settled and self._status in (Status.PAUSED, Status.VIEWING)
        if self.state is PageState.ASKING:
            self._begin()
        elif self.page.wait and is_interrupted:
            self._run(TrainUntil(self.page.wait))
        if not self.is_complete:
            self._run(SeekTo(None), UnlimitSpeed())
        if self.state is PageState.ACTING:
            self.solve()

    def _open_next(self) -> None:
        if self.is_last:
            self.has_ended, self._is_skipping = True, False
            self._run(Watch(None), LimitSpeed())
        else:
            self.open(self.index + 1)

    def _return_to(self, index: int) -> None:
        self.target = index
        self._open(index, ReturnToBookmark(index))

    def _open(self, index: int, *entry: Request) -> None:
        """Open a page: `entry` brings the run to the state with which it begins."""
        self.index, self.reply, self.notice = index, "", ""
        self.n_opened += 1
        self.hint_is_shown = self.has_ended = self._is_skipping = False
        self._run(Watch(None), LimitSpeed(), *entry, *map(parse_command, self.page.commands))
        if self.page.question:
            self.state = PageState.ASKING
        else:
            self._begin()

    def _begin(self) -> None:
        """Wait for the condition of the page, if it has one."""
        page, self.reply = self.page, ""
        if page.wait:
            self.state = PageState.WAITING
            self._run(TrainUntil(page.wait))
        elif page.goal:
            self.state = PageState.ACTING
            self._run(Watch(page.goal))
        else:
            self._complete()

    def _complete(self) -> None:
        self.state, self.notice, self._is_skipping = PageState.COMPLETE, "", False
        self._run(Watch(None), LimitSpeed())

    def _run(self, *requests: Request) -> None:
        self._serial += 1
        self._is_settled = False
        self._send(RunScript(self._serial, requests))

    # -- the learner -----------------------------------------------------------------------------

    def answer(self, choice: int) -> bool:
        """Answer the question by the number of a choice; return whether that is correct.

        Raises UserError where no question is asked, or it has no such choice.
        """
        question = self.page.question
        if question is None or self.state is not PageState.ASKING:
            raise UserError("no question is asked here")
        if not 1 <= choice <= len(question.choices):
            raise UserError(f"answer with a number from 1 to {len(question.choices)}, not {choice}")
        if not question.is_correct(choice):
            self.reply = question.reply(choice)
            return False
        self._begin()
        return True

    def show_hint(self) -> None:
        """Show the hint; raises UserError where the page has none, or is complete."""
        if self.is_complete:
            raise UserError("this page is complete: next opens the one after it")
        if not self.page.hint:
            raise UserError("this page has no hint: skip completes it")
        self.hint_is_shown = True

    def solve(self) -> None:
        """Execute the solution of the goal."""
        self._run(*map(parse_command, self.page.solution))

    # -- the run ---------------------------------------------------------------------------------

    def update(self, snapshot: Snapshot) -> bool:
        """Take note of the run; return whether the page, its state or its notice has changed."""
        if snapshot.busy or snapshot.script.serial < self._serial:
            return False
        self._is_settled, self._status = True, snapshot.status
        before = self.index, self.state, self.notice
        if self.state in (PageState.WAITING, PageState.ACTING):
            self._update_condition(snapshot)
        if self.is_playing_ahead and (self.notice or not self._is_skipping):
            self.skip()
        return (self.index, self.state, self.notice) != before

    def _update_condition(self, snapshot: Snapshot) -> None:
        """Complete the page if its condition was hit, else note why it cannot be."""
        condition = self.page.wait or self.page.goal
        assert condition
        watched = [each for each in snapshot.breakpoints if each.condition == condition]
        can_hold = any(each.enabled for each in watched)
        can_act = self.state is PageState.ACTING and snapshot.status is not Status.VIEWING
        if any(each.hit_step is not None for each in watched) or (
            self._is_skipping and not can_hold
        ):
            self._complete()
        elif not can_hold:
            self.notice = f"{condition.text} {CANNOT_HOLD}"
        else:
            self.notice = "" if can_act else NOTICES.get(snapshot.status, "")
