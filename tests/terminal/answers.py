"""How a terminal may answer what a program asks: at once, in pieces, late, or never."""

from collections.abc import Callable
from threading import Timer
from time import sleep

Write = Callable[[bytes], None]
Answer = Callable[[Write, bytes], None]

TORN_APART = 0.2  # seconds
FAR_AWAY = 0.3  # seconds there and back


def at_once(write: Write, answer: bytes) -> None:
    write(answer)


def in_pieces(write: Write, answer: bytes) -> None:
    for place in range(len(answer)):
        write(answer[place : place + 1])
        sleep(0.002)


def torn(write: Write, answer: bytes) -> None:
    """Answer in two pieces, so far apart that the first could be a key by itself."""
    write(answer[:2])
    sleep(TORN_APART)
    write(answer[2:])


def late(write: Write, answer: bytes) -> None:
    timer = Timer(FAR_AWAY, write, [answer])
    timer.daemon = True
    timer.start()


def never(_write: Write, _answer: bytes) -> None:
    pass
