"""A dialog that opens once the requests before it are handled, so that it shows their effect."""

from collections.abc import Callable
from typing import final

from rnn_tui.session.snapshot import Snapshot, Status


@final
class PendingDialog:
    """The dialog to be opened next, if any, by a function that is called once."""

    def __init__(self) -> None:
        self._n_requests = 0  # that are handled before
        self._open: Callable[[], None] | None = None

    def set(self, n_requests: int, open_dialog: Callable[[], None]) -> None:
        """Let `open_dialog` be called once `n_requests` are handled."""
        self._n_requests, self._open = n_requests, open_dialog

    def clear(self) -> None:
        """Drop the dialog, as for another worker, which counts its own requests."""
        self._n_requests, self._open = 0, None

    @property
    def is_set(self) -> bool:
        """Whether there is a dialog to be opened."""
        return self._open is not None

    def waits_for(self, snapshot: Snapshot) -> bool:
        """Return whether requests before the dialog are not handled as of `snapshot`."""
        is_failed = snapshot.status is Status.FAILED
        return snapshot.requests_handled < self._n_requests and not is_failed

    def open_if_due(self, snapshot: Snapshot) -> None:
        """Open the dialog, if there is one and the requests before it are handled."""
        if self._open and not self.waits_for(snapshot):
            open_dialog, self._open = self._open, None
            open_dialog()
