"""A process that has imported the program once, and forks for each start of it.

Loading Python, numpy and Textual takes most of a second. A fork has them, and is given the
arguments, environment, folder, standard streams and session of a program that was just executed.
It is forked twice: an orphan becomes a child of the test process, which is made a subreaper, so its
process id, exit status and signals are those of a direct child.
"""

import ctypes
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import socket
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, final

from tests.terminal.environment import terminal_environment

RUN_PROGRAM = "import sys\nfrom rnn_tui.__main__ import main\nsys.exit(main())"
MAX_REQUEST_BYTES = 1 << 16
PR_SET_CHILD_SUBREAPER = 36
GC_THRESHOLD = 20_000  # objects; with the default, 700, a start takes a tenth more processor time
STREAM_OPTIONS = {  # mode, buffering and error handler, as Python itself opens them
    "stdin": ("r", -1, "surrogateescape"),
    "stdout": ("w", -1, "surrogateescape"),
    "stderr": ("w", 1, "backslashreplace"),
}
ROOT = Path(__file__).parents[2]

_lock = Lock()


@final
@dataclass(frozen=True, slots=True)
class Start:
    """Python `code` to run with these arguments, environment and working directory.

    With `leads_session` its standard input becomes its controlling terminal.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    code: str = RUN_PROGRAM
    leads_session: bool = False


def fork(start: Start, streams: Sequence[int]) -> int:
    """Start a program with three standard `streams`, and return its process id."""
    with _lock:
        server = _server()
        socket.send_fds(server, [json.dumps(asdict(start)).encode()], list(streams))
        process = int(server.recv(MAX_REQUEST_BYTES))
        server.recv(MAX_REQUEST_BYTES)  # it is our child now
    return process


@cache
def _server() -> socket.socket:
    """Start a server, which ends with this process, and return the connection to it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        theirs.set_inheritable(True)
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            terminal_environment({"PYTHONPATH": str(ROOT)}),
            setsid=True,
        )
    return ours


def main(connection: socket.socket) -> None:
    """Import the program, and run each request in a fork."""
    import rnn_tui

    for module in pkgutil.walk_packages(rnn_tui.__path__, "rnn_tui."):
        importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # or the first collection in each fork traverses, and copies, all of this
    gc.set_threshold(GC_THRESHOLD)
    code = compile(_serve(connection), "<string>", "exec")
    exec(code, {"__name__": "__main__"})


def _serve(connection: socket.socket) -> str:
    """Fork for each request; return, in the fork, the code to run."""
    while True:
        message, streams, _, _ = socket.recv_fds(connection, MAX_REQUEST_BYTES, 3)
        if not message:
            sys.exit()
        parent = os.fork()
        if not parent:
            process = os.fork()
            if process:
                connection.send(b"%d" % process)
                os._exit(0)
            connection.close()
            return _prepare(Start(**json.loads(message)), streams)
        for stream in streams:
            os.close(stream)
        os.waitpid(parent, 0)
        connection.send(b"forked")


def _prepare(start: Start, streams: Sequence[int]) -> str:
    """Give this process all that a new one would have; return its code."""
    if start.leads_session:
        os.setsid()
        fcntl.ioctl(streams[0], termios.TIOCSCTTY, 0)
    for number, (stream, options) in enumerate(zip(streams, STREAM_OPTIONS.items(), strict=True)):
        os.dup2(stream, number)
        os.close(stream)
        name, (mode, buffering, errors) = options
        file = _open_text(number, mode, buffering, errors)
        setattr(sys, name, file)
        setattr(sys, f"__{name}__", file)
    os.environ.clear()
    os.environ.update(start.environment)
    os.chdir(start.folder)
    sys.argv[1:] = start.arguments
    return start.code


def _open_text(descriptor: int, mode: str, buffering: int, errors: str) -> IO[str]:
    return open(descriptor, mode, buffering, errors=errors, closefd=False)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
