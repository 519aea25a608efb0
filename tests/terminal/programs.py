"""The program without a terminal: its three standard streams are pipes."""

import os
import signal
import sys
from pathlib import Path
from threading import Timer
from time import monotonic, sleep
from typing import IO, NamedTuple, Self, final

from tests.terminal.fork_server import Start, fork

COMMAND = (sys.executable, "-m", "rnn_tui")
TIMEOUT_SECONDS = 60.0


class Completed(NamedTuple):
    """How a program ended: its exit status, -N for signal N, and its unread output."""

    returncode: int
    stdout: str
    stderr: str


@final
class Program:
    """`rnn-tui ARGUMENTS` in a fork, killed after a minute or on leaving the `with` block."""

    def __init__(self, *arguments: str) -> None:
        (stdin, writing), (reading, stdout), (errors, stderr) = (os.pipe() for _ in range(3))
        start = Start(arguments, dict(os.environ), str(Path.cwd()))
        self.process = fork(start, (stdin, stdout, stderr))
        for stream in (stdin, stdout, stderr):
            os.close(stream)
        self.stdin, self.stdout, self.stderr = map(_open_pipe, (writing, reading, errors), "wrr")
        self._returncode: int | None = None
        self._timer = Timer(TIMEOUT_SECONDS, self.send_signal, [signal.SIGKILL])
        self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._timer.cancel()
        self.send_signal(signal.SIGKILL)
        self.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                continue

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.process, number)

    def poll(self) -> int | None:
        """Return the exit status, -N for signal N; None while it runs."""
        if self._returncode is None:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                self._returncode = os.waitstatus_to_exitcode(status)
        return self._returncode

    def wait(self, timeout: float = TIMEOUT_SECONDS) -> int:
        deadline = monotonic() + timeout
        while (status := self.poll()) is None:
            assert monotonic() < deadline, f"still running after {timeout} s"
            sleep(0.002)
        return status

    def complete(self, script: str = "") -> Completed:
        """Write `script`, end its input, and return how it ends and the rest of its output."""
        self.stdin.write(script)
        self.stdin.close()
        output, errors = self.stdout.read(), self.stderr.read()
        return Completed(self.wait(), output, errors)


def _open_pipe(descriptor: int, mode: str) -> IO[str]:
    return open(descriptor, mode, buffering=1, newline="")


def run_to_end(*arguments: str, script: str = "") -> Completed:
    """Run `rnn-tui ARGUMENTS` with `script` as its input, and return its status and output."""
    with Program(*arguments) as program:
        return program.complete(script)
