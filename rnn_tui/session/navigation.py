"""What is looked at of a session's runs: the present of the current branch, or its past."""

from collections.abc import Callable
from time import monotonic
from typing import final

from rnn_tui.config.settings import SettingsError
from rnn_tui.run.changes import Look, LookAtChange, LookBy, Restart
from rnn_tui.run.run import Run
from rnn_tui.session.branch import Branch
from rnn_tui.session.branches import Branches
from rnn_tui.session.past import Past

Tick = Callable[[str, float], None]


@final
class Voyage:
    """Goes to and fro in the current branch of `branches`, and from branch to branch.

    `tick` is called on the way, with what is done and for how many seconds; what it raises ends it.
    """

    def __init__(self, branches: Branches, tick: Tick) -> None:
        self.branches, self._tick = branches, tick
        self.past: Past | None = None

    @property
    def current(self) -> Branch:
        return self.branches.current

    @property
    def shown(self) -> Run:
        """The run as it is looked at."""
        return self.past.run if self.past else self.current.run

    @property
    def under_way(self) -> bool:
        """Whether what is to be looked at has still to be reached."""
        return self.past is not None and not self.past.arrived

    def look(self, wish: Look | LookBy | LookAtChange) -> None:
        """Set out for another step; the last one is the present.

        Raises SettingsError, with nothing changed, where there is no step that is asked for.
        """
        now = self.current.run.step
        here = self.past.target if self.past else now
        match wish:
            case Look():
                target = wish.among(now)
            case LookBy(steps):
                target = here + steps
            case LookAtChange(forward):
                target = self._change_from(here, forward=forward)
        viewer = self.shown.viewer
        if target >= now:
            self.past = None
        else:
            target = max(0, target)
            self.past = self.past.seek(target) if self.past else Past(self.current, target)
        self.shown.viewer.hold_as(viewer)

    def _change_from(self, here: int, *, forward: bool) -> int:
        steps = [applied.step for applied in self.current.run.log]
        if forward:
            return min((it for it in steps if it > here), default=self.current.run.step)
        return max((it for it in steps if it < here), default=0)

    def arrive(self) -> Run:
        """Go all the way to what is to be looked at, and return it."""
        if self.past:
            self._arrive(self.past)
        return self.shown

    def restart(self, restart: Restart) -> None:
        self.branches.restart(restart)
        self.past = None

    def fork(self) -> None:
        """Begin a branch at what is looked at."""
        run = self.current.run
        self.branches.fork(self.arrive(), run.pending)
        self.past = None

    def undo(self) -> str:
        """Go back to before the last change, on a branch of its own; return what it was.

        Raises SettingsError where there is none.
        """
        run = self.current.run
        if not run.log:
            raise SettingsError("there is no change to take back")
        last = run.log[-1]
        past = Past(self.current, last.step, len(run.log) - 1)
        self._arrive(past)
        past.run.viewer.hold_as(run.viewer)
        self.branches.fork(past.run, run.pending)
        self.past = None
        return f"taken back: {last.notice}"

    def walk(self) -> None:
        """Turn to the next branch."""
        self.past = None
        self.branches.walk()

    def _arrive(self, past: Past) -> None:
        began = monotonic()
        while not past.arrived:
            past.proceed(past.at_once)
            self._tick(under_way(past), monotonic() - began)


def under_way(past: Past) -> str:
    """Return how far it is on the way to the step that is to be looked at."""
    done = (past.run.step - past.start) / max(1, past.target - past.start)
    return f"on the way to step {past.target:,}: {done:.0%}"
