"""A shell of one command: `python job.py COMMAND ...`, in the terminal that it is started in.

It gives the command a job of its own, and says in a line when that stops or ends, which line modes
it left, and what it left unread for the shell. While the job is stopped, `fg` and enter goes on.
"""

import os
import select
import signal
import sys
import termios
import tty
from itertools import count

TERMINAL = 0
STOPS = (signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGINT, signal.SIGQUIT)
PATIENCE = 0.5  # seconds for which an answer that is under way may still come


def main(command: list[str]) -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    before = termios.tcgetattr(TERMINAL)
    job = os.posix_spawn(command[0], command, os.environ, setpgroup=0, setsigdef=STOPS)
    say(f"job {job}")
    os.tcsetpgrp(TERMINAL, job)
    for times in count(1):
        _, status = os.waitpid(job, os.WUNTRACED)
        os.tcsetpgrp(TERMINAL, os.getpgrp())
        modes = "as before" if termios.tcgetattr(TERMINAL) == before else "changed"
        termios.tcsetattr(TERMINAL, termios.TCSANOW, before)
        if not os.WIFSTOPPED(status):
            say(f"ended {os.waitstatus_to_exitcode(status)}, modes {modes}, unread {unread()!r}")
            break
        say(f"{times}. stopped, modes {modes}")
        sys.stdin.readline()
        os.tcsetpgrp(TERMINAL, job)
        os.killpg(job, signal.SIGCONT)


def say(words: str) -> None:
    sys.stdout.write(f"[{words}]\n")
    sys.stdout.flush()


def unread() -> bytes:
    """Return what would now be typed into the shell."""
    tty.setcbreak(TERMINAL)
    read = b""
    while select.select([TERMINAL], [], [], PATIENCE)[0]:
        read += os.read(TERMINAL, 1024)
    return read


if __name__ == "__main__":
    main(sys.argv[1:])
