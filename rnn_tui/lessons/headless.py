"""Plays a lesson without a screen or a thread, at full speed."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import final

from rnn_tui.lessons.lesson import Lesson
from rnn_tui.lessons.player import LessonPlayer
from rnn_tui.run.run import Run
from rnn_tui.session.controller import SessionController
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.siblings import Siblings
from rnn_tui.session.snapshot import Snapshot, take_snapshot
from rnn_tui.session.start import NewRun


@final
class HeadlessSession:
    """A session of the run of `lesson`, and its `player`; the numbers depend on requests alone."""

    def __init__(self, lesson: Lesson) -> None:
        self._max_steps = lesson.settings.steps  # of one call of `advance`
        self._siblings = Siblings(lambda: None)
        self.controller = SessionController(
            NewRun(lesson.settings, lesson.schedule).start(lambda _step, _last: True),
            RateLimiter(inf),
            lambda _message, _seconds: None,
            self._siblings,
            running=False,
        )
        self.player = LessonPlayer(lesson, self.controller.handle)

    @property
    def run(self) -> Run:
        """The run that is viewed."""
        return self.controller.session.viewed

    @property
    def refusals(self) -> Sequence[str]:
        """Why commands were refused, of all pages so far."""
        return self.controller.script.progress.refusals

    def advance(self, *, until_complete: bool = False) -> Iterator[int]:
        """Carry out what the player has sent; if `until_complete` train up to exactly that step.

        Yield the step after each slice of training. It ends too where the run pauses, and after as
        many steps as the run is planned to have.
        """
        controller, player = self.controller, self.player
        end = self.run.step + self._max_steps
        while True:
            controller.advance_script()
            has_changed = player.update(self.snapshot())
            if player.is_settled and (player.is_complete or not until_complete):
                return
            if has_changed:
                continue  # perhaps the player has sent a script
            controller.rate_limiter.set_rate(inf)
            if self.run.step >= end or not controller.run_slice():
                return
            controller.update_siblings()
            yield self.run.step

    def snapshot(self) -> Snapshot:
        """Return the run as it is now."""
        controller = self.controller
        return take_snapshot(
            controller.session,
            status=controller.status,
            speed=controller.rate_limiter.steps_per_second,
            script=controller.script.progress,
        )

    def close(self) -> None:
        self._siblings.stop()
        self.controller.session.close()
