"""The runs of a session: each has come from another, or from the same first weights."""

from collections.abc import Callable
from typing import final

from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Schedule
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.session.requests import Restart

MAX_BRANCHES = 64  # branches kept in memory; the journals of all stay
INACTIVE_KEYFRAMES = 8  # states kept of one that nobody looks at

ObserverFactory = Callable[[Run, tuple[str, int] | None], RunObserver]


@final
class Branches:
    """All branches, oldest first; `current` is the one that trains.

    `follow` makes a follower for a new run, given the name of the run and the step that it was
    forked from, if it was.
    """

    def __init__(self, first: Branch, make_observer: ObserverFactory) -> None:
        self.all, self.current, self._make_observer = [first], first, make_observer
        self._n_created = 1

    def restart(self, request: Restart) -> None:
        """Begin again with the present settings, on a branch of its own."""
        run = self.current.run.restarted(request.seed)
        self._switch_to(self._add(run, self._make_observer(run, None), None))

    def fork(self, source: Run, schedule: Schedule) -> None:
        """Begin a branch with the current run as it is `shown`, to go on by `schedule`."""
        parent = self.current
        run = Run.from_state(source.state, parent.run.initial_settings, source.log, schedule)
        run.inspector.copy_pin(source.inspector)
        self._switch_to(
            self._add(run, self._make_observer(run, (parent.observer.name, run.step)), parent)
        )

    @property
    def needs_evaluation(self) -> Branch | None:
        """One that was left before its score was known, if there is any."""
        return next((it for it in self.all if it is not self.current and not it.is_evaluated), None)

    def next(self) -> None:
        """Turn to the next branch."""
        self._switch_to(self.all[(self.all.index(self.current) + 1) % len(self.all)])

    def _add(self, run: Run, observer: RunObserver, parent: Branch | None) -> Branch:
        self._n_created += 1
        keyframes = parent.keyframes_until(run) if parent else None
        number = parent.number if parent else 0
        branch = Branch(run, observer, self._n_created, number, keyframes)
        self.all.append(branch)
        return branch

    def _switch_to(self, branch: Branch) -> None:
        if branch is self.current:
            return
        self.current.deactivate()
        self.current.keyframes.thin_to(INACTIVE_KEYFRAMES)
        self.current = branch
        branch.activate()
        others = [it for it in self.all if it is not branch]
        for oldest in others[: max(0, len(self.all) - MAX_BRANCHES)]:
            self.all.remove(oldest)
            oldest.observer.close()

    def close(self) -> None:
        """Leave all for good; those that are not current were left before."""
        self.current.deactivate()
        for branch in self.all:
            branch.observer.close()
