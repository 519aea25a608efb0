"""A run with those who follow it, and the states from which any of its steps is soon reached."""

from time import perf_counter
from typing import final

from rnn_tui.config.settings import SettingsError
from rnn_tui.run.changes import Applied, Change
from rnn_tui.run.keyframes import Timeline
from rnn_tui.run.observer import Follower
from rnn_tui.run.run import Run
from rnn_tui.run.state import State
from rnn_tui.run.summary import Strand, strand_of


@final
class Branch:
    """Drives `run` and has it followed. Its `timeline` is the way that it has come.

    `number` tells it from the others, the first is 1; `parent` is that of the branch from which it
    was forked after `forked` steps, or 0.
    """

    def __init__(
        self,
        run: Run,
        follower: Follower,
        number: int = 1,
        parent: int = 0,
        timeline: Timeline | None = None,
    ) -> None:
        self.run, self.follower, self.number, self.parent = run, follower, number, parent
        self.forked = run.step
        self.timeline = timeline or Timeline(run.state)
        self._left: Strand | None = None  # as it was when it was left
        follower.follow(run, self.timeline)

    def advance(self, count: int) -> None:
        """Take `count` steps, or fewer where training cannot go on."""
        run, began, self._left = self.run, perf_counter(), None
        end = run.step + count
        while run.step < end and not run.halted:
            run.advance(int(min(end, self.follower.due)) - run.step)
            self.follower.follow(run, self.timeline)
        self.timeline.passed(run, perf_counter() - began)

    def apply(self, change: Change) -> Applied | None:
        """Take up `change`, as `Run.apply`; raises SettingsError, also where nothing may change."""
        if self.follower.fixed:
            raise SettingsError(self.follower.fixed)
        self._left = None
        applied = self.run.apply(change)
        self.follower.follow(self.run, self.timeline)
        return applied

    def take_up(self) -> None:
        """Turn to it, for the first time or again."""
        self.follower.take_up()
        self._left = None

    def leave(self) -> None:
        """Turn to something else, for a while or for good."""
        self.follower.leave(self.run, self.timeline)
        self._left = self._strand()
        if self.examined:
            self.run.scorekeeper.put_away()

    @property
    def examined(self) -> bool:
        """Whether the score of the step where it is is known."""
        return self.run.scorekeeper.score_step == self.run.step

    def examine(self) -> None:
        """Hold a paper of the exam of this branch, which was left before."""
        self.run.scorekeeper.proceed(self.run.trainer.model, self.run.step)
        if self.examined:
            self.run.scorekeeper.put_away()
            self._left = self._strand()

    @property
    def strand(self) -> Strand:
        """What there is to compare of it."""
        return self._left or self._strand()

    def _strand(self) -> Strand:
        name, forked = self.follower.name, self.forked if self.parent else 0
        return strand_of(self.run, self.number, name, self.timeline.seconds, self.parent, forked)

    def timeline_until(self, run: Run) -> Timeline:
        """Return the way to `run`, which leaves this one where it now is."""
        share = run.step / max(1, self.run.step)
        return self.timeline.branch(run.step, len(run.log), share * self.timeline.seconds)

    def run_from(self, state: State, changes: int | None = None) -> Run:
        """Return a run at `state` that will make the same changes again, the first so many."""
        log = self.run.log
        again = [(it.step, it.change) for it in log[state.changes : changes]]
        return Run.at(state, self.run.start, log, again)
