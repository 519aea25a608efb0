"""One slot between the worker and the screen: the newest snapshot, made only when wanted."""

from threading import Event
from typing import final

from rnn_tui.session.snapshot import Snapshot


@final
class Mailbox:
    """The screen asks and takes, the worker posts; neither ever waits for the other."""

    def __init__(self, first: Snapshot) -> None:
        self._wanted = Event()
        self._newest = first

    def take(self) -> Snapshot:
        """Return the newest snapshot there is, and ask for a newer one."""
        self._wanted.set()
        return self._newest

    @property
    def newest(self) -> Snapshot:
        """The newest snapshot there is."""
        return self._newest

    @property
    def wanted(self) -> bool:
        return self._wanted.is_set()

    def post(self, snapshot: Snapshot) -> None:
        self._newest = snapshot
        self._wanted.clear()
