"""tmux with a server of its own: keys go in by send-keys, the screen comes by capture-pane."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Self, final

from tests.terminal.environment import terminal_environment
from tests.terminal.terminal import Terminal

TMUX = shutil.which("tmux")


@final
class Multiplexer:
    """A detached tmux session that runs `rnn-tui ARGUMENTS`, to be used in a `with` block."""

    def __init__(self, *arguments: str, socket: Path, columns: int = 80, rows: int = 24) -> None:
        self._socket = socket
        size = ["-x", str(columns), "-y", str(rows)]
        run = [sys.executable, "-m", "rnn_tui", *arguments]
        self._ask("new-session", "-d", *size, "-c", os.getcwd(), *run)
        self.process = int(self._ask("display-message", "-p", "#{pane_pid}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)

    def send(self, *keys: str) -> None:
        """Press `keys`, by tmux's names for them."""
        self._ask("send-keys", *keys)

    def attach(self, columns: int, rows: int) -> Terminal:
        """Return a terminal of its own size in which the session is shown."""
        return Terminal(command=[*self._tmux, "attach-session"], columns=columns, rows=rows)

    def detach(self) -> None:
        self._ask("detach-client")

    def open(self, command: list[str]) -> None:
        """Run `command` in another window, and show that."""
        self._ask("new-window", "-c", os.getcwd(), *command)

    def end(self) -> None:
        self._ask("kill-session")

    def accept_clipboard(self) -> None:
        """Keep what programs copy by OSC 52."""
        self._ask("set-option", "-s", "set-clipboard", "on")

    @property
    def clipboard(self) -> str:
        """The text copied last."""
        return self._ask("show-buffer")

    @property
    def text(self) -> str:
        """The screen of the session, whether or not anyone is attached."""
        return self._ask("capture-pane", "-p")

    def wait_for(self, sought: Callable[[str], bool], timeout: float = 60.0) -> None:
        deadline = monotonic() + timeout
        while not sought(self.text):
            assert monotonic() < deadline, f"it did not come; the screen is\n{self.text}"
            sleep(0.05)

    @property
    def _tmux(self) -> list[str]:
        return [str(TMUX), "-f", "/dev/null", "-S", str(self._socket)]

    def _ask(self, *command: str) -> str:
        done = subprocess.run(
            [*self._tmux, *command],
            capture_output=True,
            text=True,
            check=True,
            env=terminal_environment(),
        )
        return done.stdout
