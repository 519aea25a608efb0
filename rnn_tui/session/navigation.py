"""What is looked at of a session's runs: the present of the current branch, or its past."""

from collections.abc import Callable
from time import monotonic
from typing import final

from rnn_tui.config.settings import UserError
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from rnn_tui.session.branches import Branches
from rnn_tui.session.past import Rewind
from rnn_tui.session.requests import Restart, SeekBy, SeekTo, SeekToChange

ProgressCallback = Callable[[str, float], None]


@final
class Navigator:
    """Goes to and fro in the current branch of `branches`, and from branch to branch.

    `tick` is called on the way, with what is done and for how many seconds; what it raises ends it.
    """

    def __init__(self, branches: Branches, on_progress: ProgressCallback) -> None:
        self.branches, self._on_progress = branches, on_progress
        self.rewind: Rewind | None = None

    @property
    def current(self) -> Branch:
        return self.branches.current

    @property
    def viewed_run(self) -> Run:
        """The run as it is looked at."""
        return self.rewind.run if self.rewind else self.current.run

    @property
    def is_seeking(self) -> bool:
        """Whether what is to be looked at has still to be reached."""
        return self.rewind is not None and not self.rewind.done

    def seek(self, request: SeekTo | SeekBy | SeekToChange) -> None:
        """Set out for another step; the last one is the present.

        Raises SettingsError, with nothing changed, where there is no step that is asked for.
        """
        latest_step = self.current.run.step
        viewed_step = self.rewind.target_step if self.rewind else latest_step
        match request:
            case SeekTo():
                target_step = request.resolve(latest_step)
            case SeekBy(steps):
                target_step = viewed_step + steps
            case SeekToChange(forward):
                target_step = self._next_change_step(viewed_step, forward=forward)
        inspector = self.viewed_run.inspector
        if target_step >= latest_step:
            self.rewind = None
        else:
            target_step = max(0, target_step)
            self.rewind = (
                self.rewind.seek(target_step) if self.rewind else Rewind(self.current, target_step)
            )
        self.viewed_run.inspector.copy_pin(inspector)

    def _next_change_step(self, from_step: int, *, forward: bool) -> int:
        steps = [applied.step for applied in self.current.run.log]
        if forward:
            return min((it for it in steps if it > from_step), default=self.current.run.step)
        return max((it for it in steps if it < from_step), default=0)

    def seek_now(self) -> Run:
        """Go all the way to what is to be looked at, and return it."""
        if self.rewind:
            self._finish_seek(self.rewind)
        return self.viewed_run

    def restart(self, restart: Restart) -> None:
        self.branches.restart(restart)
        self.rewind = None

    def fork(self) -> None:
        """Begin a branch at what is looked at."""
        run = self.current.run
        self.branches.fork(self.seek_now(), run.pending_changes)
        self.rewind = None

    def undo(self) -> str:
        """Go back to before the last change, on a branch of its own; return what it was.

        Raises SettingsError where there is none.
        """
        run = self.current.run
        if not run.log:
            raise UserError("nothing to undo")
        last_change = run.log[-1]
        rewind = Rewind(self.current, last_change.step, len(run.log) - 1)
        self._finish_seek(rewind)
        rewind.run.inspector.copy_pin(run.inspector)
        self.branches.fork(rewind.run, run.pending_changes)
        self.rewind = None
        return f"undone: {last_change.message}"

    def next_branch(self) -> None:
        """Turn to the next branch."""
        self.rewind = None
        self.branches.next()

    def _finish_seek(self, rewind: Rewind) -> None:
        started_at = monotonic()
        while not rewind.done:
            rewind.advance(rewind.slice_steps)
            self._on_progress(seek_progress_text(rewind), monotonic() - started_at)


def seek_progress_text(rewind: Rewind) -> str:
    """Return how far it is on the way to the step that is to be looked at."""
    fraction = (rewind.run.step - rewind.start_step) / max(
        1, rewind.target_step - rewind.start_step
    )
    return f"seeking to step {rewind.target_step:,}: {fraction:.0%}"
