"""A shell with job control that runs one program as its job, in the terminal it is started in.

It prints a line when the job stops or ends, with the line modes that it left and the input that it
left unread. While the job is stopped, enter resumes it in the foreground.
"""

import os
import select
import signal
import sys
import termios
import tty
from itertools import count
from typing import Any

from tests.terminal.fork_server import RUN_PROGRAM

RUN_AS_JOB = f"from tests.terminal.job import start_job\nstart_job()\n{RUN_PROGRAM}"
TERMINAL = 0
STOPS = (signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGQUIT)
REPLY_SECONDS = 0.5  # in which a late reply of the terminal may still come


def start_job() -> None:
    """Fork, and return in the job, which is in the foreground; the shell itself exits."""
    for number in (*STOPS, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    before = termios.tcgetattr(TERMINAL)
    job = os.fork()
    if job:
        _attend(job, before)
        sys.exit()
    os.setpgid(0, 0)
    os.tcsetpgrp(TERMINAL, os.getpid())
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _attend(job: int, before: list[Any]) -> None:
    _print(f"job {job}")
    for times in count(1):
        _, status = os.waitpid(job, os.WUNTRACED)
        os.tcsetpgrp(TERMINAL, os.getpgrp())
        modes = "as before" if termios.tcgetattr(TERMINAL) == before else "changed"
        termios.tcsetattr(TERMINAL, termios.TCSANOW, before)
        if not os.WIFSTOPPED(status):
            exit_code = os.waitstatus_to_exitcode(status)
            _print(f"ended {exit_code}, modes {modes}, unread {_unread_input()!r}")
            return
        _print(f"{times}. stopped, modes {modes}")
        sys.stdin.readline()
        os.tcsetpgrp(TERMINAL, job)
        os.killpg(job, signal.SIGCONT)


def _print(text: str) -> None:
    print(f"[{text}]", flush=True)


def _unread_input() -> bytes:
    """Return the input that a shell would now read as typed."""
    tty.setcbreak(TERMINAL)
    unread = b""
    while select.select([TERMINAL], [], [], REPLY_SECONDS)[0]:
        unread += os.read(TERMINAL, 1024)
    return unread
