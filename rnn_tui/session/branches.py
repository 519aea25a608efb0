"""The runs of a session: each has come from another, or from the same first weights."""

from collections.abc import Callable
from typing import final

from rnn_tui.run.changes import Restart, Schedule
from rnn_tui.run.observer import Follower
from rnn_tui.run.run import Run
from rnn_tui.session.branch import Branch

MOST = 64  # branches kept in memory; the journals of all stay
LEFT_ALONE = 8  # states kept of one that nobody looks at

Follow = Callable[[Run, tuple[str, int] | None], Follower]


@final
class Branches:
    """All branches, oldest first; `current` is the one that trains.

    `follow` makes a follower for a new run, given the name of the run and the step that it was
    forked from, if it was.
    """

    def __init__(self, first: Branch, follow: Follow) -> None:
        self.all, self.current, self._follow = [first], first, follow
        self._count = 1

    def restart(self, restart: Restart) -> None:
        """Begin again with the present settings, on a branch of its own."""
        run = self.current.run.restarted(restart)
        self._turn_to(self._new(run, self._follow(run, None), None))

    def fork(self, shown: Run, schedule: Schedule) -> None:
        """Begin a branch with the current run as it is `shown`, to go on by `schedule`."""
        parent = self.current
        run = Run.at(shown.state, parent.run.start, shown.log, schedule)
        run.viewer.hold_as(shown.viewer)
        self._turn_to(self._new(run, self._follow(run, (parent.follower.name, run.step)), parent))

    @property
    def unexamined(self) -> Branch | None:
        """One that was left before its score was known, if there is any."""
        return next((it for it in self.all if it is not self.current and not it.examined), None)

    def walk(self) -> None:
        """Turn to the next branch."""
        self._turn_to(self.all[(self.all.index(self.current) + 1) % len(self.all)])

    def _new(self, run: Run, follower: Follower, parent: Branch | None) -> Branch:
        self._count += 1
        timeline = parent.timeline_until(run) if parent else None
        number = parent.number if parent else 0
        branch = Branch(run, follower, self._count, number, timeline)
        self.all.append(branch)
        return branch

    def _turn_to(self, branch: Branch) -> None:
        if branch is self.current:
            return
        self.current.leave()
        self.current.timeline.thin_to(LEFT_ALONE)
        self.current = branch
        branch.take_up()
        others = [it for it in self.all if it is not branch]
        for oldest in others[: max(0, len(self.all) - MOST)]:
            self.all.remove(oldest)
            oldest.follower.close()

    def close(self) -> None:
        """Leave all for good; those that are not current were left before."""
        self.current.leave()
        for branch in self.all:
            branch.follower.close()
