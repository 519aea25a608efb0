"""Threads, processor time and state of a process, from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
TIMEOUT_SECONDS = 60.0  # only a program that hangs takes so long


class Thread(NamedTuple):
    """A thread's name and its processor time in seconds."""

    name: str
    seconds: float


def threads(process: int) -> dict[int, Thread]:
    """Return the threads of `process` by their ids; the main one has the id of the process."""
    found = {}
    for task in (PROC / str(process) / "task").iterdir():
        try:
            found[int(task.name)] = Thread(*_times(task))
        except OSError:  # it has just ended
            continue
    return found


def busy(process: int) -> float:
    """Return the processor time of `process`, in seconds."""
    return _times(PROC / str(process))[1]


def state(process: int) -> str:
    """Return R, S, T (stopped), Z (a zombie) and so on; an empty string without such a process."""
    try:
        return _stat(PROC / str(process))[1][0]
    except OSError:
        return ""


def is_alive(process: int) -> bool:
    return state(process) not in ("", "Z", "X")


def marked(marker: str) -> Iterator[int]:
    """Yield the live processes that have `marker` among their arguments, except this one."""
    for directory in PROC.glob("[0-9]*"):
        process = int(directory.name)
        try:
            arguments = (directory / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if marker.encode() in arguments and process != os.getpid() and is_alive(process):
            yield process


def children(parent: int) -> list[int]:
    """Return the live processes that were started by `parent`."""
    found = []
    for directory in PROC.glob("[0-9]*"):
        try:
            state, started_by, *_ = _stat(directory)[1]
        except OSError:
            continue
        if int(started_by) == parent and state not in "ZX":
            found.append(int(directory.name))
    return found


def session(leader: int) -> list[int]:
    """Return the live processes of the session of `leader`."""
    found = []
    for directory in PROC.glob("[0-9]*"):
        try:
            state, _, _, started_by, *_ = _stat(directory)[1]
        except OSError:
            continue
        if int(started_by) == leader and state not in "ZX":
            found.append(int(directory.name))
    return found


def wait_for_end(process: int) -> None:
    """Wait until `process` has ended; raises AssertionError where it hangs."""
    deadline = monotonic() + TIMEOUT_SECONDS
    while is_alive(process):
        assert monotonic() < deadline, f"process {process} is still there"
        sleep(0.02)


def _times(directory: Path) -> tuple[str, float]:
    name, fields = _stat(directory)
    return name, (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def _stat(directory: Path) -> tuple[str, list[str]]:
    """Return the name, and the fields after it: state first."""
    head, _, tail = (directory / "stat").read_text().rpartition(")")
    return head.partition("(")[2], tail.split()
