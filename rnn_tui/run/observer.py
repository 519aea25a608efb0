"""The interface by which a run is recorded, or compared with its recording, as it advances."""

from math import inf
from pathlib import Path

from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run


class RunObserver:
    """Observes a run after every change and at `next_due_step`; this one does nothing.

    name                the name by which the run is listed
    path                the path of its journal, once there is one
    message             news of the observer, until `pop_message`
    warning             the reason why the run is no longer recorded
    read_only_reason    the reason why the run must not be changed, if so
    """

    name = ""
    path: Path | None = None
    next_due_step: float = inf
    message = warning = ""
    read_only_reason = ""

    def pop_message(self) -> str:
        """Return the message and clear it."""
        message, self.message = self.message, ""
        return message

    def activate(self) -> None:
        """Handle that the run becomes the current one of a session."""

    def observe(self, run: Run, keyframes: Keyframes) -> None:
        """Handle a change of `run`, or that it has reached `next_due_step`."""

    def deactivate(self, run: Run, keyframes: Keyframes) -> None:
        """Handle that `run` stops being the current one, perhaps for good."""

    def discard(self) -> None:
        """Release files, and delete them: nothing in the run is worth keeping."""
        self.close()

    def close(self) -> None:
        """Release files."""
